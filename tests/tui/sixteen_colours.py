"""The appearance of colours in a terminal with its own palette: that of xterm."""

from typing import Final

from rich.color import Color
from rich.terminal_theme import TerminalTheme

_BLACK = (0, 0, 0)
_WHITE = (229, 229, 229)
XTERM: Final = TerminalTheme(
    _BLACK,
    _WHITE,
    [
        _BLACK,
        (205, 0, 0),
        (0, 205, 0),
        (205, 205, 0),
        (0, 0, 238),
        (205, 0, 205),
        (0, 205, 205),
        _WHITE,
    ],
    [
        (127, 127, 127),
        (255, 0, 0),
        (0, 255, 0),
        (255, 255, 0),
        (92, 92, 255),
        (255, 0, 255),
        (0, 255, 255),
        (255, 255, 255),
    ],
)
"""Defaults of xterm (XTerm-col.ad)."""


def seen(colour: Color) -> str:
    """The colour as displayed, as ``#rrggbb``."""
    return colour.get_truecolor(XTERM).hex
