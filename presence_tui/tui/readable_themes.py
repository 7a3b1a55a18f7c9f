"""Textual's own themes, with colours adjusted for readable text.

Their text has less contrast than 4.5:1 on some surfaces, and they have no colours for states. A
colour too close to a surface is moved towards black or white until its contrast is sufficient on all.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from textual.color import Color
from textual.theme import Theme

from presence_tui.tui.themes import LIGHT, STATE_VARIABLES, THEMES

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
