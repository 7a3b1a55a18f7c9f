"""How many of a conversation were online over time: a step function with gaps, bounded in memory."""

from typing import Final, NamedTuple

STEPS_S: Final = (5, 15, 60, 180, 600)
"""Seconds that a column of a graph can stand for."""
UNSEEN_AFTER_S: Final = 5.0
"""Seconds without a record after which nothing is known: the program was suspended, say."""
_LEAST_BETWEEN_S: Final = 1.0
"""Minimum interval; of closer changes only the last is kept."""
_MOST_COLUMNS: Final = 512
"""Columns kept for each of ``STEPS_S``."""


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


class _Column(NamedTuple):
    sum_s: float = 0.0
    """Count × seconds."""
    known_s: float = 0.0
    """Seconds with a known count."""
    most: int = 0


_EMPTY: Final = _Column()


class OnlineCounts:
    """Counts of one conversation. Times are monotonic seconds.

    Columns of every step are summed as counts end, so that a graph costs the same for any length of history.
    """

    def __init__(self) -> None:
        self._columns: dict[int, dict[int, _Column]] = {step_s: {} for step_s in STEPS_S}
        """By step and number of the column (its start divided by the step), without the latest count."""
        self._first_s = 0.0
        self._latest: _Point | None = None
        self._recorded_s = 0.0

    def record(self, at_s: float, online: int | None) -> None:
        """Record a count, or that none is known. Call it at least every ``UNSEEN_AFTER_S``."""
        latest, recorded_s = self._latest, self._recorded_s
        self._recorded_s = at_s
        if latest is None:
            if online is not None:
                self._first_s, self._latest = at_s, _Point(at_s, online)
            return
        if at_s - recorded_s > UNSEEN_AFTER_S and latest.online is not None:
            latest = self._follow(latest, _Point(recorded_s, None))
        if latest.online != online:
            if at_s - latest.at_s < _LEAST_BETWEEN_S:
                self._latest = _Point(latest.at_s, online)
            else:
                self._follow(latest, _Point(at_s, online))

    def columns(self, number: int) -> Columns:
        """The time since the first record in at most ``number`` columns, as of the last record.

        Columns stand for the shortest of ``STEPS_S`` that has room for all of it, and begin at its
        multiples. What is older than ``number`` of the longest is left out. O(``number``).
        """
        if self._latest is None:
            return Columns(STEPS_S[0], [], 0)
        end_s, first_s = self._recorded_s, self._first_s
        step_s = next((step for step in STEPS_S if end_s // step - first_s // step < number), STEPS_S[-1])
        last = int(end_s // step_s)
        first = max(int(first_s // step_s), last - number + 1)
        at_s, now = self._latest
        columns = {each: self._columns[step_s].get(each, _EMPTY) for each in range(first, last + 1)}
        if now is not None:
            _add(columns, step_s, (at_s, end_s), now, first)
        means = [column.sum_s / column.known_s if column.known_s > 0 else None for column in columns.values()]
        if means[-1] is None and now is not None:
            # A column that has only just begun.
            means[-1] = float(now)
        return Columns(step_s, means, max(column.most for column in columns.values()))

    def _follow(self, latest: _Point, point: _Point) -> _Point:
        """Add the time of the latest count to the columns; ``point`` is the latest from then on."""
        if latest.online is not None:
            for step_s, columns in self._columns.items():
                oldest = int(point.at_s // step_s) - _MOST_COLUMNS + 1
                _add(columns, step_s, (latest.at_s, point.at_s), latest.online, oldest)
                while len(columns) > _MOST_COLUMNS:
                    del columns[next(iter(columns))]
        self._latest = point
        return point


def _add(
    columns: dict[int, _Column], step_s: int, span_s: tuple[float, float], online: int, first: int
) -> None:
    """Add a time with a known count to the columns that it touches, from ``first`` on."""
    from_s, to_s = span_s
    for number in range(max(first, int(from_s // step_s)), int(to_s // step_s) + 1):
        inside_s = min(to_s, (number + 1) * step_s) - max(from_s, number * step_s)
        sum_s, known_s, most = columns.get(number, _EMPTY)
        columns[number] = _Column(sum_s + online * inside_s, known_s + inside_s, max(most, online))
