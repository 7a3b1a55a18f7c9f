"""Summary of a gap, made once after its resync: what changed in it, and what it has hidden.

A change reported by an event of the new connection was *seen*. One that only follows from the states
before and after is *inferred*: its time and number are unknown.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause, Source
from presence_tui.domain.missed_events import MissedEvents, estimate_missed
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.link import Link, LinkState, LinkStatus
from presence_tui.monitor.signals import Signal
from presence_tui.store import PresenceStore, Record

MIN_GAP_S: Final = 60.0
"""For shorter gaps, only missed events are reported; their corrections are listed one by one."""
CLOCK_TOLERANCE_S: Final = 5.0
"""Activity counts as within the gap only if it is inside by more than clocks may differ."""
RECORDS_PER_STEP: Final = 5_000
"""Records per iteration of the loop: a few milliseconds, then the screen can draw."""


@dataclass(frozen=True, slots=True)
class GapSummary:
    """Number of arrivals and departures in a conversation between two times (Unix seconds)."""

    since_s: float
    until_s: float
    came: int = 0
    left: int = 0
    passed: int = 0
    """Offline before and after, but active in between."""
    unsure: int = 0
    """Not mentioned by the gateway since; shown as before the gap."""
    seen: int = 0
    """How many of ``came`` and ``left`` were seen."""
    missed: MissedEvents | None = None
    """What the gap has hidden; ``None`` if unknown."""

    @property
    def is_long(self) -> bool:
        """True if what changed is worth its own numbers."""
        return self.gap_s >= MIN_GAP_S

    @property
    def gap_s(self) -> float:
        return self.until_s - self.since_s


class Gap:
    """A gap in progress. Collects the flags from before it."""

    def __init__(self, since_s: float, *, epoch: int = 0, recoveries: int = 0, replayed: int = 0) -> None:
        """The epoch and the counts before the gap."""
        self.since_s = since_s
        self._epoch = epoch
        self._recoveries = recoveries
        self._replayed = replayed
        self._flags_before: dict[str, bool | None] = {}
        self._corrected: set[str] = set()

    def record(self, changes: Iterable[Change]) -> None:
        """Record changes until the summary is made."""
        for change in changes:
            self._flags_before.setdefault(change.key, change.flag_before)
            is_flip = change.flag is not change.flag_before and not change.first_told
            # A later activity alone may not have been an event.
            if is_flip and change.cause is Cause.RECONCILED:
                self._corrected.add(change.key)

    def flag_before(self, record: Record) -> bool | None:
        """The flag at the start of the gap."""
        return self._flags_before.get(record.key, record.flag)

    def missed(self, back_s: float, epoch: int, counters: EventCounters, own_key: str) -> MissedEvents:
        """What it has hidden, after the resync of ``epoch``; events arrive again since ``back_s``."""
        at_least = len(self._corrected - {own_key})
        recoveries = counters.recoveries - self._recoveries
        # Every connection since has to continue the session of the one before.
        is_recovered = 0 < recoveries == epoch - self._epoch
        gap_s = max(0.0, back_s - self.since_s)
        estimate = None if is_recovered else estimate_missed(*counters.status_rate.observed, gap_s)
        replayed = counters.replayed - self._replayed
        return MissedEvents(self.since_s, back_s, at_least, estimate, is_recovered, replayed)


class GapCounter:
    """Counts the changes of a gap, a few records at a time.

    ``back_s`` is when the link was live again, ``until_s`` when the resync ended; ``skew_s`` is the
    gateway's clock minus ours.
    """

    def __init__(
        self,
        gap: Gap,
        *,
        back_s: float,
        until_s: float,
        skew_s: float,
        missed: MissedEvents | None = None,
    ) -> None:
        self._gap = gap
        self._missed = missed
        self._back_s = back_s
        self._until_s = until_s
        self._skew_s = skew_s
        self._came = self._left = self._passed = self._unsure = self._seen = 0

    def add(self, records: Iterable[Record]) -> None:
        """Count these records."""
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
            self._missed,
        )

    def _count(self, record: Record) -> None:
        before, flag = self._gap.flag_before(record), record.flag
        is_recovered = self._missed is not None and self._missed.is_recovered
        heard_from_s = self._gap.since_s if is_recovered else self._back_s
        if max(record.received_s, record.checked_s or 0.0) < heard_from_s:
            self._unsure += 1
        elif before is False and flag is False:
            self._passed += self._was_active(record)
        elif None not in (before, flag) and before is not flag:
            self._came += flag is True
            self._left += flag is False
            self._seen += record.source is Source.EVENT and record.received_s >= heard_from_s

    def _was_active(self, record: Record) -> bool:
        if record.last_active_s is None:
            return False
        active_s = record.last_active_s - self._skew_s
        return self._gap.since_s + CLOCK_TOLERANCE_S < active_s < self._back_s


class GapTracker:
    """Follows the link from the start of a gap to its summary."""

    def __init__(self, store: PresenceStore, link: Link, counters: EventCounters) -> None:
        self._store = store
        self._link = link
        self._counters = counters
        self._gap: Gap | None = None
        self.ended: Signal[GapSummary] = Signal()
        link.changed.subscribe(self._on_link)

    @property
    def true_until_s(self) -> float:
        """Until when the shown state was current: the start of a gap without summary, otherwise now."""
        return self._gap.since_s if self._gap is not None else self._store.clock.stamp().wall_s

    def record(self, changes: Iterable[Change]) -> None:
        """Record changes, in case a gap is in progress."""
        if self._gap is not None:
            self._gap.record(changes)

    async def finish(self, conversation_id: str, own_key: str) -> None:
        """Emit the summary of a gap, once the link is live and resynced."""
        gap, status = self._gap, self._link.status
        if gap is None or not conversation_id or status.fresh_until_s is not None:
            return
        self._store.flush()
        self._gap = None
        missed = gap.missed(status.since_s, status.epoch, self._counters, own_key)
        counter = GapCounter(
            gap,
            back_s=status.since_s,
            until_s=self._store.clock.stamp().wall_s,
            skew_s=self._store.states.skew_s,
            missed=missed,
        )
        keys = [key for key in self._store.rosters.members(conversation_id) if key != own_key]
        for start in range(0, len(keys), RECORDS_PER_STEP):
            counter.add(self._store.participants[key] for key in keys[start : start + RECORDS_PER_STEP])
            await asyncio.sleep(0)
        self.ended.emit(counter.summary)

    def _on_link(self, status: LinkStatus) -> None:
        now, rate = self._store.clock.stamp(), self._counters.status_rate
        if status.fresh_until_s is None:
            if status.state is LinkState.LIVE:
                rate.resume(now.monotonic_s)
            return
        rate.pause(now.monotonic_s - max(0.0, now.wall_s - status.fresh_until_s))
        if self._gap is None:
            self._gap = Gap(
                status.fresh_until_s,
                epoch=status.epoch,
                recoveries=self._counters.recoveries,
                replayed=self._counters.replayed,
            )
