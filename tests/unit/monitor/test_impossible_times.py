"""Impossible times from all sources, from wire bytes to states: events, snapshots and REST."""

import json
from typing import Any

import pytest

from presence_tui.domain.enums import Outcome, Source, State
from presence_tui.domain.rules import RULES
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.store import Record
from presence_tui.wire.fast_decode import read_statuses
from presence_tui.wire.profiles import MEESHY_2025, MEESHY_2026
from presence_tui.wire.responses import read_participants, read_runtime_presence
from presence_tui.wire.timestamps import wire_from_seconds
from tests.unit.clock import START_S
from tests.unit.store.store_harness import StoreHarness

ADA = "66aa00000000000000000011"
MINUTE_S = 60.0

EPOCH, FAR, SOON = (
    "1970-01-01T00:00:00.001Z",
    "2099-01-01T00:00:00.000Z",
    wire_from_seconds(START_S + 10 * MINUTE_S),
)
LATEST, BEFORE_CHRIST = "+275760-09-13T00:00:00.000Z", "-000001-01-01T00:00:00.000Z"
"""How JavaScript writes its latest time, and one before the year 0."""
UNREADABLE = "never"
IMPOSSIBLE: list[Any] = [
    *(
        EPOCH,
        "0001-01-01T00:00:00.000Z",
        "2009-12-31T23:59:59.999Z",
        FAR,
        SOON,
        0,
        1e15,
        LATEST,
        BEFORE_CHRIST,
    ),
]
NO_TIMES: list[Any] = [UNREADABLE, "", "2026-02-32T10:00:00Z", True, {}, [], 1e300]


class Ways:
    """All sources of presence, as bytes of the gateway."""

    def __init__(self, rule: str = "flag") -> None:
        self.harness = StoreHarness(rule=RULES[rule])
        self.counters = EventCounters()
        self.inbound = Inbound(self.harness.store, self.counters)

    def event(self, flag: bool, last_active_at: object) -> None:
        payload = {"userId": ADA, "username": "Ada", "isOnline": flag, "lastActiveAt": last_active_at}
        self.inbound.handle("user:status", (payload,))

    def packet(self, flag: bool, last_active_at: object) -> None:
        """An event, read by the fast path or by the general one."""
        payload = {"userId": ADA, "username": "Ada", "isOnline": flag, "lastActiveAt": last_active_at}
        statuses = read_statuses(["42" + json.dumps(["user:status", payload])])
        if statuses is None:
            self.inbound.handle("user:status", (payload,))
        else:
            self.inbound.handle_statuses(statuses)

    def snapshot(self, flag: bool, last_active_at: object) -> None:
        users = [{"userId": ADA, "username": "ada", "isOnline": flag, "lastActiveAt": last_active_at}]
        self.inbound.handle("presence:snapshot", ({"users": users},))

    def runtime(self, flag: bool, last_active_at: object) -> None:
        users = [{"userId": ADA, "isOnline": flag, "lastActiveAt": last_active_at}]
        rows, malformed = read_runtime_presence(json.dumps({"data": {"users": users}}).encode())
        assert malformed == 0
        self.harness.store.apply_answers(rows, Source.RUNTIME, self.harness.clock.stamp())

    def roster_2025(self, flag: bool, last_active_at: object) -> None:
        row = {"id": ADA, "userId": ADA, "username": "ada", "isOnline": flag, "lastActiveAt": last_active_at}
        (page,) = read_participants(json.dumps({"data": [row]}).encode(), MEESHY_2025)
        self.harness.roster(*page.rows)

    def roster_2026(self, flag: bool, last_active_at: object) -> None:
        """The newer gateway's list, which contains the presence of guests."""
        row = {"id": ADA, "type": "anonymous", "isOnline": flag, "lastActiveAt": last_active_at}
        (page,) = read_participants(json.dumps({"data": [row]}).encode(), MEESHY_2026)
        self.harness.roster(*page.rows)

    @property
    def ada(self) -> Record:
        return self.harness.record(ADA)


WAYS = ["event", "packet", "snapshot", "runtime", "roster_2025", "roster_2026"]
every_way = pytest.mark.parametrize("way", WAYS)


def told(way: str, flag: bool, last_active_at: object, rule: str = "flag") -> Ways:
    ways = Ways(rule)
    getattr(ways, way)(flag, last_active_at)
    return ways


@every_way
@pytest.mark.parametrize("time", [*IMPOSSIBLE, *NO_TIMES], ids=repr)
def test_an_impossible_time_is_marked_and_counted_and_costs_no_flag(way: str, time: object) -> None:
    ways = told(way, False, time)
    assert ways.ada.flag is False
    assert ways.ada.last_active_s is None
    assert ways.harness.store.states.age_s(ways.ada) is None
    assert ways.ada.invalid_active_s is not None
    assert ways.harness.store.invalid_times.total == 1
    assert ways.harness.store.invalid_times.unreadable == int(any(time is one for one in NO_TIMES))


@every_way
@pytest.mark.parametrize("time", [*IMPOSSIBLE, *NO_TIMES], ids=repr)
def test_an_impossible_time_never_becomes_the_newest_activity(way: str, time: object) -> None:
    ways = told(way, True, wire_from_seconds(START_S - MINUTE_S))
    ways.harness.clock.advance(5)
    getattr(ways, way)(False, time)
    assert ways.ada.last_active_s == START_S - MINUTE_S
    assert ways.ada.invalid_active_s is not None
    ways.harness.clock.advance(5)
    getattr(ways, way)(True, wire_from_seconds(START_S + 9))
    assert ways.ada.last_active_s == START_S + 9
    assert ways.ada.invalid_active_s is None


@every_way
@pytest.mark.parametrize("ahead_s", [0, 30, 59])
def test_a_clock_that_is_ahead_by_less_than_the_bound_is_believed(way: str, ahead_s: float) -> None:
    ways = told(way, True, wire_from_seconds(START_S + ahead_s))
    assert ways.ada.last_active_s == START_S + ahead_s
    assert ways.ada.invalid_active_s is None
    assert ways.harness.store.invalid_times.total == 0


@every_way
@pytest.mark.parametrize(
    ("rule", "flag", "time", "state"),
    [
        ("flag", True, EPOCH, State.ONLINE),
        ("flag", False, FAR, State.OFFLINE),
        ("flag", True, UNREADABLE, State.ONLINE),
        ("meeshy-2026", True, EPOCH, State.OFFLINE),
        ("meeshy-2026", True, 1, State.OFFLINE),
        ("meeshy-2026", False, "2100-01-01T00:00:00Z", State.ONLINE),
        ("meeshy-2026", False, FAR, State.ONLINE),
        ("meeshy-2026", False, SOON, State.ONLINE),
        ("meeshy-2026", True, UNREADABLE, State.ONLINE),
        ("meeshy-2026", False, UNREADABLE, State.OFFLINE),
        ("meeshy-2026", False, LATEST, State.ONLINE),
        ("meeshy-2026", True, BEFORE_CHRIST, State.OFFLINE),
        ("meeshy-2025", True, LATEST, State.ONLINE),
        ("meeshy-2025", True, EPOCH, State.OFFLINE),
        ("meeshy-2025", True, FAR, State.ONLINE),
        ("meeshy-2025", False, FAR, State.OFFLINE),
        ("meeshy-2025", True, UNREADABLE, State.OFFLINE),
        ("meeshy-2025", False, UNREADABLE, State.OFFLINE),
    ],
)
def test_the_rules_take_impossible_times_as_the_apps_do(
    way: str, rule: str, flag: bool, time: object, state: State
) -> None:
    assert told(way, flag, time, rule).ada.state is state


@every_way
def test_a_day_that_does_not_exist_rolls_over_as_in_javascript(way: str) -> None:
    ways = told(way, False, "2026-02-30T10:00:00.000Z")
    assert ways.ada.last_active_at is not None
    assert ways.ada.last_active_at.isoformat() == "2026-03-02T10:00:00+00:00"


def test_an_app_that_trusts_a_future_time_sees_it_decay_when_it_has_come() -> None:
    ways = told("runtime", False, SOON, "meeshy-2026")
    assert ways.ada.state is State.ONLINE
    ways.harness.wait(10 * MINUTE_S + 61)
    assert ways.ada.state is State.AWAY


def test_a_sign_of_life_ends_what_was_told_wrongly_before() -> None:
    ways = told("runtime", True, EPOCH, "meeshy-2026")
    ways.harness.store.apply_typing(ADA)
    assert (ways.ada.invalid_active_s, ways.ada.state) == (None, State.ONLINE)
    ways = told("event", True, FAR)
    ways.harness.clock.advance(5)
    ways.event(True, None)
    assert ways.ada.invalid_active_s is None


def test_an_answer_asked_for_earlier_does_not_judge_what_was_told_since() -> None:
    ways = Ways()
    asked = ways.harness.clock.stamp()
    ways.harness.clock.advance(5)
    ways.event(True, wire_from_seconds(START_S + 4))
    ways.harness.runtime(ADA, False, 0.001, asked=asked)
    assert ways.ada.invalid_active_s is None
    ways.harness.clock.advance(5)
    ways.event(True, EPOCH)
    ways.harness.runtime(ADA, False, START_S, asked=asked)
    assert ways.ada.invalid_active_s == pytest.approx(0.001)


def test_copies_of_an_event_with_an_impossible_time_are_copies() -> None:
    ways = Ways()
    ways.event(False, FAR)
    ways.event(False, FAR)
    assert (ways.counters.of(Outcome.APPLIED), ways.counters.of(Outcome.DUPLICATE)) == (1, 1)


def test_a_time_ahead_of_our_clock_is_believed_once_ours_is_known_to_be_behind() -> None:
    ways = told("snapshot", True, SOON)
    assert ways.ada.invalid_active_s is not None
    ways.harness.store.states.set_skew(11 * MINUTE_S)
    assert ways.ada.invalid_active_s is None
    assert ways.ada.last_active_s == START_S + 10 * MINUTE_S
    ways = told("snapshot", True, EPOCH)
    ways.harness.store.states.set_skew(11 * MINUTE_S)
    assert ways.ada.invalid_active_s is not None


@pytest.mark.parametrize("sent_at", [FAR, EPOCH, "soon", 1, {}])
def test_an_impossible_emission_time_makes_no_later_event_late(sent_at: object) -> None:
    ways = Ways()
    payload = {"userId": ADA, "isOnline": True, "timestamp": sent_at}
    ways.inbound.handle("user:status", (payload,))
    ways.harness.clock.advance(5)
    ways.inbound.handle(
        "user:status", ({**payload, "isOnline": False, "timestamp": wire_from_seconds(START_S + 5)},)
    )
    assert ways.ada.flag is False
    assert ways.counters.of(Outcome.LATE) == 0
    assert ways.harness.store.invalid_times.total == 1
    assert ways.counters.latency_ms == pytest.approx(0, abs=1)


@pytest.mark.parametrize(
    ("time", "states"),
    [
        (EPOCH, (State.ONLINE, State.OFFLINE, State.OFFLINE)),
        (FAR, (State.ONLINE, State.ONLINE, State.ONLINE)),
        (UNREADABLE, (State.ONLINE, State.ONLINE, State.OFFLINE)),
        (None, (State.ONLINE, State.ONLINE, State.ONLINE)),
    ],
)
def test_other_rules_say_what_they_make_of_an_impossible_time(
    time: object, states: tuple[State, ...]
) -> None:
    ways = told("runtime", True, time)
    assert tuple(ways.harness.store.states.state_by(rule, ways.ada) for rule in RULES.values()) == states
    ways.harness.wait(301)
    ways.runtime(False, wire_from_seconds(START_S))
    assert ways.harness.store.states.state_by(RULES["meeshy-2026"], ways.ada) is State.OFFLINE
