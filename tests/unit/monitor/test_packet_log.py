"""Packets are kept in order within the limits, with their verdicts and without credentials."""

import json

import pytest

from presence_tui.domain.enums import Outcome, Verdict
from presence_tui.domain.limits import Bounds
from presence_tui.domain.redaction import register_secret
from presence_tui.monitor.connection_attempt import ConnectionAttempt
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.monitor.packet_log import TEXT_CHARS, PacketLog, PacketRecord
from presence_tui.wire.fast_decode import read_statuses
from presence_tui.wire.messages import Snapshot
from tests.unit.store.store_harness import StoreHarness

SENTINEL = "s3ntinel-of-a-guest-session"


def status(key: str, flag: bool = True, **more: object) -> str:
    return f'42["user:status",{json.dumps({"userId": key, "isOnline": flag, **more})}]'


def texts(log: PacketLog) -> list[str]:
    return [record.text for record in log.between(0, log.next)]


class Recorded:
    """One connection whose packets are recorded."""

    def __init__(self) -> None:
        self.harness = StoreHarness()
        self.counters = EventCounters()
        self.log = PacketLog()
        self.inbound = Inbound(self.harness.store, self.counters, packets=self.log)
        self.connect()

    def connect(self) -> None:
        self.attempt = ConnectionAttempt(self.inbound, self.harness.clock)
        self.attempt.on_authenticated.subscribe(lambda key: self._go_live())

    def _go_live(self) -> None:
        self.harness.store.epochs.begin()

    def statuses(self, *packets: str) -> None:
        statuses = read_statuses(packets)
        assert statuses is not None
        self.attempt.on_statuses(statuses, packets)

    def event(self, event: str, payload: object) -> None:
        self.attempt.on_event(event, (payload,), f"42{json.dumps([event, payload])}")

    def verdicts(self) -> list[str]:
        return [str(record.verdict) for record in self.log.between(0, self.log.next)]


@pytest.fixture
def recorded() -> Recorded:
    return Recorded()


def test_packets_have_numbers_in_order_of_arrival() -> None:
    log = PacketLog()
    log.add_statuses(1.0, 1, ["a", "b"], [Outcome.APPLIED, Outcome.LATE])
    log.add(2.0, 1, "c", Verdict.CONTROL)
    log.add_statuses(3.0, 2, ["d", "e"], [Outcome.APPLIED] * 2)
    told = [(each.seq, each.at_s, each.epoch, each.verdict, each.text) for each in log.between(0, 99)]
    assert told == [
        (0, 1.0, 1, "applied", "a"),
        (1, 1.0, 1, "late", "b"),
        (2, 2.0, 1, "control", "c"),
        (3, 3.0, 2, "applied", "d"),
        (4, 3.0, 2, "applied", "e"),
    ]
    assert [record.seq for record in log.between(1, 4)] == [1, 2, 3]
    assert [log.get(seq) is not None for seq in (-1, 0, 4, 5)] == [False, True, True, False]


def test_packets_that_mention_a_word_are_found_newest_first() -> None:
    log = PacketLog()
    log.add_statuses(1.0, 1, ["ada", "ben", "ada"], [Outcome.APPLIED, Outcome.LATE, Outcome.LATE])
    log.add(2.0, 1, "ada and ben", Verdict.CONTROL)
    found = [(each.seq, each.verdict) for each in log.mentioning("ada", 100)]
    assert found == [(3, "control"), (2, "late"), (0, "applied")]
    assert [each.seq for each in log.mentioning("ada", 1)] == [3]
    assert list(log.mentioning("cleo", 100)) == []
    log.add_statuses(3.0, 1, ["ben", "cleo"], [Outcome.APPLIED] * 2)
    assert [each.seq for each in log.mentioning("cleo", 100)] == [5]


def test_statuses_that_may_hold_credentials_are_masked_and_keep_their_verdicts() -> None:
    log = PacketLog()
    packets = [status("ada"), status("ben", name=f"Bearer {SENTINEL}")]
    log.add_statuses(2.0, 3, packets, [Outcome.LATE, Outcome.DUPLICATE])
    first, second = log.between(0, 9)
    assert first == PacketRecord(0, 2.0, 3, Outcome.LATE, packets[0], len(packets[0]))
    masked = packets[1].replace(SENTINEL, "[masked]")
    assert second == PacketRecord(1, 2.0, 3, Outcome.DUPLICATE, masked, len(packets[1]))


@pytest.mark.parametrize("at_once", [1, 3, 7, 25])
def test_the_oldest_are_dropped_by_count(at_once: int) -> None:
    log = PacketLog(Bounds(packets=10))
    sent = [str(number) for number in range(100)]
    for start in range(0, 100, at_once):
        batch = sent[start : start + at_once]
        log.add_statuses(0.0, 1, batch, [Outcome.APPLIED] * len(batch))
        assert log.next - log.first <= 10
    assert log.next == 100
    assert texts(log) == sent[log.first :] and log.first > 0
    assert log.get(log.first - 1) is None


def test_the_oldest_are_dropped_by_memory() -> None:
    log = PacketLog(Bounds(packet_bytes=100_000))
    for number in range(100):
        log.add(0.0, 1, f"{number:010000}", Outcome.APPLIED)
        assert log.held_bytes <= 100_000
    assert 5 <= log.next - log.first < 10
    assert log.get(99) is not None


def test_a_burst_larger_than_the_memory_is_kept_in_part() -> None:
    log = PacketLog(Bounds(packet_bytes=100_000))
    long = [f"{number:05000}" for number in range(100)]
    log.add_statuses(0.0, 1, long, [Outcome.APPLIED] * 100)
    assert log.held_bytes <= 100_000 and log.next == 100
    assert texts(log) == long[log.first :] != []


def test_a_huge_packet_is_cut_and_keeps_its_size() -> None:
    log = PacketLog()
    log.add(0.0, 1, "é" * 5_000_000, Outcome.APPLIED)
    (record,) = log.between(0, 1)
    assert len(record.text) == TEXT_CHARS and record.size == 10_000_000


def test_no_part_of_a_secret_is_left_where_a_packet_is_cut() -> None:
    register_secret(SENTINEL)
    log = PacketLog()
    for before in range(TEXT_CHARS - len(SENTINEL) - 1, TEXT_CHARS + 2):
        log.add(0.0, 1, "x" * before + SENTINEL + "y" * 9_000, Outcome.APPLIED)
        assert SENTINEL[:4] not in texts(log)[-1]


def test_of_an_attachment_only_the_size_is_kept() -> None:
    log = PacketLog()
    log.add(0.0, 1, b"\x00" * 500, Verdict.CONTROL)
    (record,) = log.between(0, 1)
    assert (record.text, record.size) == ("", 500)


def test_a_frozen_copy_stays_as_it_is() -> None:
    log = PacketLog(Bounds(packets=3))
    for text in "abc":
        log.add(0.0, 1, text, Outcome.APPLIED)
    frozen = log.frozen()
    for text in "defg":
        log.add(0.0, 1, text, Outcome.APPLIED)
    assert (texts(frozen), texts(log)) == (["a", "b", "c"], ["e", "f", "g"])


def test_listeners_are_called_after_each_record() -> None:
    log, heard = PacketLog(), list[int]()
    unsubscribe = log.subscribe(lambda: heard.append(log.next))
    log.add_statuses(0.0, 1, ["a", "b"], [Outcome.APPLIED] * 2)
    log.add(0.0, 1, "c", Outcome.APPLIED)
    unsubscribe()
    unsubscribe()
    log.add(0.0, 1, "d", Outcome.APPLIED)
    assert heard == [2, 3]


@pytest.mark.parametrize(
    "packet",
    [
        f'40{{"sessionToken":"{SENTINEL}","sessionType":"anonymous"}}',
        f'42["authenticate",{{"token":"{SENTINEL}"}}]',
        f'42["authenticated",{{"success":true,"session":"{SENTINEL}"}}]',
        f'42["error",{{"message":"Bearer {SENTINEL} is not accepted"}}]',
        f'42["login",{{"password":"{SENTINEL}"}}]',
    ],
)
def test_credentials_are_masked_before_they_are_stored(packet: str) -> None:
    log = PacketLog()
    log.add(0.0, 1, packet, Verdict.SENT)
    (record,) = log.between(0, 1)
    assert SENTINEL not in record.text and "[masked]" in record.text
    assert record.size == len(packet)


def test_each_event_has_the_verdict_that_is_counted(recorded: Recorded) -> None:
    recorded.event("authenticated", {"success": True, "user": {"id": "me"}})
    recorded.statuses(status("ada"), status("ada"), status("ben"))
    recorded.statuses(status("ada", flag=False))
    recorded.event("user:status", {"userId": "cleo", "isOnline": True})
    recorded.event("user:status", {"userId": 5})
    recorded.event("moon:rises", {})
    recorded.attempt.on_unreadable("no packet", "4nonsense")
    recorded.attempt.on_snapshot(Snapshot([], 0, complete=False), "42[…]")
    recorded.attempt.on_snapshot(Snapshot([], 0), "42[…]")
    assert recorded.verdicts() == [
        "applied", "applied", "duplicate", "applied", "applied", "applied",
        "malformed", "unknown", "malformed", "applied",
    ]  # fmt: skip
    counted = {outcome: recorded.counters.of(outcome) for outcome in Outcome}
    assert counted == {outcome: recorded.verdicts().count(outcome) for outcome in Outcome}


def test_without_a_log_packets_are_kept_within_the_limits_of_the_store() -> None:
    inbound = Inbound(StoreHarness(bounds=Bounds(packets=2)).store, EventCounters())
    for text in "abc":
        inbound.record_control(text, Verdict.CONTROL)
    assert texts(inbound._packets) == ["b", "c"]


def test_what_is_no_event_is_recorded_and_not_counted(recorded: Recorded) -> None:
    recorded.attempt.on_sent('40{"token":"eyJhbGciOi.J9"}')
    recorded.attempt.on_control("2")
    recorded.attempt.on_control(b"\x01")
    assert recorded.verdicts() == ["sent", "control", "control"] and recorded.counters.received == 0


def test_after_a_sleep_packets_are_stale(recorded: Recorded) -> None:
    recorded.attempt.fall_behind(600.0)
    recorded.statuses(status("ada"), status("ben"))
    recorded.event("typing:start", {"userId": "ada", "conversationId": "harbour"})
    recorded.attempt.on_control("2")
    assert recorded.verdicts() == ["stale"] * 4
    assert recorded.counters.of(Outcome.LATE) == recorded.counters.received == 3


def test_all_packets_of_a_connection_have_its_number_and_earlier_ones_stay(recorded: Recorded) -> None:
    recorded.attempt.on_sent("40{}")
    recorded.event("authenticated", {"success": True, "user": {"id": "me"}})
    recorded.statuses(status("ada"))
    recorded.connect()
    recorded.attempt.on_sent("40{}")
    recorded.connect()
    recorded.event("authenticated", {"success": True, "user": {"id": "me"}})
    recorded.statuses(status("ada", flag=False))
    assert [record.epoch for record in recorded.log.between(0, 99)] == [1, 1, 1, 2, 2, 2]
    assert recorded.harness.store.epochs.current == 2


def test_an_event_of_a_feed_without_packets_has_its_text_made_again(recorded: Recorded) -> None:
    recorded.attempt.on_event("moon:rises", ({"at": 1},))
    assert texts(recorded.log) == ['42["moon:rises",{"at":1}]']
    recorded.attempt.on_event("moon:rises", (float, "\ud800"))
    assert texts(recorded.log)[1:] == [""], "what is no JSON has no text"
