"""How many of a conversation were online over time: a step function with gaps, bounded in memory."""

from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

STEPS_S: Final = (5, 15, 60, 180, 600)
"""Seconds that a column of a graph can stand for."""
UNSEEN_AFTER_S: Final = 5.0
"""Seconds without a record after which nothing is known: the program was suspended, say."""
_LEAST_BETWEEN_S: Final = 1.0
"""Of changes closer to each other, the latest is kept."""
_MOST_POINTS: Final = 4_096


class Columns(NamedTuple):
    """A graph's columns, the latest last."""

    step_s: int
    """Seconds that each column stands for."""
    means: list[float | None]
    """Mean count of each column, weighted by time; ``None`` if nothing of it is known."""
    most: int
    """The largest count in that time; 0 if none is known."""


class _Point(NamedTuple):
    at_s: float
    online: int | None
    """The count from then on; ``None`` if unknown."""


class OnlineCounts:
    """Counts of one conversation. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._points: deque[_Point] = deque(maxlen=_MOST_POINTS)
        self._recorded_s = 0.0

    def record(self, at_s: float, online: int | None) -> None:
        """Record a count, or that none is known. Call it at least every ``UNSEEN_AFTER_S``."""
        points = self._points
        if points and at_s - self._recorded_s > UNSEEN_AFTER_S and points[-1].online is not None:
            points.append(_Point(self._recorded_s, None))
        self._recorded_s = at_s
        if not points:
            if online is not None:
                points.append(_Point(at_s, online))
        elif points[-1].online != online:
            if at_s - points[-1].at_s < _LEAST_BETWEEN_S:
                at_s = points.pop().at_s
            points.append(_Point(at_s, online))

    def columns(self, number: int) -> Columns:
        """The time since the first record in at most ``number`` columns, as of the last record.

        Columns stand for the shortest of ``STEPS_S`` that has room for all of it, and begin at its
        multiples. What is older than ``number`` of the longest is left out.
        """
        if not self._points:
            return Columns(STEPS_S[0], [], 0)
        end_s, first_s = self._recorded_s, self._points[0].at_s
        step_s = next((step for step in STEPS_S if end_s // step - first_s // step < number), STEPS_S[-1])
        last = int(end_s // step_s)
        first = max(int(first_s // step_s), last - number + 1)
        sums, known, most = [0.0] * (last - first + 1), [0.0] * (last - first + 1), 0
        for from_s, to_s, online in self._stretches():
            if to_s >= first * step_s:
                most = max(most, online)
            for column in range(max(first, int(from_s // step_s)), int(to_s // step_s) + 1):
                inside_s = min(to_s, (column + 1) * step_s) - max(from_s, column * step_s)
                sums[column - first] += online * inside_s
                known[column - first] += inside_s
        means = [total / span if span > 0 else None for total, span in zip(sums, known, strict=True)]
        if means[-1] is None and (now := self._points[-1].online) is not None:
            # A column that has only just begun.
            means[-1] = float(now)
        return Columns(step_s, means, most)

    def _stretches(self) -> Iterator[tuple[float, float, int]]:
        """From, to and count of each time with a known count."""
        for point, after in pairwise([*self._points, _Point(self._recorded_s, None)]):
            if point.online is not None:
                yield point.at_s, after.at_s, point.online
