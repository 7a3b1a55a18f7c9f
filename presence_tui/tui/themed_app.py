"""The themes and styles of the application.

Texts of Textual's own themes have less contrast than 4.5:1 on some surfaces, and no colours for states. A
colour too close to a surface is moved towards black or white until its contrast is sufficient on all.

Styles that the first screen does not need are in separate files, read before their first use. The library
would read such a file after styling the first widget, and then style the whole screen again.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal

from textual.app import App
from textual.color import Color
from textual.css.stylesheet import Stylesheet
from textual.screen import ModalScreen, Screen
from textual.theme import Theme

from presence_tui.tui.terminal_reports import BackgroundReported, can_ask_background
from presence_tui.tui.textual_internals import Answered
from presence_tui.tui.themes import DARK, FOREIGN_THEMES, LIGHT, STATE_VARIABLES, THEMES, theme_names

_STYLES: Final = Path(__file__).parent / "styles"
READABLE: Final = 4.5
"""WCAG 2, success criterion 1.4.3, level AA. We require a little more, because colours are rounded."""
_ASKED: Final = READABLE + 0.6
_STEPS: Final = 50
_CURSOR_SHARE: Final = 0.2
_QUIET_CURSOR_SHARE: Final = 0.1
_EDGE_SHARE: Final = 0.3
_TEXTS: Final = ("foreground", "secondary", "accent", "warning", "error", "success")
_STATES: Final = [name for name in STATE_VARIABLES if name.startswith("state-")]


def readable(theme: Theme) -> Theme:
    """Return the theme adjusted for this screen."""
    generated = theme.to_color_system().generate()
    surfaces = [Color.parse(generated[name]).rgb for name in ("background", "surface", "panel")]
    background, primary = (Color.parse(generated[name]) for name in ("background", "primary"))
    cursors = [background.blend(primary, share) for share in (_CURSOR_SHARE, _QUIET_CURSOR_SHARE)]
    behind = [*(Color(*surface) for surface in surfaces), *cursors]

    def fitted(colour: str) -> str:
        return _fitted(Color.parse(colour), behind, towards_white=theme.dark).hex

    own = STATE_VARIABLES if theme.dark else next(each for each in THEMES if each.name == LIGHT).variables
    texts = {name: fitted(generated[name]) for name in _TEXTS}
    edge = background.blend(Color.parse(texts["foreground"]), _EDGE_SHARE).hex
    variables = {
        **theme.variables,
        **{name: fitted(own[name]) for name in (*_STATES, "quiet")},
        "cursor": cursors[0].hex,
        "cursor-quiet": cursors[1].hex,
        "border": fitted(generated["primary"]),
        "border-blurred": edge,
        "footer-background": generated["surface"],
        "footer-key-foreground": texts["accent"],
        "footer-description-foreground": texts["foreground"],
    }
    changed = replace(theme, variables=variables)
    for name, colour in texts.items():
        setattr(changed, name, colour)
    return changed


def _fitted(colour: Color, behind: Sequence[Color], *, towards_white: bool) -> Color:
    """The nearest colour towards white or black that is readable on all of these."""
    end = Color(255, 255, 255) if towards_white else Color(0, 0, 0)
    ways = (colour.rgb if step == 0 else colour.blend(end, step / _STEPS).rgb for step in range(_STEPS + 1))
    found = (Color(*way) for way in ways)
    return next((each for each in found if min(_contrast(each, other) for other in behind) >= _ASKED), end)


def _contrast(one: Color, other: Color) -> float:
    darker, lighter = sorted(_luminance(each) for each in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    """Relative luminance, as defined by WCAG 2."""
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def read_styles(styles: Stylesheet, name: Literal["dialogs", "views", "wallboard"]) -> None:
    """Read a style file, if not done yet."""
    path = _STYLES / f"{name}.tcss"
    if not styles.has_source(str(path)):
        styles.read(path)
        styles.parse()


class ThemedApp(App[None]):
    """A base class. Offers our themes, and the library's ones in readable colours."""

    _has_own_themes = False

    def __init__(self) -> None:
        super().__init__()
        self._readable_themes: dict[str, Theme] = {}
        self.follows_background = False
        """True to choose the light theme if the terminal reports a light background."""

    def use_theme(self, name: str) -> None:
        """Register our themes, and begin with this one."""
        for own in THEMES:
            self.register_theme(own)
        self._has_own_themes = True
        self.theme = name

    @property
    def available_themes(self) -> dict[str, Theme]:
        own = {theme.name: theme for theme in THEMES}
        return {name: own.get(name) or FOREIGN_THEMES[name] for name in theme_names()}

    def get_theme(self, theme_name: str) -> Theme | None:
        if theme_name not in FOREIGN_THEMES or not self._has_own_themes:
            # The library starts with one of its own themes, which is never shown.
            return super().get_theme(theme_name)
        if theme_name not in self._readable_themes:
            self._readable_themes[theme_name] = readable(FOREIGN_THEMES[theme_name])
        return self._readable_themes[theme_name]

    @property
    def asks_background(self) -> bool:
        """True if the terminal's reported background may choose the theme."""
        return self.follows_background and can_ask_background()

    def on_background_reported(self, event: BackgroundReported) -> None:
        if self.follows_background and self.theme in (DARK, LIGHT):
            self.theme = LIGHT if event.is_light else DARK
        # Asked only once; a theme chosen later stays.
        self.follows_background = False

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(STATE_VARIABLES)

    def refresh_css(self, animate: bool = True) -> None:
        if self.screen_stack:
            super().refresh_css(animate)
        else:
            # Only the theme's variables: without a screen, parsing every rule would be wasted.
            self.stylesheet.set_variables(self.get_css_variables())

    def push_screen(self, screen: Screen[Answered] | str, *args: Any, **options: Any) -> Any:
        if isinstance(screen, ModalScreen):
            read_styles(self.stylesheet, "dialogs")
        if isinstance(screen, Screen):
            self.set_size_classes(screen)
        return super().push_screen(screen, *args, **options)

    def set_size_classes(self, screen: Screen[Answered]) -> None:
        """Set the classes for the size of a screen before it is styled.

        Otherwise it would be styled again and painted twice on its first resize.
        """
        width, height = self.size
        for cells, breakpoints in ((width, self.HORIZONTAL_BREAKPOINTS), (height, self.VERTICAL_BREAKPOINTS)):
            fitting = [name for least, name in sorted(breakpoints or ()) if cells >= least]
            screen.add_class(*fitting[-1:], update=False)
