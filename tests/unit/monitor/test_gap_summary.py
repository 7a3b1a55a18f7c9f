"""The summary of a gap: arrivals and departures, seen or not, and unconfirmed participants."""

import pytest

from presence_tui.domain.enums import Source
from presence_tui.domain.participants import Participant
from presence_tui.monitor.gap_summary import Gap, GapCounter, GapSummary
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
