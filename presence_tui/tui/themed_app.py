"""The themes of the application, and the choice by the terminal's background."""

from textual.app import App
from textual.theme import Theme

from presence_tui.tui.terminal_background import BackgroundReported, can_be_asked
from presence_tui.tui.themes import DARK, FOREIGN_THEMES, LIGHT, STATE_VARIABLES, THEMES, theme_names


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
            from presence_tui.tui.readable_themes import readable

            self._readable_themes[theme_name] = readable(FOREIGN_THEMES[theme_name])
        return self._readable_themes[theme_name]

    @property
    def asks_background(self) -> bool:
        """True if the terminal's reported background may choose the theme."""
        return self.follows_background and can_be_asked()

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
