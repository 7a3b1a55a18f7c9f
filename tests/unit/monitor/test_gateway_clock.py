"""The skew of the gateway's clock is corrected by whatever tells its time, and no colour is wrong by it."""

from typing import Any

import pytest

from presence_tui.domain.clock_offset import QUORUM, ClockOffset, ClockSource
from presence_tui.domain.enums import Outcome, State
from presence_tui.domain.rules import RULES
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.gateway_clock import SAMPLE_S, GatewayClock
from presence_tui.monitor.inbound import Inbound
from presence_tui.transport.presence_source import Timing
from presence_tui.wire.messages import Status
from presence_tui.wire.timestamps import wire_from_seconds
from tests.unit.store.store_harness import StoreHarness

ADA, BEN, CLEO, DAN = (f"66aa0000000000000000001{number}" for number in range(4))
AGES_S = {ADA: 5.0, BEN: 100.0, CLEO: 250.0, DAN: 2_000.0}
SKEWS_S = [-600.0, 0.0, 600.0]


class ClockHarness:
    """A gateway whose clock is ahead of ours, and a connection to it."""

    def __init__(self, skew_s: float = 0.0) -> None:
        self.harness = StoreHarness()
        self.skew_s = skew_s
        self.counters = EventCounters()
        self.clock = GatewayClock(self.harness.store, lambda: 45.0)
        self.inbound = Inbound(self.harness.store, self.counters, clock=self.clock)
        self.harness.store.epochs.begin()

    @property
    def gateway_now_s(self) -> float:
        return self.harness.now_s + self.skew_s

    @property
    def used_s(self) -> float | None:
        return self.harness.store.states.measured_skew_s

    def arrive(self, key: str) -> None:
        """An event of the older version, whose arrival is the only sign of life."""
        self.inbound.handle("user:status", ({"userId": key, "isOnline": True},))

    def status(self, key: str = ADA, age_s: float = 0.0, *, tells_emission: bool) -> None:
        payload = {
            "userId": key,
            "isOnline": True,
            "lastActiveAt": wire_from_seconds(self.gateway_now_s - age_s),
        }
        if tells_emission:
            payload["timestamp"] = wire_from_seconds(self.gateway_now_s)
        self.inbound.handle("user:status", (payload,))

    def ack(self) -> None:
        self.inbound.handle("heartbeat:ack", ({"serverTime": wire_from_seconds(self.gateway_now_s)},))

    def tell_by(self, source: ClockSource) -> None:
        match source:
            case ClockSource.HEALTH | ClockSource.DATE:
                self.clock.on_timing(Timing(0.04, self.skew_s, 0.02, source))
            case ClockSource.HEARTBEAT:
                self.ack()
            case ClockSource.EMISSION:
                for _ in range(QUORUM):
                    self.status(tells_emission=True)
                    self.harness.clock.advance(0.5)


@pytest.mark.parametrize("is_told_first", [True, False])
@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@pytest.mark.parametrize("source", ClockSource)
@pytest.mark.parametrize("skew_s", SKEWS_S)
def test_ten_minutes_of_skew_give_no_wrong_colour(
    skew_s: float, source: ClockSource, rule: object, is_told_first: bool
) -> None:
    it, plain = ClockHarness(skew_s), ClockHarness()
    for each in (it, plain):
        each.harness.store.states.set_rule(rule)  # type: ignore[arg-type]
        if is_told_first:
            each.tell_by(source)
        for key, age_s in AGES_S.items():
            each.status(key, age_s, tells_emission=source is ClockSource.EMISSION)
        if not is_told_first:
            each.tell_by(source)
    assert it.used_s == pytest.approx(skew_s, abs=0.01)
    assert plain.used_s == 0
    states = {key: it.harness.record(key).state for key in AGES_S}
    assert states == {key: plain.harness.record(key).state for key in AGES_S}
    if rule is RULES["flag"]:
        assert list(states.values()) == [State.ONLINE, State.AWAY, State.IDLE, State.IDLE]
    for seconds in (70.0, 120.0, 4_000.0):
        for each in (it, plain):
            each.harness.clock.advance(seconds)
            each.harness.store.states.advance()
        assert {key: it.harness.record(key).state for key in AGES_S} == {
            key: plain.harness.record(key).state for key in AGES_S
        }
    estimate = it.clock.estimate
    assert estimate is not None
    assert estimate.sources == (source,)
    assert estimate.low_s - 0.002 <= skew_s <= estimate.high_s


@pytest.mark.parametrize("source", ClockSource)
@pytest.mark.parametrize("skew_s", SKEWS_S)
def test_what_arrived_before_the_clock_was_known_keeps_its_age(skew_s: float, source: ClockSource) -> None:
    it = ClockHarness(skew_s)
    it.arrive(BEN)
    it.harness.clock.advance(30)
    it.inbound.handle("typing:start", ({"userId": CLEO, "conversationId": "c"},))
    it.arrive(CLEO)
    it.harness.clock.advance(SAMPLE_S)
    it.tell_by(source)
    states = it.harness.store.states
    assert it.used_s == pytest.approx(skew_s, abs=0.01)
    for key, age_s in ((BEN, 31), (CLEO, 1)):
        assert states.age_s(it.harness.record(key)) == pytest.approx(age_s, abs=2)
        assert it.harness.record(key).state is State.ONLINE
    # Told times do not move with the skew.
    it.status(DAN, 100, tells_emission=False)
    told_s = it.gateway_now_s - 100
    it.skew_s += 7
    it.tell_by(ClockSource.HEALTH)
    assert it.harness.record(DAN).activity_s == pytest.approx(told_s, abs=0.01)
    # Somebody may have arrived later than was told.
    it.harness.clock.advance(10)
    it.arrive(DAN)
    it.skew_s -= 200
    it.tell_by(ClockSource.HEALTH)
    assert it.harness.record(DAN).activity_s == pytest.approx(told_s, abs=0.01)


def test_a_clock_that_is_set_back_makes_no_event_late() -> None:
    it = ClockHarness()
    it.tell_by(ClockSource.HEALTH)
    it.status(BEN, tells_emission=True)
    it.harness.clock.advance(5)
    it.skew_s = -600.0
    it.tell_by(ClockSource.HEALTH)
    it.status(BEN, tells_emission=True)
    assert it.counters.of(Outcome.LATE) == 0
    it.inbound.handle(
        "user:status",
        ({"userId": BEN, "isOnline": False, "timestamp": wire_from_seconds(it.gateway_now_s - 3)},),
    )
    assert it.counters.of(Outcome.LATE) == 1, "an older one still is"


def test_a_skew_in_use_stays_while_it_is_possible() -> None:
    """Every state is derived again for another one, which takes seconds for a million."""
    it = ClockHarness(600.0)
    it.tell_by(ClockSource.DATE)
    before = it.harness.store.version
    for _ in range(20):
        it.ack()
        it.harness.clock.advance(5)
    assert it.used_s == 600.0
    assert it.harness.store.version == before
    it.skew_s = 900.0
    for _ in range(20):
        it.ack()
    assert it.used_s == pytest.approx(900, abs=0.01)


def test_a_fast_stream_is_sampled_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    it, told, tell = ClockHarness(600.0), list[float](), ClockOffset.tell

    def record(offset: ClockOffset, source: ClockSource, told_s: float, *rest: Any) -> None:
        told.append(told_s)
        tell(offset, source, told_s, *rest)

    monkeypatch.setattr(ClockOffset, "tell", record)
    statuses = [Status(ADA, True, emitted_s=it.gateway_now_s + number / 1_000) for number in range(500)]
    for _ in range(100):
        it.inbound.handle_statuses(statuses)
        it.harness.clock.advance(0.001)
    assert told == [status.emitted_s for status in statuses[-QUORUM:]], "at first as many as are needed"
    it.harness.clock.advance(SAMPLE_S)
    it.inbound.handle_statuses(statuses)
    assert len(told) == QUORUM + 1


def test_events_without_an_emission_time_are_not_searched_again_within_a_second() -> None:
    it = ClockHarness()
    it.inbound.handle_statuses([Status(ADA, True)])
    it.inbound.handle_statuses([Status(ADA, True, emitted_s=it.gateway_now_s)] * QUORUM)
    assert it.clock.estimate is None
    it.harness.clock.advance(SAMPLE_S)
    it.inbound.handle_statuses([Status(ADA, True, emitted_s=it.gateway_now_s)] * QUORUM)
    assert it.clock.estimate is not None


def test_what_is_sent_again_after_a_gap_tells_no_time() -> None:
    it = ClockHarness()
    it.inbound.begin_replay(it.harness.now_s - 100)
    it.tell_by(ClockSource.EMISSION)
    it.ack()
    assert it.clock.estimate is None
    it.inbound.end_replay(is_recovered=True)
    it.ack()
    assert it.used_s == 0


def test_an_acknowledgement_without_a_time_tells_nothing() -> None:
    it = ClockHarness()
    it.inbound.handle("heartbeat:ack", ({"serverTime": "soon"},))
    Inbound(it.harness.store, EventCounters()).handle(
        "heartbeat:ack", ({"serverTime": wire_from_seconds(it.gateway_now_s)},)
    )
    assert it.clock.estimate is None
    assert it.used_s is None


def test_an_answer_without_a_time_has_a_round_trip() -> None:
    it = ClockHarness()
    it.clock.on_timing(Timing(0.04, None))
    assert (it.clock.round_trip_s, it.clock.estimate, it.used_s) == (0.04, None, None)
    it.clock.on_timing(Timing(0.05, 3.0))
    assert it.clock.estimate is not None
    assert it.clock.estimate.error_s == pytest.approx(0.05)


def test_without_a_connection_of_known_limits_there_is_no_upper_bound() -> None:
    it = ClockHarness()
    it.clock = GatewayClock(it.harness.store)
    it.clock.on_server_time(it.gateway_now_s, it.harness.clock.stamp())
    assert it.clock.estimate is not None
    assert it.clock.estimate.error_s is None


def test_our_clock_is_set_back() -> None:
    it = ClockHarness(600.0)
    it.tell_by(ClockSource.EMISSION)
    it.tell_by(ClockSource.HEALTH)
    it.harness.clock.wall_s -= 3_600
    it.skew_s += 3_600
    it.clock.on_set_back(3_600)
    assert it.used_s == pytest.approx(4_200)
    it.tell_by(ClockSource.EMISSION)
    assert it.used_s == pytest.approx(4_200)
    assert it.clock.estimate is not None
    assert it.clock.estimate.low_s <= 4_200 <= it.clock.estimate.high_s
