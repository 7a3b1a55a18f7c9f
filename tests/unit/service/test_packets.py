"""Packets as rows: what matches, in order, whatever is recorded, dropped, filtered and marked meanwhile."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.domain.enums import Direction, Outcome, Verdict
from presence_tui.domain.limits import Bounds
from presence_tui.domain.packet_filter import FilterError, parse_filter
from presence_tui.domain.participants import Participant
from presence_tui.monitor.packet_log import PacketLog
from presence_tui.service.packets import Packet, PacketIndex, PacketReader
from presence_tui.store import PresenceStore
from tests.unit.clock import FakeClock
from tests.unit.domain.hypothesis_profile import repeatable

KEYS = ("ada", "ben", "cleo")
FILTERS = ("", "~p ada", "!~v applied", "~d out | ~p =ben", "~m", "~c 2 ~e user:status", "cleo")


def status(key: str) -> str:
    return f'42["user:status",{json.dumps({"userId": key, "isOnline": True})}]'


def store_of_three() -> PresenceStore:
    store = PresenceStore(clock=FakeClock())
    people = [Participant(key, name=f"{key.title()} Okafor", handle=f"{key}.o") for key in KEYS]
    store.set_participants(people, "harbour")
    return store


def a_log(*packets: str, bounds: Bounds | None = None) -> PacketLog:
    log = PacketLog(bounds)
    for packet in packets:
        log.add(0.0, 1, packet, Outcome.APPLIED)
    return log


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("~p ada", [0]),
        ("~p ADA", [0]),
        ("~p okafor", [0, 1]),
        ("~p @ben.o", [1]),
        ("~p =ada", [0]),
        ("~p =ad", []),
        ("~p stranger", [2]),
        ("~p strange", []),
        ("~e typing", [3]),
        ("~t userid", [0, 1, 2]),
        ("~d out", []),
    ],
)
def test_a_participant_is_found_by_key_name_or_handle(expression: str, found: list[int]) -> None:
    log = a_log(status("ada"), status("ben"), status("stranger"), '42["typing:start",{}]')
    reader = PacketReader(log, store_of_three(), expression)
    assert [packet.seq for packet in reader.read()] == found


def snapshot(*keys: str) -> str:
    rows = [{"userId": key, "username": f"{key}.o", "isOnline": True} for key in keys]
    return f'42["presence:snapshot",{json.dumps({"users": rows})}]'


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("~p =ada", [0, 2, 3]),
        ("~p ada", [0, 2, 3]),
        ("~p @BEN.o", [0]),
        ("~p okafor", [0, 2, 3]),
        ("~p =ad", []),
        ("~p =stranger", [0]),
        ("~p strange", []),
        ("!~p ada", [1]),
        ("~p =u-9000", []),
    ],
)
def test_a_packet_about_many_is_found_by_each_of_them(expression: str, found: list[int]) -> None:
    many = [f"u-{number}" for number in range(9_001)]
    log = a_log(snapshot("ada", "ben", "stranger"), snapshot("cl"), status("ada"), snapshot("ada", *many))
    assert [packet.seq for packet in PacketReader(log, store_of_three(), expression).read()] == found
    index = PacketIndex(log, store_of_three())
    index.filter_by(expression)
    assert not index.update()
    assert [packet.seq for packet in index.rows(0, 9)] == found


def test_of_long_packets_a_few_are_searched_at_once() -> None:
    people = [f"u-{number}" for number in range(9_000)]
    log = a_log(*[snapshot("ada", *people) for _ in range(20)])
    index = PacketIndex(log, store_of_three())
    index.filter_by("~p =ada")
    assert index.update() and 0 < index.count() < 20
    while index.update():
        pass
    assert index.count() == 20 and not index.perhaps


def test_a_list_that_was_kept_in_part_is_perhaps_about_somebody() -> None:
    people = [f"u-{number}" for number in range(9_000)]
    log = a_log(snapshot("ada", *people), snapshot("ada"), bounds=Bounds(packets=3))
    index = PacketIndex(log, store_of_three())
    for expression, perhaps in (("~p =ben", 1), ("~p =ada", 0), ("~t nothing", 0), ("~p u-8999", 1)):
        index.filter_by(expression)
        assert not index.update() and index.perhaps == perhaps
    for _ in range(3):
        log.add(0.0, 1, status("ben"), Outcome.APPLIED)
    assert not index.update() and index.perhaps == 0, "it was dropped"


def test_a_reader_gets_each_packet_once_and_counts_what_it_missed() -> None:
    log = a_log(status("ada"), bounds=Bounds(packets=3))
    reader = PacketReader(log, store_of_three())
    assert [packet.seq for packet in reader.read()] == [0]
    for _ in range(5):
        log.add(0.0, 1, status("ben"), Outcome.APPLIED)
    assert [packet.seq for packet in reader.read()] == [3, 4, 5] and reader.missed == 2
    assert list(reader.read()) == []


def test_a_wrong_expression_changes_nothing() -> None:
    index = PacketIndex(a_log(status("ada"), status("ben")), store_of_three())
    index.filter_by("~p ben")
    index.update()
    with pytest.raises(FilterError):
        index.filter_by("~p")
    assert index.expression == "~p ben" and index.count() == 1


def test_the_earlier_packet_about_somebody_is_the_last_one_applied() -> None:
    log = a_log(status("ada"), status("ada"))
    log.add(0.0, 1, status("ada"), Outcome.DUPLICATE)
    log.add_statuses(0.0, 1, [status("ben")] * 2_500, [Outcome.APPLIED] * 2_500)
    log.add(0.0, 1, '42["typing:start",{"userId":"ada"}]', Outcome.APPLIED)
    log.add(0.0, 1, status("ada"), Outcome.APPLIED)
    index = PacketIndex(log, store_of_three())
    newest, first = index.packet(log.next - 1), index.packet(0)
    assert newest is not None and first is not None
    earlier = index.earlier_about(newest)
    assert earlier is not None and earlier.seq == 1
    assert index.earlier_about(first) is None


def test_directions_and_verdicts() -> None:
    log = a_log(status("ada"))
    log.add(0.0, 1, "40{}", Verdict.SENT)
    told = [(packet.direction, packet.verdict) for packet in PacketReader(log, store_of_three()).read()]
    assert told == [(Direction.IN, Verdict.APPLIED), (Direction.OUT, Verdict.SENT)]


steps = st.lists(
    st.one_of(
        st.tuples(st.just("statuses"), st.lists(st.sampled_from(KEYS), min_size=1, max_size=6)),
        st.tuples(st.just("other"), st.sampled_from(list(Verdict))),
        st.tuples(st.just("filter"), st.sampled_from(FILTERS)),
        st.tuples(st.just("mark"), st.integers(0, 30)),
        st.tuples(st.just("update"), st.none()),
    ),
    max_size=25,
)


@repeatable
@given(steps)
def test_rows_are_the_kept_packets_that_match(history: list[tuple[str, object]]) -> None:
    store, log = store_of_three(), PacketLog(Bounds(packets=12))
    index, expression = PacketIndex(log, store), ""
    for number, (step, given_value) in enumerate(history):
        match step, given_value:
            case "statuses", list(keys):
                outcomes = [Outcome.APPLIED if key != "ben" else Outcome.LATE for key in keys]
                log.add_statuses(0.0, 1 + number % 3, [status(key) for key in keys], outcomes)
            case "other", Verdict() as verdict:
                log.add(0.0, 2, "2", verdict)
            case "filter", str(expression):
                index.filter_by(expression)
            case "mark", int(seq) if log.get(seq) is not None:
                index.mark(seq)
        index.update()
        kept = [Packet(record, store, index.marked) for record in log.between(log.first, log.next)]
        wanted = [packet.seq for packet in kept if parse_filter(expression)(packet)]
        assert [packet.seq for packet in index.rows(0, 99)] == wanted
        assert index.count() == len(wanted)
        assert [index.seq_at(row) for row in range(len(wanted))] == wanted
        assert [index.row_of(seq) for seq in wanted] == list(range(len(wanted)))
        assert index.seq_at(len(wanted)) is None and index.row_of(log.next) is None
        assert {seq for seq in index.marked if seq < log.first} == set()
