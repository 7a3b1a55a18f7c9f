"""Times of the link, traffic by name, and merged updates."""

import msgspec

from presence_tui.domain.enums import Outcome, Verdict
from presence_tui.domain.translatable import NOTHING
from presence_tui.monitor.event_counters import NO_PONG, OTHER, UNREADABLE, EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.monitor.link import Link, LinkState
from presence_tui.monitor.metrics import LinkTimes, MergedUpdates
from presence_tui.wire.messages import Snapshot, Status
from tests.unit.clock import FakeClock
from tests.unit.store.store_harness import StoreHarness

ADA, BEN = "66aa00000000000000000011", "66aa00000000000000000012"


def test_times_of_the_link_add_up() -> None:
    clock = FakeClock()
    link = Link(clock)
    times = LinkTimes(link, clock)
    clock.advance(2)
    link.connected("websocket")
    assert times.availability() is None
    assert times.live_and_gaps_s() == (0, 0)
    clock.advance(1)
    link.live(1)
    clock.advance(60)
    link.reconnecting(NOTHING, NOTHING, 1, 5.0, None)
    clock.advance(5)
    link.attempting()
    clock.advance(10)
    link.connected("websocket")
    link.live(2)
    clock.advance(15)
    assert sum(times.spent_s().values()) == 93
    assert times.spent_s()[LinkState.LIVE] == 75
    assert times.spent_s()[LinkState.RECONNECTING] == 15
    assert times.live_and_gaps_s() == (75, 15)
    assert times.availability() == 75 / 90
    assert (times.lives, times.gaps) == (2, 1)
    assert times.last_live_s == clock.wall_s - 15


def test_a_link_that_is_live_since_now_is_available() -> None:
    clock = FakeClock()
    link = Link(clock)
    times = LinkTimes(link, clock)
    link.connected("websocket")
    link.live(1)
    assert times.availability() == 1.0


class InboundHarness:
    def __init__(self) -> None:
        self.harness = StoreHarness()
        self.counters = EventCounters()
        self.inbound = Inbound(self.harness.store, self.counters)


def status_packet(key: str) -> str:
    return (
        "42"
        + msgspec.json.encode(["user:status", {"userId": key, "username": "Ålva", "isOnline": True}]).decode()
    )


async def test_names_add_up_to_what_arrived_and_so_do_bytes() -> None:
    post = InboundHarness()
    inbound, counters = post.inbound, post.counters
    packets = [status_packet(ADA), status_packet(BEN)]
    inbound.handle_statuses([Status(ADA, True), Status(BEN, True)], packets)
    inbound.handle("typing:start", ({"userId": ADA},), '42["typing:start",{}]')
    inbound.handle("surprise", (), '42["surprise"]')
    inbound.handle("another surprise", (), '42["another surprise"]')
    inbound.count_unreadable("nonsense")
    inbound.count_late(['42["user:status",{}]', ""])
    inbound.handle_snapshot(Snapshot([], complete=False), "")
    inbound.handle_snapshot(Snapshot([], complete=True), "42[1]")
    assert counters.events == {
        "user:status": 3,
        "typing:start": 1,
        OTHER: 3,
        UNREADABLE: 1,
        "presence:snapshot": 1,
    }
    assert counters.events.total() == counters.received == sum(counters.of(each) for each in Outcome)
    sent = sum(len(packet.encode()) for packet in packets)
    assert counters.event_bytes["user:status"] == sent + len('42["user:status",{}]')
    assert counters.event_bytes["typing:start"] == len('42["typing:start",{}]')


def test_what_is_no_event_is_counted_apart() -> None:
    post = InboundHarness()
    post.inbound.record_control("2", Verdict.CONTROL)
    post.inbound.record_control(b"\0\1\2", Verdict.CONTROL)
    post.inbound.record_control('42["heartbeat",{}]', Verdict.SENT)
    post.inbound.record_control("3", Verdict.SENT)
    counters = post.counters
    assert (counters.received, counters.control, counters.control_bytes) == (0, 2, 4)
    assert (counters.sent, counters.sent_bytes) == (2, 19)


def test_the_first_ping_of_a_connection_follows_none() -> None:
    post = InboundHarness()
    post.inbound.record_ping(None)
    post.inbound.record_ping(25.0)
    assert post.counters.pings == 2
    assert post.counters.ping_gaps.summary().max_s == 25.0
    assert post.counters.ping_gaps.summary().count == 1
    assert post.counters.ping_lateness.summary().count == 0, "without an announced interval none is late"


def test_a_ping_is_late_by_the_announced_interval() -> None:
    post = InboundHarness()
    for since_last_s in (None, 25.5, 24.0):
        post.inbound.record_ping(since_last_s, 25.0)
    lateness = post.counters.ping_lateness.summary()
    assert (lateness.count, lateness.max_s, lateness.sum_s) == (2, 0.5, 0.5)


def test_round_trips_of_the_transport_leave_failures_out() -> None:
    post = InboundHarness()
    for round_trip_s in (0.25, None, 0.5, None):
        post.inbound.record_round_trip(round_trip_s)
    trips = post.counters.transport_round_trips.summary()
    assert (trips.count, trips.sum_s, trips.failures) == (2, 0.75, {NO_PONG: 2})


def test_every_status_has_its_time_to_the_store() -> None:
    post = InboundHarness()
    post.inbound.handle_statuses([Status(ADA, True), Status(BEN, False)])
    post.inbound.handle("user:status", ({"userId": ADA, "username": "a", "isOnline": False},))
    assert post.counters.store_time.summary().count == 3


def test_updates_told_with_a_newer_one_are_counted() -> None:
    harness = StoreHarness(schedule=lambda flush: None)
    store = harness.store
    merged = MergedUpdates(store.version)
    store.subscribe(merged.on_changes)
    store.apply_statuses([Status(ADA, True), Status(BEN, True), Status(ADA, False)], store.clock.stamp())
    store.flush()
    assert (merged.updates, merged.merged, merged.flushes) == (3, 1, 1)
    harness.event(ADA, True)
    store.flush()
    assert (merged.updates, merged.merged, merged.flushes) == (4, 1, 2)


def test_a_cleared_store_merges_nothing() -> None:
    harness = StoreHarness(schedule=lambda flush: None)
    store = harness.store
    merged = MergedUpdates(store.version)
    store.subscribe(merged.on_changes)
    harness.event(ADA)
    store.clear()
    store.flush()
    assert (merged.updates, merged.merged, merged.flushes) == (0, 0, 1)
