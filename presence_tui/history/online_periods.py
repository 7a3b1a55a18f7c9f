"""Online periods of a participant, as far as they were observed.

The beginning or end of a period is *seen* if an event reported it. If a snapshot or a REST answer reported it
after a gap, it lies somewhere in that gap, and only the time that is certain counts.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from presence_tui.history.spans import Span


class FlagRow(NamedTuple):
    """One recorded change of flag."""

    at_s: float
    flag_before: bool | None
    flag: bool | None
    seen: bool
    """True for an event."""


class OnlinePeriod(NamedTuple):
    """A period online."""

    began_s: float | None
    """``None`` if it began before the stored history."""
    began_seen: bool
    ended_s: float | None
    """``None`` while it lasts."""
    ended_seen: bool

    def length_s(self, now_s: float) -> float | None:
        """Minimum length; ``None`` if its start is unknown."""
        if self.began_s is None:
            return None
        return max(0.0, (now_s if self.ended_s is None else self.ended_s) - self.began_s)

    @property
    def is_certain(self) -> bool:
        """True if its length is exact, or still growing from an observed start."""
        return self.began_seen and (self.ended_s is None or self.ended_seen)


def online_periods(rows: Iterable[FlagRow], coverage: Sequence[Span]) -> list[OnlinePeriod]:
    """Periods in order. ``rows`` are in order of time; changes recorded by two runs count once.

    ``coverage`` is merged, and gives the earliest time of an end that was not observed.
    """
    found: list[OnlinePeriod] = []
    here: OnlinePeriod | None = None
    is_first = True
    for row in rows:
        if here is None and is_first and row.flag_before is True:
            here = OnlinePeriod(None, False, None, False)
        is_first = False
        if row.flag is True and here is None:
            here = OnlinePeriod(row.at_s, row.seen, None, False)
        elif row.flag is not True and here is not None:
            ended_s = row.at_s if row.seen else _last_watched_s(row.at_s, coverage, here.began_s)
            found.append(here._replace(ended_s=ended_s, ended_seen=row.seen))
            here = None
    return found if here is None else [*found, here]


def _last_watched_s(at_s: float, coverage: Sequence[Span], began_s: float | None) -> float:
    """Until when the participant was certainly online, if first reported offline at ``at_s``."""
    until_s = max((span.until_s for span in coverage if span.until_s < at_s), default=None)
    latest_s = at_s if until_s is None else until_s
    return latest_s if began_s is None else max(latest_s, began_s)
