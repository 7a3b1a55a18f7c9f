"""The summary of a gap: arrivals and departures, seen or not, and unconfirmed participants."""

import pytest

from presence_tui.domain.enums import Cause, Source
from presence_tui.domain.missed_events import MissedEvents
from presence_tui.domain.participants import Participant
from presence_tui.domain.translatable import NOTHING
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.gap_summary import Gap, GapCounter, GapSummary, GapTracker
from presence_tui.monitor.link import Link
from presence_tui.store import PresenceStore, Stamp
from presence_tui.wire.messages import PresenceRow, RosterRow, Status
from tests.unit.clock import START_S, FakeClock

EVER_BEFORE_S = float("-inf")
GAP_S = 2_520.0


class GapHarness:
    """A store before, during and after a gap."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = PresenceStore(clock=self.clock)
        self.absence = Gap(START_S)
        self.back_s = START_S

    def before(self, **flags: bool | None) -> None:
        """Set flags from before the gap."""
        rows = [RosterRow(Participant(key), flag) for key, flag in flags.items()]
        asked = Stamp(START_S - 60, EVER_BEFORE_S)
        self.store.set_participants(rows, "c-1", asked=asked, source=Source.CACHE)
        self.store.subscribe(lambda changed: self.absence.record(changed.changes))

    def back(self) -> None:
        """Set the link live again."""
        self.back_s = self.clock.advance(GAP_S).wall_s

    def snapshot(self, *told: PresenceRow) -> None:
        self.store.apply_answers(told, Source.SNAPSHOT, self.clock.stamp())

    @property
    def summary(self) -> GapSummary:
        now_s = self.clock.advance(1).wall_s
        tally = GapCounter(self.absence, back_s=self.back_s, until_s=now_s, skew_s=self.store.states.skew_s)
        tally.add(self.store.participants.values())
        return tally.summary

    def figures(self) -> dict[str, int]:
        """The figures other than 0."""
        found = self.summary
        names = ("came", "left", "passed", "unsure", "seen")
        return {name: getattr(found, name) for name in names if getattr(found, name)}


@pytest.fixture
def harness() -> GapHarness:
    return GapHarness()


def told(key: str, flag: bool, active_s: float | None = None) -> PresenceRow:
    return PresenceRow(key, flag, active_s)


def test_who_came_and_left_is_inferred_from_before_and_after(harness: GapHarness) -> None:
    harness.before(ada=False, bo=True, cy=True, dee=False)
    harness.back()
    harness.snapshot(told("ada", True), told("bo", False), told("cy", True), told("dee", False))
    assert harness.figures() == {"came": 1, "left": 1}
    assert harness.summary.gap_s == pytest.approx(GAP_S + 1, abs=2)


def test_what_an_event_of_the_new_connection_says_is_seen(harness: GapHarness) -> None:
    harness.before(ada=False, bo=False)
    harness.back()
    harness.store.apply_status(Status("ada", True))
    harness.snapshot(told("bo", True))
    assert harness.figures() == {"came": 2, "seen": 1}


def test_an_event_and_a_snapshot_that_agree_count_once(harness: GapHarness) -> None:
    harness.before(ada=False)
    harness.back()
    harness.store.apply_status(Status("ada", True))
    harness.snapshot(told("ada", True))
    assert harness.figures() == {"came": 1, "seen": 1}


def test_of_whom_nothing_was_told_since_nobody_is_sure(harness: GapHarness) -> None:
    harness.before(ada=True, bo=False, cy=True)
    harness.back()
    harness.snapshot(told("cy", True))
    assert harness.figures() == {"unsure": 2}


def test_who_was_never_told_of_is_no_news(harness: GapHarness) -> None:
    harness.before(ada=None, bo=None)
    harness.back()
    harness.snapshot(told("ada", True))
    assert harness.figures() == {}


def test_who_was_active_in_between_was_here_meanwhile(harness: GapHarness) -> None:
    harness.before(ada=False, bo=False, cy=False)
    harness.back()
    harness.snapshot(
        told("ada", False, START_S + 600), told("bo", False, START_S - 600), told("cy", False, START_S + 3)
    )
    assert harness.figures() == {"passed": 1}, "clocks may differ by seconds"


def test_activity_is_by_the_gateway_s_clock(harness: GapHarness) -> None:
    harness.before(ada=False)
    harness.back()
    harness.store.states.set_skew(1_000.0)
    harness.snapshot(told("ada", False, START_S + 600))
    assert harness.figures() == {}


def test_who_came_and_left_again_after_the_return_did_not_change(harness: GapHarness) -> None:
    harness.before(ada=False)
    harness.back()
    harness.store.apply_status(Status("ada", True))
    harness.clock.advance(1)
    harness.store.apply_status(Status("ada", False))
    assert harness.figures() == {}


def test_a_refresh_while_away_is_a_part_of_what_changed(harness: GapHarness) -> None:
    harness.before(ada=False)
    harness.clock.advance(600)
    harness.store.apply_answers([told("ada", True)], Source.RUNTIME, harness.clock.stamp())
    harness.back()
    harness.snapshot(told("ada", True))
    assert harness.figures() == {"came": 1}


class TrackedGaps:
    """A link and a store with a conversation, and the summaries of its gaps."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = PresenceStore(clock=self.clock)
        self.store.set_participants([RosterRow(Participant(key)) for key in ("ada", "bo", "me")], "c-1")
        self.link = Link(self.clock)
        self.counters = EventCounters()
        self.tracker = GapTracker(self.store, self.link, self.counters)
        self.store.subscribe(lambda changed: self.tracker.record(changed.changes))
        self.found: list[GapSummary] = []
        self.tracker.ended.subscribe(self.found.append)

    def live(self, *, recovered: bool = False) -> None:
        self.link.connected("websocket")
        self.counters.recoveries += recovered
        self.link.live(self.store.epochs.begin())

    def lose(self) -> None:
        self.link.reconnecting(NOTHING, NOTHING, 1, 0.0, self.clock.wall_s)

    def answers(self, **flags: bool) -> None:
        rows = [PresenceRow(key, flag) for key, flag in flags.items()]
        self.store.apply_answers(rows, Source.SNAPSHOT, self.clock.stamp())

    def events(self, count: int, every_s: float) -> None:
        for _ in range(count):
            self.clock.advance(every_s)
            self.counters.status_rate.add(1, self.clock.stamp().monotonic_s)

    async def finish(self) -> MissedEvents:
        self.link.synced(self.clock.wall_s)
        await self.tracker.finish("c-1", "me")
        missed = self.found[-1].missed
        assert missed is not None
        return missed


@pytest.fixture
def gaps() -> TrackedGaps:
    gaps = TrackedGaps()
    gaps.live()
    gaps.answers(ada=False, bo=True, me=True)
    gaps.link.synced(gaps.clock.wall_s)
    return gaps


async def test_what_the_resync_corrected_was_missed_at_least(gaps: TrackedGaps) -> None:
    gaps.events(60, 5)
    gaps.lose()
    gaps.clock.advance(30)
    gaps.live()
    gaps.answers(ada=True, bo=True, me=False)
    gaps.store.apply_status(Status("bo", False))
    missed = await gaps.finish()
    assert (missed.at_least, missed.gap_s, missed.is_recovered) == (1, 30.0, False)
    assert missed.estimate is not None
    assert missed.estimate.expected == pytest.approx(6)
    assert missed.estimate.low <= 6 <= missed.estimate.high


async def test_a_later_activity_alone_is_no_missed_event(gaps: TrackedGaps) -> None:
    gaps.store.apply_status(Status("bo", True, last_active_s=gaps.clock.wall_s))
    gaps.lose()
    gaps.clock.advance(3_600)
    gaps.store.states.advance()
    gaps.live()
    row = PresenceRow("bo", True, gaps.clock.wall_s)
    changes = gaps.store.apply_answers([row], Source.SNAPSHOT, gaps.clock.stamp())
    assert [change.cause for change in changes] == [Cause.RECONCILED], "idle before, online now"
    assert (await gaps.finish()).at_least == 0


async def test_events_of_a_gap_do_not_count_for_the_rate(gaps: TrackedGaps) -> None:
    gaps.events(10, 10)
    gaps.lose()
    gaps.events(1_000, 0.1)
    gaps.live()
    missed = await gaps.finish()
    assert missed.estimate is not None
    assert missed.estimate.expected == pytest.approx(10)


async def test_without_time_before_the_rate_is_unknown(gaps: TrackedGaps) -> None:
    gaps.events(5, 1)
    gaps.lose()
    gaps.live()
    assert (await gaps.finish()).estimate is None


async def test_a_recovered_gap_has_hidden_nothing(gaps: TrackedGaps) -> None:
    gaps.events(60, 5)
    gaps.lose()
    gaps.clock.advance(80)
    gaps.store.apply_statuses([Status("ada", True)], sent_since_s=0.0)
    gaps.counters.replayed += 2
    gaps.clock.advance(0.1)
    gaps.live(recovered=True)
    gaps.answers(ada=True)
    missed = await gaps.finish()
    assert missed == MissedEvents(missed.since_s, missed.until_s, 0, None, True, 2)
    summary = gaps.found[-1]
    assert (summary.came, summary.seen) == (1, 1), "an event said so"


async def test_a_gap_with_a_connection_that_was_not_recovered_is_none(gaps: TrackedGaps) -> None:
    """The second continued the session of the first, and missed what the first had missed."""
    gaps.lose()
    gaps.live()
    gaps.lose()
    gaps.clock.advance(5)
    gaps.live(recovered=True)
    assert not (await gaps.finish()).is_recovered


async def test_the_next_gap_counts_for_itself(gaps: TrackedGaps) -> None:
    gaps.lose()
    gaps.live(recovered=True)
    assert (await gaps.finish()).is_recovered
    gaps.lose()
    gaps.live()
    gaps.answers(ada=True)
    missed = await gaps.finish()
    assert (missed.at_least, missed.is_recovered, missed.replayed) == (1, False, 0)


def test_without_events_before_nothing_is_recovered_nor_replayed() -> None:
    missed = Gap(START_S).missed(START_S + 5, 0, EventCounters(), "me")
    assert missed == MissedEvents(START_S, START_S + 5, 0, None, False, 0)
