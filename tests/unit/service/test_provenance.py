"""Everything shown about a participant is explained, and the explanation alone gives what is shown.

The random histories are those of a connection: packets through ``Inbound``, answers of REST, new connections,
another rule, another skew, lost links, and time. Each explanation is replayed by the naive model of the
store.
"""

import json
from itertools import permutations
from typing import Any, NamedTuple

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from presence_tui.domain.enums import Outcome, Source, State, Verdict
from presence_tui.domain.evidence import OverruledReason
from presence_tui.domain.limits import Bounds
from presence_tui.domain.participants import Participant
from presence_tui.domain.rules import RULES, Rule
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.monitor.packet_log import PacketLog
from presence_tui.service.packet_evidence import PacketEvidence
from presence_tui.service.provenance import (
    OVERRULED_SHOWN,
    Explanation,
    IdentityExplanation,
    RosterExplanation,
    SignOfLife,
    deciding_packet,
    explain,
    explain_identity,
    explain_roster,
)
from presence_tui.store import Counts, Origin, PresenceStore, Stamp
from presence_tui.store.evidence import EMISSION_TOLERANCE_S
from presence_tui.store.recent_evidence import RecentAnswers
from presence_tui.wire.messages import PresenceRow, RosterRow, Snapshot, Status
from presence_tui.wire.packet_reading import message_of
from presence_tui.wire.timestamps import wire_from_seconds
from tests.unit.clock import FakeClock
from tests.unit.domain.hypothesis_profile import repeatable
from tests.unit.store.naive_model import NaiveStore, Person

KEYS = [f"k{number}" for number in range(5)]
HARBOUR = "harbour"
SKEWS_S = [0.0, -3.5, 40.0]
MORE_THAN_THE_WINDOW_S = 2.0

keys = st.sampled_from(KEYS)
flags = st.booleans()
AGAIN = "again"
"""The last activity that was told last of the same participant: sources often tell the same."""
BOUNDARIES = ("of lateness", "of the newest event")
# Quarters of a second keep every sum exact. The impossible ones: before 2010, and in the future.
ages_s = st.none() | st.sampled_from(
    [0.0, 0.25, 59.75, 60.0, 60.25, 180.25, 300.0, 2_000.0, 9e8, -3_600.0, AGAIN]
)
lags_s = (
    st.none()
    | st.sampled_from([0.0, 0.25, 1.0, 2.5, 30.0, 400.0])
    | st.tuples(st.sampled_from(BOUNDARIES), st.sampled_from([-0.25, 0.0, 0.25, EMISSION_TOLERANCE_S]))
)
asked_ago_s = st.sampled_from([0.0, 0.5, 3.0, 100.0])
rows_of_answers = st.lists(st.tuples(keys, flags, ages_s), max_size=4, unique_by=lambda row: row[0])


class Connection:
    """A store that is fed by packets and answers, and what was recorded of them."""

    def __init__(self, most_packets: int = 10_000, most_rows: int = 10_000) -> None:
        self.clock = FakeClock()
        self.store = PresenceStore(clock=self.clock)
        self.store.answers = RecentAnswers(most_rows)
        self.log = PacketLog(Bounds(packets=most_packets))
        self.packets = {key: PacketEvidence(self.log) for key in [*KEYS, "ada", "ben"]}
        """One each, so that what was found before stays."""
        self.inbound = Inbound(self.store, EventCounters(), packets=self.log)

    @property
    def gateway_now_s(self) -> float:
        return self.clock.wall_s + self.store.states.skew_s

    def begin(self) -> None:
        self.inbound.begin_connection()
        self.store.epochs.begin()

    def event(self, name: str, payload: object) -> int:
        """Receive an event; returns the number of its packet."""
        self.inbound.handle(name, (payload,), f"42{json.dumps([name, payload])}")
        return self.log.next - 1

    def status(self, key: str, flag: bool = True, **times_s: float | None) -> int:
        payload: dict[str, Any] = {"userId": key, "isOnline": flag}
        for field, at_s in times_s.items():
            if at_s is not None:
                payload[field] = wire_from_seconds(at_s)
        return self.event("user:status", payload)

    def typing(self, key: str) -> int:
        return self.event("typing:start", {"userId": key, "username": key, "conversationId": HARBOUR})

    def answer(
        self, source: Source, *rows: tuple[str, bool, float | None], asked: Stamp | None = None
    ) -> None:
        told = [PresenceRow(*row) for row in rows]
        self.store.apply_answers(told, source, asked or self.clock.stamp())

    def asked(self, ago_s: float) -> Stamp:
        return Stamp(self.clock.wall_s - ago_s, self.clock.monotonic_s - ago_s)

    def explain(self, key: str) -> Explanation:
        record, packets = self.store.participants[key], PacketEvidence(self.log)
        explanation = explain(record, self.store, packets, RULES.values())
        assert explain(record, self.store, self.packets[key], RULES.values()) == explanation
        return explanation

    def verdict(self, packet: int) -> str:
        record = self.log.get(packet)
        assert record is not None
        return str(record.verdict)


def replayed(
    explanation: Explanation, key: str, connection: Connection, by: Rule
) -> tuple[bool | None, State]:
    """Flag and state by the naive model, from nothing but what the explanation names."""
    model = NaiveStore(by, connection.store.states.skew_s)
    person = model.people[key] = Person(key)
    if explanation.evidence is not None:
        model.now = Stamp(explanation.evidence.received_s, 0.0)
        person.flag = _deciding_person(explanation, key, connection, model.now).flag
    if explanation.sign_of_life is not None:
        person.activity_s = _activity_s(explanation.sign_of_life, key, connection)
    person.invalid_s = explanation.invalid_s
    model.now = Stamp(explanation.as_of_s, 0.0)
    return model.seen(person)


def _deciding_person(explanation: Explanation, key: str, connection: Connection, now: Stamp) -> Person:
    """Somebody about whom only the deciding evidence arrived, as its packet says, if there is one."""
    model = NaiveStore(connection.store.states.rule, connection.store.states.skew_s)
    model.now, evidence = now, explanation.evidence
    assert evidence is not None and evidence.flag is not None
    told = told_by(explanation.packet, key, connection)
    if told is not None:
        assert evidence.source in (Source.EVENT, Source.SNAPSHOT)
    flag = evidence.flag if told is None else told.flag
    if evidence.source is Source.EVENT:
        model.event(key, flag, "", None, None)
    else:
        model.answer(key, flag, None, "", evidence.source, now)
    return model.people[key]


def _activity_s(sign: SignOfLife, key: str, connection: Connection) -> float | None:
    """The sign of life that the named packet gives, otherwise that of the explanation."""
    model = NaiveStore(connection.store.states.rule, connection.store.states.skew_s)
    if not sign.is_told:
        assert sign.received_s is not None
        # A copy, or a late event, is no sign of life.
        told_by(sign.packet, key, connection)
        model.now = Stamp(sign.at_s - model.skew_s, 0.0)
        if sign.source is Source.EVENT:
            model.event(key, True, "", None, None)
        else:
            model.typing(key)
        return model.people[key].activity_s
    told = told_by(sign.packet, key, connection)
    told_s = sign.at_s if told is None else told.last_active_s
    model.answer(key, bool(sign.flag), told_s, "", sign.source or Source.ROSTER, Stamp(0.0, 0.0))
    return model.people[key].activity_s


def told_by(packet: int | None, key: str, connection: Connection) -> Status | PresenceRow | None:
    """What the packet tells about somebody; ``None`` without a packet, or if it tells of typing."""
    if packet is None:
        return None
    record = connection.log.get(packet)
    assert record is not None and record.verdict == Verdict.APPLIED
    match message_of(record.text):
        case Status() as status:
            assert status.key == key
            return status
        case Snapshot(rows):
            (row,) = [row for row in rows if row.key == key]
            return row
    return None


class ToldActivity(NamedTuple):
    """Something that told a last activity of somebody, and counts."""

    key: str
    told_s: float
    source: Source
    packet: int | None


class ProvenanceMachine(RuleBasedStateMachine):
    @initialize(skew_s=st.sampled_from(SKEWS_S), is_kept=flags)
    def connect(self, skew_s: float, is_kept: bool) -> None:
        self.connection = Connection() if is_kept else Connection(most_packets=4, most_rows=3)
        self.is_kept, self.skew_s = is_kept, skew_s
        self.store = self.connection.store
        self.model = NaiveStore(RULES["flag"], skew_s)
        """Gets the whole history, and says which events are late."""
        self.tellings: list[ToldActivity] = []
        """In order of arrival."""
        self.newest_events: dict[str, float] = {}
        """Presence key to when the newest event that counts arrived."""
        self.store.states.set_skew(skew_s)
        self.store.set_participants([Participant(key) for key in KEYS[:3]], HARBOUR)
        self.connection.begin()

    def pass_time(self, seconds: float) -> None:
        self.connection.clock.advance(seconds)
        self.model.now = self.connection.clock.stamp()
        self.store.states.advance()

    def tell(self, source: Source, packet: int | None, *rows: tuple[str, float | None]) -> None:
        self.tellings += [
            ToldActivity(key, told_s, source, packet) for key, told_s in rows if told_s is not None
        ]

    def why_late(self, key: str, emitted_s: float) -> OverruledReason:
        """The reason by the model, before it gets the late event."""
        person = self.model.people[key]
        if person.source is not Source.EVENT:
            return OverruledReason.OLDER_THAN_ANSWER
        newest_s = self.newest_s(key)
        assert newest_s is not None
        return OverruledReason.LATE if emitted_s < newest_s else OverruledReason.OLDER_THAN_ANSWER

    def emitted_s(self, key: str, lag_s: Any) -> float | None:
        """A time that long ago, or beside a boundary of the participant, but never in the future."""
        now_s = self.connection.gateway_now_s
        if not isinstance(lag_s, tuple):
            return None if lag_s is None else now_s - lag_s
        boundary, off_s = lag_s
        person = self.model.people.get(key)
        if person is None or person.source is None:
            return None
        at_s = person.not_before_s if boundary == BOUNDARIES[0] else self.newest_s(key)
        return None if at_s is None else min(now_s, at_s + off_s)

    def newest_s(self, key: str) -> float | None:
        """When the newest event was sent, by the model; ``None`` if none has come."""
        person = self.model.people[key]
        if person.emitted_s is not None or key not in self.newest_events:
            return person.emitted_s
        return self.newest_events[key] + self.model.skew_s - EMISSION_TOLERANCE_S

    def told_s(self, key: str, age_s: Any) -> float | None:
        if age_s == AGAIN:
            return next((each.told_s for each in reversed(self.tellings) if each.key == key), None)
        return None if age_s is None else self.connection.gateway_now_s - age_s

    @rule(key=keys, flag=flags, age_s=ages_s, lag_s=lags_s, copies=st.integers(0, 2))
    def event_arrives(self, key: str, flag: bool, age_s: Any, lag_s: Any, copies: int) -> None:
        self.pass_time(MORE_THAN_THE_WINDOW_S)
        times_s = {"lastActiveAt": self.told_s(key, age_s), "timestamp": self.emitted_s(key, lag_s)}
        last_active_s, emitted_s = times_s.values()
        why = OverruledReason.LATE
        if emitted_s is not None and key in self.model.people:
            why = self.why_late(key, emitted_s)
        packets = [self.connection.status(key, flag, **times_s) for _ in range(1 + copies)]
        expected = self.model.event(key, flag, "", last_active_s, emitted_s)
        assert self.connection.verdict(packets[0]) == expected
        if expected is Outcome.APPLIED:
            self.newest_events[key] = self.connection.clock.wall_s
            self.tell(Source.EVENT, packets[0], (key, last_active_s))
        if not self.is_kept:
            return
        explanation = self.connection.explain(key)
        if expected is Outcome.LATE:
            assert {each.reason for each in explanation.overruled if each.packet in packets} == {why}
        for packet in packets:
            if self.connection.verdict(packet) == Verdict.APPLIED:
                assert explanation.packet is not None and explanation.packet >= packet
        if self.connection.verdict(packets[-1]) != Verdict.APPLIED:
            overruled = explanation.overruled[0]
            assert overruled.packet == packets[-1]
            assert overruled.evidence.flag is flag

    @rule(key=keys)
    def somebody_types(self, key: str) -> None:
        self.pass_time(0.25)
        self.connection.typing(key)
        self.model.typing(key)

    @rule(rows=rows_of_answers)
    def snapshot_arrives(self, rows: list[Any]) -> None:
        self.pass_time(0.25)
        users = []
        for key, flag, age_s in rows:
            told_s = self.told_s(key, age_s)
            active = {} if told_s is None else {"lastActiveAt": wire_from_seconds(told_s)}
            users.append({"userId": key, "isOnline": flag, **active})
        packet = self.connection.event("presence:snapshot", {"users": users})
        told = [(key, flag, self.told_s(key, age_s)) for key, flag, age_s in rows]
        self.answers_come(Source.SNAPSHOT, packet, told, self.model.now)

    @rule(rows=rows_of_answers, ago_s=asked_ago_s)
    def runtime_is_read(self, rows: list[Any], ago_s: float) -> None:
        self.pass_time(0.25)
        told = [(key, flag, self.told_s(key, age_s)) for key, flag, age_s in rows]
        asked = self.connection.asked(ago_s)
        self.connection.answer(Source.RUNTIME, *told, asked=asked)
        self.answers_come(Source.RUNTIME, None, told, asked)

    @rule(rows=rows_of_answers, ago_s=asked_ago_s)
    def roster_is_read(self, rows: list[Any], ago_s: float) -> None:
        self.pass_time(0.25)
        told = [(key, flag, self.told_s(key, age_s)) for key, flag, age_s in rows]
        asked = self.connection.asked(ago_s)
        listed = [RosterRow(Participant(key), flag, told_s) for key, flag, told_s in told]
        self.store.set_participants(listed, HARBOUR, asked=asked)
        self.answers_come(Source.ROSTER, None, told, asked)

    def answers_come(self, source: Source, packet: int | None, rows: list[Any], asked: Stamp) -> None:
        """Let the model know what the store was told."""
        for key, flag, told_s in rows:
            self.model.answer(key, flag, told_s, "", source, asked)
            self.tell(source, packet, (key, told_s))

    @rule()
    def connection_begins(self) -> None:
        self.pass_time(MORE_THAN_THE_WINDOW_S)
        self.connection.begin()
        self.model.epoch += 1

    @rule(off_by_s=st.sampled_from([-0.25, 0.0, 0.5]))
    def skew_is_measured_again(self, off_by_s: float) -> None:
        self.store.states.set_skew(self.skew_s + off_by_s)
        self.model.skew_s = self.skew_s + off_by_s

    @rule()
    def link_is_lost(self) -> None:
        self.pass_time(0.25)
        self.store.states.hold()

    @rule(seconds=st.sampled_from([0.25, 29.75, 60.0, 119.0, 180.25, 301.0, 1_800.0]))
    def time_passes(self, seconds: float) -> None:
        self.pass_time(seconds)

    @rule(name=st.sampled_from(list(RULES)))
    def rule_is_changed(self, name: str) -> None:
        self.store.states.set_rule(RULES[name])

    @rule(chance=st.integers(0, 9))
    def everybody_is_forgotten(self, chance: int) -> None:
        if chance == 0:
            self.store.clear()
            self.model.people.clear()
            # Packets stay; rows of answers do not.
            self.tellings = [each for each in self.tellings if each.source is Source.EVENT]

    @invariant()
    def everything_shown_is_explained(self) -> None:
        for key, record in self.store.participants.items():
            explanation = self.connection.explain(key)
            assert explanation.state is record.state
            assert (explanation.evidence is None) is (record.flag is None)
            assert {each.rule.name for each in explanation.rules} == set(RULES)
            assert len(explanation.overruled) <= OVERRULED_SHOWN
            for outcome in explanation.rules:
                shown = record.flag, outcome.state
                assert replayed(explanation, key, self.connection, outcome.rule) == shown, outcome.rule.name
            assert explanation.rules[0].state is record.state
            if explanation.held_since_s is None:
                assert explanation.as_of_s == self.connection.clock.wall_s
            else:
                assert all(outcome.wait_s is None for outcome in explanation.rules)

    @invariant()
    def everything_kept_is_named(self) -> None:
        if not self.is_kept:
            return
        for key, record in self.store.participants.items():
            explanation = self.connection.explain(key)
            if record.source in (Source.EVENT, Source.SNAPSHOT):
                assert explanation.packet is not None
            sign = explanation.sign_of_life
            if sign is not None:
                assert sign.source is not None
                of_packet = sign.source in (Source.EVENT, Source.SNAPSHOT, Source.TYPING)
                assert (sign.packet is not None) is of_packet
                if sign.is_told:
                    first = next(each for each in self.tellings if each[:2] == (key, sign.at_s))
                    assert (sign.source, sign.packet) == (first.source, first.packet)
            assert all(
                each.packet is not None
                for each in explanation.overruled
                if each.evidence.source is Source.EVENT
            )


def test_who_was_never_told_about_has_no_evidence() -> None:
    connection = Connection()
    connection.store.set_participants([Participant("ada")], HARBOUR)
    explanation = connection.explain("ada")
    assert (explanation.evidence, explanation.packet, explanation.sign_of_life) == (None, None, None)
    assert [outcome.state for outcome in explanation.rules] == [State.UNKNOWN, State.OFFLINE, State.OFFLINE]
    assert all(outcome.wait_s is None for outcome in explanation.rules)


def test_each_rule_says_what_comes_next_and_when() -> None:
    connection = Connection()
    connection.status("ada", True, lastActiveAt=connection.gateway_now_s - 200)
    outcomes = {each.rule.name: each for each in connection.explain("ada").rules}
    assert [(each.state, each.next_state) for each in outcomes.values()] == [
        (State.IDLE, None),
        (State.ONLINE, State.OFFLINE),
        (State.ONLINE, State.AWAY),
    ]
    assert outcomes["meeshy-2025"].wait_s == 100.0


def test_a_late_event_a_copy_and_an_old_answer_are_named_with_their_packets() -> None:
    connection = Connection()
    connection.begin()
    asked = connection.clock.stamp()
    connection.clock.advance(5)
    now_s = connection.gateway_now_s
    deciding = connection.status("ada", True, timestamp=now_s)
    copy = connection.status("ada", True, timestamp=now_s)
    connection.clock.advance(1)
    late = connection.status("ada", False, timestamp=now_s - 3)
    connection.clock.advance(1)
    connection.answer(Source.RUNTIME, ("ada", False, None), asked=asked)
    explanation = connection.explain("ada")
    assert (explanation.packet, explanation.copies) == (deciding, 1)
    assert [(each.reason, each.packet) for each in explanation.overruled] == [
        (OverruledReason.LATE, late),
        (OverruledReason.COPY, copy),
        (OverruledReason.REQUESTED_EARLIER, None),
    ]


TELLERS = {
    "event": Source.EVENT,
    "another event": Source.EVENT,
    "snapshot": Source.SNAPSHOT,
    "runtime": Source.RUNTIME,
    "roster": Source.ROSTER,
}


@pytest.mark.parametrize("order", list(permutations(TELLERS, 2)), ids=" then ".join)
def test_of_sources_that_tell_the_same_time_the_first_is_named(order: tuple[str, str]) -> None:
    connection = Connection()
    connection.begin()
    told_s = connection.gateway_now_s - 300
    for flag, teller in zip((True, False), order, strict=True):
        connection.clock.advance(5)
        match TELLERS[teller]:
            case Source.EVENT:
                connection.status("ada", flag, lastActiveAt=told_s)
            case Source.SNAPSHOT:
                row = {"userId": "ada", "isOnline": flag, "lastActiveAt": wire_from_seconds(told_s)}
                connection.event("presence:snapshot", {"users": [row]})
            case Source.ROSTER:
                connection.store.set_participants(
                    [RosterRow(Participant("ada"), flag, told_s)], HARBOUR, asked=connection.clock.stamp()
                )
            case source:
                connection.answer(source, ("ada", flag, told_s))
    sign = connection.explain("ada").sign_of_life
    assert sign is not None and sign.is_told
    assert (sign.source, sign.flag) == (TELLERS[order[0]], True)
    is_by_packet = sign.source in (Source.EVENT, Source.SNAPSHOT)
    assert sign.packet == (0 if is_by_packet else None)


def test_a_copy_is_no_arrival() -> None:
    connection = Connection()
    first = connection.status("ada", True)
    connection.clock.advance(0.5)
    copy = connection.status("ada", True)
    explanation = connection.explain("ada")
    sign = explanation.sign_of_life
    assert connection.verdict(copy) == Verdict.DUPLICATE
    assert sign is not None and (sign.packet, sign.at_s) == (first, connection.gateway_now_s - 0.5)
    assert (explanation.packet, explanation.copies) == (first, 1)


@pytest.mark.parametrize("skew_s", [0.0, 40.0])
@pytest.mark.parametrize("is_emission_known", [True, False])
@pytest.mark.parametrize(
    ("off_s", "reason"),
    [
        (-0.25, OverruledReason.LATE),
        (0.0, OverruledReason.OLDER_THAN_ANSWER),
        (0.25, OverruledReason.OLDER_THAN_ANSWER),
    ],
)
def test_the_newest_event_or_an_answer_makes_an_event_late(
    off_s: float, reason: OverruledReason, is_emission_known: bool, skew_s: float
) -> None:
    connection = Connection()
    connection.store.states.set_skew(skew_s)
    connection.begin()
    now_s = connection.gateway_now_s
    newest_s = now_s if is_emission_known else now_s - EMISSION_TOLERANCE_S
    connection.status("ada", True, timestamp=now_s if is_emission_known else None)
    connection.clock.advance(10)
    # An answer that agrees: the event still decides.
    connection.answer(Source.RUNTIME, ("ada", True, None))
    connection.clock.advance(10)
    late = connection.status("ada", False, timestamp=newest_s + off_s)
    (overruled,) = connection.explain("ada").overruled
    assert (overruled.reason, overruled.packet) == (reason, late)
    first_that_counts_s = connection.gateway_now_s - 10 - EMISSION_TOLERANCE_S
    assert connection.verdict(connection.status("ada", False, timestamp=first_that_counts_s - 0.25)) == "late"
    assert connection.verdict(connection.status("ada", False, timestamp=first_that_counts_s)) == "applied"


def test_an_older_answer_does_not_let_late_events_pass() -> None:
    connection = Connection()
    connection.store.states.set_skew(0.0)
    connection.begin()
    connection.status("ada", True, timestamp=connection.gateway_now_s)
    # Requested after the event arrived, and just so that its own boundary is before that.
    connection.clock.advance(0.5)
    connection.answer(Source.RUNTIME, ("ada", True, None))
    connection.clock.advance(5)
    late = connection.status("ada", False, timestamp=connection.gateway_now_s - 6)
    assert connection.verdict(late) == Verdict.LATE
    (overruled,) = connection.explain("ada").overruled
    assert (overruled.reason, overruled.packet) == (OverruledReason.LATE, late)


def test_an_event_of_an_old_connection_is_named() -> None:
    connection = Connection()
    connection.status("ada", True)
    text = '42["user:status",{"userId":"ada","isOnline":false}]'
    connection.clock.advance(1)
    connection.inbound.count_late([text, '42["typing:start",{"userId":"ada","conversationId":"c"}]'])
    (overruled,) = connection.explain("ada").overruled
    assert (overruled.reason, overruled.packet) == (OverruledReason.OLD_CONNECTION, 1)


def test_a_packet_that_only_mentions_somebody_is_not_theirs() -> None:
    connection = Connection()
    connection.status("ada", True)
    connection.event("user:status", {"userId": "ben", "isOnline": True, "username": "ada"})
    connection.event("user:status", {"userId": "ada"})
    explanation = connection.explain("ada")
    assert (explanation.packet, explanation.overruled) == (0, ())


def test_a_sign_of_life_by_typing_is_named_until_its_packet_is_dropped() -> None:
    connection = Connection(most_packets=2)
    connection.status("ada", True)
    connection.clock.advance(10)
    connection.typing("ada")
    sign = connection.explain("ada").sign_of_life
    assert sign is not None
    assert (sign.source, sign.packet, sign.epoch) == (Source.TYPING, 1, 0)
    assert deciding_packet(connection.explain("ada")) == 0
    connection.clock.advance(1)
    connection.status("ben")
    connection.status("ben")
    sign = connection.explain("ada").sign_of_life
    assert sign is not None
    assert (sign.source, sign.packet, sign.received_s) == (Source.TYPING, None, connection.clock.wall_s - 1)
    connection.store.stop_typing("ada")
    sign = connection.explain("ada").sign_of_life
    assert sign is not None
    assert (sign.source, sign.packet, sign.received_s) == (None, None, connection.clock.wall_s - 1)
    connection.typing("ada")
    explanation = connection.explain("ada")
    assert explanation.packet is None and deciding_packet(explanation) == connection.log.next - 1


def test_a_cached_flag_counts_as_seen_when_it_was_cached() -> None:
    connection = Connection()
    connection.answer(Source.CACHE, ("ada", True, None))
    sign = connection.explain("ada").sign_of_life
    assert sign is not None
    assert (sign.source, sign.is_told, sign.at_s) == (Source.CACHE, False, connection.clock.wall_s)


def test_without_packets_there_is_an_explanation_without_their_numbers() -> None:
    connection = Connection()
    connection.event("presence:snapshot", {"users": [{"userId": "ada", "isOnline": True}]})
    record = connection.store.participants["ada"]
    for packets, number in ((connection.packets["ada"], 0), (None, None)):
        explanation = explain(record, connection.store, packets)
        assert explanation.evidence == record.evidence
        assert explanation.packet == number


def test_a_snapshot_that_was_dropped_is_not_taken_for_the_next_one() -> None:
    connection = Connection(most_packets=2)
    for users in ([{"userId": "ada", "isOnline": True}], [], []):
        connection.clock.advance(1)
        connection.event("presence:snapshot", {"users": users})
    assert connection.explain("ada").packet is None


def test_an_event_that_tells_a_time_does_not_count_by_its_arrival() -> None:
    connection = Connection()
    typing = connection.typing("ada")
    connection.clock.advance(0.5)
    connection.status("ada", True, lastActiveAt=connection.gateway_now_s - 60)
    sign = connection.explain("ada").sign_of_life
    assert sign is not None and (sign.source, sign.packet) == (Source.TYPING, typing)


async def test_a_long_snapshot_is_recorded_after_its_rows() -> None:
    connection = Connection()
    connection.begin()
    connection.inbound.handle_snapshot(Snapshot([PresenceRow("ada", True, 1.6e9)], complete=False))
    connection.clock.advance(3)
    connection.inbound.handle_snapshot(Snapshot([]), '42["presence:snapshot",{}]')
    connection.clock.advance(3)
    connection.inbound.handle_snapshot(Snapshot([]), '42["presence:snapshot",{}]')
    explanation = connection.explain("ada")
    sign = explanation.sign_of_life
    assert explanation.packet == 0 and sign is not None and sign.packet == 0


def test_a_name_and_a_role_are_from_the_roster_or_an_event() -> None:
    connection = Connection()
    store, clock = connection.store, connection.clock
    began_s = clock.wall_s
    row = Participant("ada", "Ada", "ada.o", role="admin", language="fr")
    store.set_participants([row], HARBOUR, asked=clock.stamp())
    ada = store.participants["ada"]
    cached = Origin(Source.CACHE, began_s, HARBOUR)
    unread = cached._replace(at_s=None)
    assert explain_identity(ada, store, HARBOUR) == IdentityExplanation(cached, cached, cached, unread)
    connection.begin()
    clock.advance(1)
    asked = clock.stamp()
    store.set_participants([row], HARBOUR, asked=asked)
    clock.advance(1)
    store.members.set_roster_read(HARBOUR, asked, is_whole=True)
    read = Origin(Source.ROSTER, asked.wall_s, HARBOUR)
    assert explain_identity(ada, store, HARBOUR) == IdentityExplanation(read, read, read, read)
    store.members.set_role("ada", HARBOUR, "moderator")
    by_event = Origin(Source.EVENT, clock.wall_s)
    clock.advance(5)
    assert explain_identity(ada, store, HARBOUR) == IdentityExplanation(read, read, read, by_event)
    assert explain_identity(ada, store, None).role is None
    assert explain_identity(ada, store, "elsewhere").role is None


def test_a_name_and_a_handle_are_from_what_told_them_first() -> None:
    connection = Connection()
    store, clock = connection.store, connection.clock
    connection.begin()
    snapshot_s = clock.wall_s
    store.apply_answers([PresenceRow("ada", True, None, "ada.o")], Source.SNAPSHOT, clock.stamp())
    clock.advance(1)
    event_s = clock.wall_s
    for _ in range(2):
        store.apply_status(Status("ada", True, "Ada"))
        clock.advance(1)
    ada = store.participants["ada"]
    told = explain_identity(ada, store, None)
    assert (told.name, told.handle) == (Origin(Source.EVENT, event_s), Origin(Source.SNAPSHOT, snapshot_s))
    assert told.language is None
    store.apply_typing("ada", name="Ada O.", handle="ada.okafor")
    typed = Origin(Source.TYPING, clock.wall_s)
    told = explain_identity(ada, store, None)
    assert (told.name, told.handle) == (typed, typed)
    clock.advance(1)
    store.members.apply_names({"ada": ("ada", "Ada Okafor")})
    renamed = Origin(Source.EVENT, clock.wall_s)
    told = explain_identity(ada, store, None)
    assert (told.name, told.handle) == (renamed, renamed)


def test_a_name_of_the_roster_stays_from_the_roster() -> None:
    connection = Connection()
    store, clock = connection.store, connection.clock
    connection.begin()
    asked = clock.stamp()
    store.set_participants([Participant("ada", "Ada")], HARBOUR, asked=asked)
    clock.advance(1)
    store.apply_status(Status("ada", True, "Ada Lovelace"))
    told = explain_identity(store.participants["ada"], store, HARBOUR)
    assert (told.name, told.handle) == (Origin(Source.ROSTER, asked.wall_s, HARBOUR), None)


def test_counts_say_when_the_roster_was_read_and_what_events_changed() -> None:
    connection = Connection()
    store, clock = connection.store, connection.clock
    assert explain_roster(HARBOUR, store) == RosterExplanation(Counts(), None, False, 0, None)
    asked = clock.stamp()
    store.set_participants([Participant("ada"), Participant("ben")], HARBOUR, asked=asked)
    clock.advance(1)
    store.members.set_roster_read(HARBOUR, asked, is_whole=True)
    store.members.remove("ben", HARBOUR)
    store.apply_status(Status("ada", True))
    store.apply_status(Status("ada", False))
    explanation = explain_roster(HARBOUR, store)
    assert explanation.counts == store.counts(HARBOUR) == Counts(offline=1)
    assert (explanation.read_s, explanation.is_whole, explanation.events_since) == (asked.wall_s, True, 1)
    assert explanation.last_moved_s == clock.wall_s


ProvenanceMachine.TestCase.settings = settings(repeatable, max_examples=150, stateful_step_count=30)
TestExplanationsOfRandomHistories = pytest.mark.slow(ProvenanceMachine.TestCase)
