"""A reading of a service's figures: complete, and nothing in it is counted twice."""

import math
from dataclasses import dataclass, field
from typing import cast

import msgspec
import pytest

from presence_tui.domain.clock_offset import ClockEstimate, ClockSource
from presence_tui.metrics.reading import ClockReading, MetricsReading, RecoveriesReading
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.monitor.link import Link, LinkState, LinkStatus
from presence_tui.monitor.metrics import LinkTimes, MergedUpdates, MonitorMetrics
from presence_tui.service.metrics import ServiceMetrics
from presence_tui.service.state import ServiceState
from presence_tui.store import Counts
from presence_tui.text.language import Language
from presence_tui.text.metrics_texts import figures
from presence_tui.transport.rate_limits import RequestCounters
from presence_tui.wire.timestamps import wire_from_seconds
from tests.unit.store.store_harness import StoreHarness

ADA = "66aa00000000000000000011"


@dataclass
class _State:
    """What a reading needs of a state."""

    link: LinkStatus | None = None
    counts: Counts = field(default_factory=Counts)
    heard_s: float | None = None


class MetricsHarness:
    def __init__(self) -> None:
        self.harness = StoreHarness()
        store = self.harness.store
        self.counters, self.requests = EventCounters(), RequestCounters()
        self.link = Link(store.clock)
        self.inbound = Inbound(store, self.counters)
        updates = MergedUpdates(store.version)
        store.subscribe(updates.on_changes)
        self.estimate: ClockEstimate | None = None
        self.metrics = ServiceMetrics(
            MonitorMetrics(
                self.counters,
                self.requests,
                LinkTimes(self.link, store.clock),
                updates,
                clock=lambda: (0.04, self.estimate),
                silence_limit_s=lambda: 45.0,
            ),
            store,
        )

    def read(self, **state: object) -> MetricsReading:
        return self.metrics.read(cast("ServiceState", _State(self.link.status, **state)))  # type: ignore[arg-type]


def test_before_anything_happened_every_figure_is_there() -> None:
    reading = MetricsHarness().read()
    assert (reading.seconds, reading.events.received, reading.link.state) == (0.0, 0, "connecting")
    assert set(reading.link.states_s) == {state.value for state in LinkState}
    assert set(reading.events.verdicts.values()) == {0}
    assert reading.link.availability is None
    assert reading.recoveries == RecoveriesReading(recovered=0, refused=0, replayed=0)
    assert reading.memory.resident_bytes > 0


def test_the_peak_of_memory_is_no_less_than_what_is_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("presence_tui.metrics.reading.peak_bytes", lambda: 1)
    memory = MetricsHarness().read().memory
    assert 1 < memory.resident_bytes == memory.peak_bytes


def test_latency_is_by_the_gateways_clock() -> None:
    it = MetricsHarness()
    it.harness.store.states.set_skew(600.0)
    told_s = it.harness.now_s + 600.0 - 0.25
    status = {"userId": ADA, "username": "Ada", "isOnline": True, "timestamp": wire_from_seconds(told_s)}
    it.inbound.handle("user:status", (status,))
    it.inbound.handle("user:status", ({"userId": ADA, "username": "Ada", "isOnline": False},))
    reading = it.read()
    latency = reading.durations.gateway_to_receipt
    assert latency.count == 1
    assert latency.max_s is not None
    assert abs(latency.max_s - 0.25) < 0.01
    assert (reading.clock.skew_s, reading.clock.error_s, reading.clock.bounded_by) == (600.0, None, [])
    assert reading.durations.receipt_to_store.count == reading.events.received == 2


def test_recoveries_are_those_of_the_connections() -> None:
    it = MetricsHarness()
    for answer in (None, False, True, True):
        it.inbound.begin_connection()
        if answer:
            it.inbound.begin_replay()
            it.inbound.handle("user:status", ({"userId": ADA, "isOnline": True},))
        it.inbound.end_replay(is_recovered=answer)
    reading = it.read()
    assert reading.recoveries == RecoveriesReading(recovered=2, refused=1, replayed=2)
    assert reading.events.received == 2, "what is sent again is received"


def test_pings_have_their_own_figures() -> None:
    it = MetricsHarness()
    for since_last_s in (None, 25.5):
        it.inbound.record_ping(since_last_s, 25.0)
    it.inbound.record_round_trip(0.25)
    it.inbound.record_round_trip(None)
    reading = it.read()
    durations = reading.durations
    assert (reading.events.pings, durations.ping_interval.max_s, durations.ping_lateness.max_s) == (
        2,
        25.5,
        0.5,
    )
    assert (durations.ping_round_trip.max_s, durations.ping_round_trip.failures) == (0.25, {"no pong": 1})
    told = {figure.name: figure for figure in figures(reading, Language("en"))}
    assert told["Pings"].remark == "of the gateway; late by p99 500 ms, longest interval 25.5 s"
    assert told["Ping round trip"].value.startswith("p50 250 ms")
    assert told["Ping round trip"].remark.startswith("WebSocket pings of ours, or POSTs while polling: 1;")
    assert told["Ping round trip"].remark.endswith("unanswered ones left out: 1")


def test_the_clock_names_its_bounds() -> None:
    it = MetricsHarness()
    it.estimate = ClockEstimate(599.9, 599.5, 600.125, (ClockSource.DATE, ClockSource.EMISSION))
    assert it.read().clock.low_s is None, "no skew is in use yet"
    it.harness.store.states.set_skew(600.0)
    assert it.read().clock == ClockReading(
        skew_s=600.0,
        error_s=0.5,
        low_s=599.5,
        high_s=600.125,
        bounded_by=["date", "emission"],
        round_trip_s=0.04,
    )
    it.estimate = it.estimate._replace(high_s=math.inf)
    clock = it.read().clock
    assert (clock.error_s, clock.low_s, clock.high_s) == (None, 599.5, None)


def test_a_reading_holds_what_was_recorded() -> None:
    it = MetricsHarness()
    it.link.connected("websocket")
    it.link.live(1)
    it.harness.clock.advance(30)
    it.counters.ends["fin"] += 1
    it.requests.limit, it.requests.left = 300, 17
    with it.requests.request():
        it.requests.round_trips.add(0.03)
    it.metrics.skipped_frames += 2
    it.metrics.paint_time.add(0.004)
    it.inbound.handle("surprise", ())
    reading = it.read(counts=Counts(3, 2, 1), heard_s=7.0)
    assert (reading.link.live_s, reading.link.availability, reading.link.reconnects) == (30, 1.0, 0)
    assert (reading.link.ends, reading.link.heard_at_s, reading.link.silence_limit_s) == (
        {"fin": 1},
        7.0,
        45.0,
    )
    assert (reading.requests.sent, reading.requests.budget_limit, reading.requests.budget_left) == (
        1,
        300,
        17,
    )
    assert reading.updates.skipped_frames == 2
    assert reading.durations.store_to_paint.count == 1
    assert reading.participants == msgspec.structs.replace(
        reading.participants, online=3, offline=2, unknown=1
    )
    assert sum(reading.events.verdicts.values()) == reading.events.received == 1
    assert sum(name.count for name in reading.events.names.values()) == 1
