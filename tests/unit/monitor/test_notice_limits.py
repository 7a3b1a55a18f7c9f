"""Warnings about reached limits, not repeated for every event."""

import pytest

from presence_tui.domain.enums import Outcome
from presence_tui.domain.limits import Bounds
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.monitor.notice_limits import LimitWarnings
from presence_tui.wire.messages import PresenceRow, Snapshot, Status
from tests.unit.store.store_harness import StoreHarness


class WarningHarness:
    """A store with room for one participant, and its warnings."""

    def __init__(self) -> None:
        self.harness = StoreHarness(bounds=Bounds(roster=1, name_cells=10))
        self.tally = EventCounters()
        over_bounds = LimitWarnings(self.harness.store)
        self.said: list[str] = []
        over_bounds.warned.subscribe(lambda phrase: self.said.append(str(phrase)))
        self.inbound = Inbound(self.harness.store, self.tally, over_bounds)

    def strangers(self, count: int) -> None:
        self.inbound.handle_statuses([Status(f"u{number}", True) for number in range(count)])

    def warnings(self) -> list[str]:
        """The figures in warnings about the roster, in order."""
        return [said.partition("left out so far, ")[2].partition(".")[0] for said in self.said]


@pytest.fixture
def harness() -> WarningHarness:
    return WarningHarness()


def test_no_warning_within_limits(harness: WarningHarness) -> None:
    harness.strangers(1)
    assert harness.said == []


def test_warning_repeats_at_each_tenfold_count(harness: WarningHarness) -> None:
    harness.strangers(3)
    assert harness.warnings() == ["2"]
    for _ in range(9):
        harness.strangers(2)
    assert harness.warnings() == ["2"]
    for _ in range(200):
        harness.strangers(2)
    assert harness.warnings() == ["2", "20", "200"]


def test_refused_events_are_counted_once(harness: WarningHarness) -> None:
    harness.strangers(5)
    assert (harness.tally.of(Outcome.APPLIED), harness.tally.of(Outcome.REFUSED)) == (1, 4)
    harness.inbound.handle("user:status", ({"userId": "one-more", "isOnline": True},))
    harness.inbound.handle("typing:start", ({"userId": "another", "conversationId": "harbour"},))
    assert (harness.tally.of(Outcome.REFUSED), harness.tally.received) == (6, 7)


async def test_snapshot_in_parts_gives_one_warning_with_total(harness: WarningHarness) -> None:
    rows = [PresenceRow(f"u{number}", True) for number in range(5)]
    harness.inbound.handle_snapshot(Snapshot(rows[:2], complete=False))
    assert harness.said == []
    harness.inbound.handle_snapshot(Snapshot(rows[2:]))
    assert harness.warnings() == ["4"]


def test_each_limit_has_its_own_warning(harness: WarningHarness) -> None:
    rows = [{"userId": key, "username": "x" * 30, "isOnline": True} for key in ("ada", "ben")]
    harness.inbound.handle("presence:snapshot", ({"users": rows},))
    assert [said.partition(" (")[0] for said in harness.said] == [
        "More than 1 participants",
        "Names wider than 10 cells",
    ]


def test_full_queue_is_flushed_after_each_bundle_and_event() -> None:
    harness = StoreHarness(bounds=Bounds(queue=4), schedule=lambda flush: None)
    inbound = Inbound(harness.store, EventCounters())
    inbound.handle_statuses([Status("ada", number % 2 == 0) for number in range(7)])
    assert [len(heard.changes) for heard in harness.heard] == [7]
    inbound.handle_statuses([Status("ada", number % 2 == 1) for number in range(3)])
    assert len(harness.heard) == 1
    inbound.handle("typing:start", ({"userId": "ben", "conversationId": "harbour"},))
    inbound.handle("user:status", ({"userId": "ben", "isOnline": True},))
    assert [len(heard.changes) for heard in harness.heard] == [7, 4]
    assert harness.store.limit_counters.full_queues == 2
