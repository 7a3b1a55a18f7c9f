"""What the terminal shows, so that only changed cells of a line are written.

An age changes each second, the name beside it never.
"""

from collections.abc import Sequence
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
        start, end = line.x, line.x + line.strip.cell_length
        row = self._rows.setdefault(line.y, [])
        for at, shown in enumerate(row):
            if shown.x == start and shown.x + shown.strip.cell_length == end:
                row[at] = line
                return _changed_part(shown, line)
        # Lines of a row never overlap.
        row[:] = [shown for shown in row if shown.x >= end or shown.x + shown.strip.cell_length <= start]
        row.append(line)
        return line


def _changed_part(shown: Line, line: Line) -> Line | None:
    """The cells of a line from the first to the last that changed."""
    if shown.strip is line.strip:
        return None
    before, after = list(shown.strip), list(line.strip)
    start = _equal_at_start(before, after)
    if start == len(before) == len(after):
        return None
    end = _equal_at_end(before, after, start)
    changed = after[start : len(after) - end]
    x = line.x + sum(segment.cell_length for segment in after[:start])
    if len(changed) == len(before) - start - end == 1:
        x, changed = _changed_text(x, before[start], changed[0])
    return Line(x, line.y, Strip(changed))


def _changed_text(x: int, before: Segment, after: Segment) -> tuple[int, list[Segment]]:
    """The column and the changed characters of a segment, which is at ``x``."""
    if before.style != after.style or before.cell_length != after.cell_length:
        return x, [after]
    start = _equal_at_start(before.text, after.text)
    end = _equal_at_end(before.text, after.text, start)
    text = after.text[start : len(after.text) - end]
    return x + cell_len(after.text[:start]), [Segment(text, after.style)]


def _equal_at_start(before: Sequence[object], after: Sequence[object]) -> int:
    """Number of equal items at the start."""
    count = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        count += 1
    return count


def _equal_at_end(before: Sequence[object], after: Sequence[object], start: int) -> int:
    """Number of equal items at the end, without the first ``start``."""
    count, most = 0, min(len(before), len(after)) - start
    while count < most and before[-1 - count] == after[-1 - count]:
        count += 1
    return count
