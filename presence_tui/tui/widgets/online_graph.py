"""A graph of how many were online over time, drawn in block characters."""

from collections.abc import Sequence
from typing import Final

from presence_tui.domain.online_counts import Columns
from presence_tui.text.language import Language
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.widgets.cells import fitted

_BARS_ROWS: Final = 4
GRAPH_ROWS: Final = _BARS_ROWS + 2
_PARTS: Final = " ▁▂▃▄▅▆▇"
"""Eighths of a cell, from the bottom."""
UNKNOWN: Final = "·"


def graph_rows(columns: Columns, width: int, language: Language, glyphs: Glyphs) -> list[str]:
    """A heading with the largest count, bars on a scale from zero, and the time that is shown.

    A column without a known count is a dot; before the first one there is nothing.
    """
    span = language.span(columns.step_s * width)
    return [
        _between(language.say("Online"), language.say("up to {n}", n=columns.most), width),
        *(_bars(columns.means, columns.most, row, width, glyphs) for row in reversed(range(_BARS_ROWS))),
        _between(language.say("{age} ago", age=span), language.say("now"), width),
    ]


def _bars(means: Sequence[float | None], most: int, row: int, width: int, glyphs: Glyphs) -> str:
    """One row of the bars; row 0 is the lowest."""
    return "".join(_cell(mean, most, row, glyphs) for mean in means[-width:]).rjust(width)


def _cell(mean: float | None, most: int, row: int, glyphs: Glyphs) -> str:
    if mean is None:
        return " " if row else UNKNOWN
    eighths = round(8 * _BARS_ROWS * mean / most) if most else 0
    if mean and not eighths:
        # Somebody is more than nobody.
        eighths = 1
    inside = min(max(eighths - 8 * row, 0), 8)
    return glyphs.block if inside == 8 else _PARTS[inside]


def _between(left: str, right: str, width: int) -> str:
    """Texts at both ends; without room for both, the left one."""
    gap = width - len(left) - len(right)
    return f"{left}{' ' * gap}{right}" if gap > 0 else fitted(left, width)
