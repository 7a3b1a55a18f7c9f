"""What changed while nobody could watch: told once, when the link is back and everything was read again.

What an event of the new connection said was *seen*. What only follows from how it was before and how it is
now is *inferred*: nobody knows when it happened, or how often.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Source
from presence_tui.store import Record

MIN_GAP_S: Final = 60.0
"""A gap shorter than this is a hiccup, whose corrections speak for themselves."""
CLOCK_TOLERANCE_S: Final = 5.0
"""An activity counts as one within the gap if it is inside by more than clocks may differ."""


@dataclass(frozen=True, slots=True)
class GapSummary:
    """How many of a conversation came and left between two moments (Unix seconds)."""

    since_s: float
    until_s: float
    came: int = 0
    left: int = 0
    passed: int = 0
    """Offline before and after, and active in between: they were here meanwhile."""
    unsure: int = 0
    """Of these the gateway has told nothing since; what is shown is from before."""
    seen: int = 0
    """Of those who came and left: how many were seen doing so."""

    @property
    def gap_s(self) -> float:
        return self.until_s - self.since_s


class Gap:
    """A time without a link, from its beginning. Collects what it takes to sum it up."""

    def __init__(self, since_s: float) -> None:
        self.since_s = since_s
        self._flags_before: dict[str, bool | None] = {}

    def record(self, changes: Iterable[Change]) -> None:
        """These happened, or came to be known, before it was summed up."""
        for change in changes:
            self._flags_before.setdefault(change.key, change.flag_before)

    def flag_before(self, record: Record) -> bool | None:
        """The flag as it was when the absence began."""
        return self._flags_before.get(record.key, record.flag)


class GapCounter:
    """Sums an absence up, a few records at a time.

    ``back_s`` is when the link was live again, ``until_s`` when everything was read; ``skew_s`` is the
    gateway's clock minus ours.
    """

    def __init__(self, gap: Gap, *, back_s: float, until_s: float, skew_s: float) -> None:
        self._gap = gap
        self._back_s = back_s
        self._until_s = until_s
        self._skew_s = skew_s
        self._came = self._left = self._passed = self._unsure = self._seen = 0

    def add(self, records: Iterable[Record]) -> None:
        """Count these in."""
        for record in records:
            if record.source is not None:
                self._count(record)

    @property
    def summary(self) -> GapSummary:
        return GapSummary(
            self._gap.since_s,
            self._until_s,
            self._came,
            self._left,
            self._passed,
            self._unsure,
            self._seen,
        )

    def _count(self, record: Record) -> None:
        before, flag = self._gap.flag_before(record), record.flag
        if max(record.received_s, record.checked_s or 0.0) < self._back_s:
            self._unsure += 1
        elif before is False and flag is False:
            self._passed += self._was_active(record)
        elif None not in (before, flag) and before is not flag:
            self._came += flag is True
            self._left += flag is False
            self._seen += record.source is Source.EVENT and record.received_s >= self._back_s

    def _was_active(self, record: Record) -> bool:
        if record.last_active_s is None:
            return False
        active_s = record.last_active_s - self._skew_s
        return self._gap.since_s + CLOCK_TOLERANCE_S < active_s < self._back_s
