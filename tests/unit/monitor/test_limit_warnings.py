"""A bound that was reached is said, but not at each event."""

import pytest

from presence_tui.domain.enums import Outcome
from presence_tui.domain.limits import Bounds
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.monitor.limit_warnings import LimitWarnings
from presence_tui.wire.messages import PresenceRow, Snapshot, Status
from tests.unit.store.store_harness import StoreHarness


class WarningHarness:
    """What comes in at a store that has room for one, and what is said of it."""

    def __init__(self) -> None:
        self.world = StoreHarness(bounds=Bounds(roster=1, name_cells=10))
        self.tally = EventCounters()
        over_bounds = LimitWarnings(self.world.store)
        self.said: list[str] = []
        over_bounds.told.subscribe(lambda phrase: self.said.append(str(phrase)))
        self.inbound = Inbound(self.world.store, self.tally, over_bounds)

    def strangers(self, count: int) -> None:
        self.inbound.take_statuses([Status(f"u{number}", True) for number in range(count)])

    def told_of(self) -> list[str]:
        """The figures of what was said of the roster, in their order."""
        return [said.partition("left out so far, ")[2].partition(".")[0] for said in self.said]


@pytest.fixture
def desk() -> WarningHarness:
    return WarningHarness()


def test_within_the_bounds_nothing_is_said(desk: WarningHarness) -> None:
    desk.strangers(1)
    assert desk.said == []


def test_it_is_said_at_first_and_whenever_it_is_ten_times_as_much(desk: WarningHarness) -> None:
    desk.strangers(3)
    assert desk.told_of() == ["2"]
    for _ in range(9):
        desk.strangers(2)
    assert desk.told_of() == ["2"]
    for _ in range(200):
        desk.strangers(2)
    assert desk.told_of() == ["2", "20", "200"]


def test_every_event_is_counted_once_those_refused_among_them(desk: WarningHarness) -> None:
    desk.strangers(5)
    assert (desk.tally.of(Outcome.APPLIED), desk.tally.of(Outcome.REFUSED)) == (1, 4)
    desk.inbound.take("user:status", ({"userId": "one-more", "isOnline": True},))
    desk.inbound.take("typing:start", ({"userId": "another", "conversationId": "harbour"},))
    assert (desk.tally.of(Outcome.REFUSED), desk.tally.received) == (6, 7)


async def test_a_snapshot_in_parts_is_said_once_with_its_whole_figure(desk: WarningHarness) -> None:
    rows = [PresenceRow(f"u{number}", True) for number in range(5)]
    desk.inbound.take_snapshot(Snapshot(rows[:2], complete=False))
    assert desk.said == []
    desk.inbound.take_snapshot(Snapshot(rows[2:]))
    assert desk.told_of() == ["4"]


def test_each_bound_is_said_for_itself(desk: WarningHarness) -> None:
    rows = [{"userId": key, "username": "x" * 30, "isOnline": True} for key in ("ada", "ben")]
    desk.inbound.take("presence:snapshot", ({"users": rows},))
    assert [said.partition(" (")[0] for said in desk.said] == [
        "More than 1 participants",
        "Names wider than 10 cells",
    ]


def test_changes_beyond_the_queue_are_handed_on_after_each_bundle_and_event() -> None:
    world = StoreHarness(bounds=Bounds(queue=4), schedule=lambda flush: None)
    inbound = Inbound(world.store, EventCounters())
    inbound.take_statuses([Status("ada", number % 2 == 0) for number in range(7)])
    assert [len(heard.changes) for heard in world.heard] == [7]
    inbound.take_statuses([Status("ada", number % 2 == 1) for number in range(3)])
    assert len(world.heard) == 1
    inbound.take("typing:start", ({"userId": "ben", "conversationId": "harbour"},))
    inbound.take("user:status", ({"userId": "ben", "isOnline": True},))
    assert [len(heard.changes) for heard in world.heard] == [7, 4]
    assert world.store.excess.full_queues == 2
