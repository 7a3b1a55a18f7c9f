"""Online periods of a participant, as far as they were observed.

The beginning or end of a period is *seen* if an event reported it. If a snapshot or a REST answer reported it
after a gap, it lies somewhere in that gap, and only the time that is certain counts.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from presence_tui.history.spans import Span


class FlagRow(NamedTuple):
    """One change of a flag, as recorded."""

    at_s: float
    flag_before: bool | None
    flag: bool | None
    seen: bool
    """True where an event said so as it happened."""


class OnlinePeriod(NamedTuple):
    """A time online."""

    began_s: float | None
    """``None`` where it began before anything that is kept."""
    began_seen: bool
    ended_s: float | None
    """``None`` while it lasts."""
    ended_seen: bool

    def length_s(self, now_s: float) -> float | None:
        """How long it lasted at least; ``None`` where its beginning is not known."""
        if self.began_s is None:
            return None
        return max(0.0, (now_s if self.ended_s is None else self.ended_s) - self.began_s)

    @property
    def is_certain(self) -> bool:
        """True where its length is exact, or still growing from a beginning that was seen."""
        return self.began_seen and (self.ended_s is None or self.ended_seen)


def online_periods(rows: Iterable[FlagRow], coverage: Sequence[Span]) -> list[OnlinePeriod]:
    """Sessions in their order. ``rows`` are in the order of time; what two runs recorded counts once.

    ``watched`` is merged, and decides when an end that nobody saw happened at the earliest.
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
    """Until when they certainly were online, before somebody said at ``at_s`` that they are not."""
    until_s = max((span.until_s for span in coverage if span.until_s < at_s), default=None)
    latest_s = at_s if until_s is None else until_s
    return latest_s if began_s is None else max(latest_s, began_s)
