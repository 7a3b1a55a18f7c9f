"""What the terminal shows, so that only changed cells of a line are written.

An age changes each second, the name beside it never.
"""

from collections.abc import Iterable
from itertools import takewhile
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip


class Line(NamedTuple):
    """Column and row, from zero, and the content."""

    x: int
    y: int
    strip: Strip


class ShownLines:
    """The last content of each line that was written."""

    def __init__(self) -> None:
        self._rows: dict[int, list[Line]] = {}

    def clear(self) -> None:
        """Forget everything, because it was written otherwise."""
        self._rows.clear()

    def forget_row(self, y: int) -> None:
        """Forget a row, because it was written otherwise."""
        self._rows.pop(y, None)

    def record(self, line: Line) -> Line | None:
        """Record a line that is about to be written, and return its changed part; ``None`` without one."""
        row = self._rows.setdefault(line.y, [])
        covered = [shown for shown in row if _overlap(shown, line)]
        for shown in covered:
            row.remove(shown)
        row.append(line)
        if len(covered) == 1 and _columns(covered[0]) == _columns(line):
            return _changed_part(covered[0], line)
        return line


def _columns(line: Line) -> tuple[int, int]:
    return line.x, line.x + line.strip.cell_length


def _overlap(one: Line, other: Line) -> bool:
    (start, end), (other_start, other_end) = _columns(one), _columns(other)
    return start < other_end and other_start < end


def _changed_part(shown: Line, line: Line) -> Line | None:
    """The cells of a line from the first to the last that changed."""
    before, after = list(shown.strip), list(line.strip)
    if before == after:
        return None
    start = _count_equal(before, after)
    rest = min(len(before), len(after)) - start
    end = _count_equal(before[::-1][:rest], after[::-1][:rest])
    changed = after[start : len(after) - end]
    x = line.x + sum(segment.cell_length for segment in after[:start])
    if len(changed) == len(before) - start - end == 1:
        x, changed = _changed_text(x, before[start], changed[0])
    return Line(x, line.y, Strip(changed))


def _changed_text(x: int, before: Segment, after: Segment) -> tuple[int, list[Segment]]:
    """The column and the changed characters of a segment, which is at ``x``."""
    if before.style != after.style or before.cell_length != after.cell_length:
        return x, [after]
    start = _count_equal(before.text, after.text)
    rest = min(len(before.text), len(after.text)) - start
    end = _count_equal(before.text[::-1][:rest], after.text[::-1][:rest])
    text = after.text[start : len(after.text) - end]
    return x + cell_len(after.text[:start]), [Segment(text, after.style)]


def _count_equal(before: Iterable[object], after: Iterable[object]) -> int:
    """Number of equal items at the start."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
