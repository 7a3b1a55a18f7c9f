"""The effect of each event on the store, and its count."""

from typing import Any

import pytest

from presence_tui.domain.enums import Cause, Outcome, Source, State
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.wire import messages
from presence_tui.wire.timestamps import wire_from_seconds
from tests.unit.store.store_harness import HARBOUR, StoreHarness
from tests.unit.wire.payloads import EXAMPLES

ADA, BEN = "66aa00000000000000000011", "66aa00000000000000000012"
DEEP: Any = "x"
for _ in range(500):
    DEEP = [DEEP]


class InboundHarness:
    """Applies events to a store and returns their outcomes."""

    def __init__(self) -> None:
        self.harness = StoreHarness()
        self.tally = EventCounters()
        self.inbound = Inbound(self.harness.store, self.tally)

    def take(self, event: str, *arguments: object) -> messages.Message:
        before = self.tally.received
        message = self.inbound.handle(event, arguments)
        assert self.tally.received == before + 1, "each event is counted once"
        return message

    def outcome(self, event: str, *arguments: object) -> Outcome:
        before = {outcome: self.tally.of(outcome) for outcome in Outcome}
        self.take(event, *arguments)
        (counted,) = [outcome for outcome in Outcome if self.tally.of(outcome) != before[outcome]]
        return counted

    def status(self, key: str = ADA, flag: bool = True, event: str = "user:status", **more: Any) -> Outcome:
        return self.outcome(event, {"userId": key, "username": "Ada", "isOnline": flag, **more})


@pytest.fixture
def post() -> InboundHarness:
    return InboundHarness()


@pytest.mark.parametrize("event", ["user:status", "USER_STATUS"])
def test_status_event_under_either_name_is_applied(post: InboundHarness, event: str) -> None:
    assert post.status(ADA, True, event) is Outcome.APPLIED
    record = post.harness.record(ADA)
    assert (record.flag, record.name, record.source) == (True, "Ada", Source.EVENT)
    assert post.status(ADA, False, event) is Outcome.APPLIED
    assert post.harness.record(ADA).flag is False


def test_duplicate_and_late_events_are_counted_separately(post: InboundHarness) -> None:
    now_s = post.harness.now_s
    assert post.status(timestamp=wire_from_seconds(now_s)) is Outcome.APPLIED
    assert post.status(timestamp=wire_from_seconds(now_s)) is Outcome.DUPLICATE
    assert post.status(flag=False, timestamp=wire_from_seconds(now_s - 60)) is Outcome.LATE
    assert post.harness.record(ADA).flag is True
    assert post.tally.received == 3


def test_emission_time_gives_latency_by_gateway_clock(post: InboundHarness) -> None:
    post.harness.store.states.set_skew(100.0)
    post.status(timestamp=wire_from_seconds(post.harness.now_s + 100 - 0.25))
    assert post.tally.latency_ms == pytest.approx(250, abs=1)


def test_recovery_offset_after_payload_is_ignored(post: InboundHarness) -> None:
    assert post.outcome("user:status", {"userId": ADA, "isOnline": True}, "offset-1", None) is Outcome.APPLIED


def test_unreadable_time_is_counted_beside_its_event(post: InboundHarness) -> None:
    assert post.status(lastActiveAt="yesterday", timestamp="noon") is Outcome.APPLIED
    assert post.harness.store.invalid_times.unreadable == 2
    assert post.harness.record(ADA).last_active_s is None


def test_snapshot_sets_all_flags_and_counts_as_one_event(post: InboundHarness) -> None:
    users = [
        {"userId": ADA, "username": "ada", "isOnline": True, "lastActiveAt": None},
        {"userId": BEN, "username": "ben", "isOnline": False, "lastActiveAt": None},
        {"userId": None, "isOnline": True},
        "nobody",
    ]
    assert post.outcome("presence:snapshot", {"users": users}) is Outcome.APPLIED
    assert (post.harness.record(ADA).flag, post.harness.record(BEN).flag) == (True, False)
    assert post.harness.record(ADA).handle == "ada"
    assert post.tally.malformed_rows == 2


async def test_parts_of_long_snapshot_are_published_together_and_counted_once(post: InboundHarness) -> None:
    told: list[set[str]] = []
    post.harness.store.subscribe(lambda changed: told.append(changed.touched))
    inbound = Inbound(post.harness.store, post.tally)
    inbound.handle_snapshot(messages.Snapshot([messages.PresenceRow(ADA, True)], complete=False))
    inbound.handle_snapshot(messages.Snapshot([messages.PresenceRow(BEN, True)]))
    assert (post.tally.received, told) == (1, [{ADA, BEN}])


def test_snapshot_does_not_overwrite_event_of_its_epoch(post: InboundHarness) -> None:
    post.harness.store.epochs.begin()
    post.status(ADA, True)
    post.harness.clock.advance(1)
    post.take("presence:snapshot", {"users": [{"userId": ADA, "isOnline": False, "lastActiveAt": None}]})
    assert post.harness.record(ADA).flag is True
    post.harness.store.epochs.begin()
    post.take("presence:snapshot", {"users": [{"userId": ADA, "isOnline": False, "lastActiveAt": None}]})
    assert post.harness.record(ADA).flag is False


def test_typing_updates_activity_but_not_flag(post: InboundHarness) -> None:
    typing = {"userId": ADA, "username": "ada", "displayName": "Ada O.", "conversationId": HARBOUR}
    assert post.outcome("typing:start", {**typing, "isTyping": True}) is Outcome.APPLIED
    record = post.harness.record(ADA)
    assert (record.flag, record.typing_s, record.name) == (None, post.harness.now_s, "Ada O.")
    assert post.outcome("typing:stop", {**typing, "isTyping": False}) is Outcome.APPLIED
    assert post.harness.record(ADA).typing_s is None


def test_typing_stop_of_unknown_user_adds_no_participant(post: InboundHarness) -> None:
    post.take("typing:stop", {"userId": ADA, "username": "ada", "conversationId": HARBOUR})
    assert post.harness.store.get_user_by_id(ADA) is None


def test_membership_events_add_remove_and_change_role(post: InboundHarness) -> None:
    post.harness.roster(BEN)
    joined = {"conversationId": HARBOUR, "userId": ADA, "displayName": "Ada", "joinedAt": "x"}
    assert post.outcome("conversation:participant-joined", joined) is Outcome.APPLIED
    rosters = post.harness.store.rosters
    assert set(rosters.members(HARBOUR)) == {ADA, BEN}
    assert rosters.role(HARBOUR, ADA) == "member"
    post.take(
        "participant:role-updated",
        {"conversationId": HARBOUR, "userId": ADA, "newRole": "MODERATOR", "updatedBy": BEN},
    )
    assert rosters.role(HARBOUR, ADA) == "moderator"
    left = {"conversationId": HARBOUR, "userId": ADA, "displayName": "Ada", "leftAt": "x"}
    assert post.outcome("conversation:participant-left", left) is Outcome.APPLIED
    assert rosters.members(HARBOUR) == [BEN]
    assert post.outcome("conversation:participant-left", left) is Outcome.APPLIED, (
        "a repeated message is no error"
    )


def test_join_in_unread_conversation_creates_no_roster(post: InboundHarness) -> None:
    joined = {"conversationId": "unread", "userId": ADA, "displayName": "Ada", "joinedAt": "x"}
    assert post.outcome("conversation:participant-joined", joined) is Outcome.APPLIED
    assert not post.harness.store.rosters.knows("unread")


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        (
            "conversation:stats",
            {"conversationId": HARBOUR, "stats": {"onlineUsers": [{"id": ADA, "username": "ada"}]}},
        ),
        (
            "conversation:online_stats",
            {"conversationId": HARBOUR, "onlineUsers": [{"id": ADA, "username": "ada"}]},
        ),
    ],
)
def test_statistics_update_names_but_not_presence(
    post: InboundHarness, event: str, payload: dict[str, Any]
) -> None:
    assert post.outcome(event, payload) is Outcome.APPLIED
    assert post.harness.store.get_user_by_id(ADA) is None, (
        "statistics may be an hour old and add no participant"
    )
    post.status(ADA, False, username="")
    post.take(event, payload)
    assert (post.harness.record(ADA).handle, post.harness.record(ADA).flag) == ("ada", False)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_contract_example_is_counted_once(post: InboundHarness, name: str) -> None:
    """Under its own event name if it is an event, otherwise under that of a status."""
    by_schema = {
        "userStatus": "user:status",
        "presenceSnapshot": "presence:snapshot",
        "authenticated": "authenticated",
        "authTokenExpired": "auth:token-expired",
        "authSessionRevoked": "auth:session-revoked",
        "errorEvent": "error",
        "heartbeatAck": "heartbeat:ack",
        "conversationRoom": "conversation:joined",
        "conversationJoinError": "conversation:join-error",
        "conversationStats": "conversation:stats",
        "onlineStats": "conversation:online_stats",
        "participantJoined": "conversation:participant-joined",
        "participantLeft": "conversation:participant-left",
        "roleUpdated": "participant:role-updated",
        "typing": "typing:start",
    }
    example = EXAMPLES[name]
    event = by_schema.get(example["schema"])
    if event is None:
        post.take("user:status", example["payload"])
    else:
        assert post.outcome(event, example["payload"]) is Outcome.APPLIED


NO_STATUS: list[tuple[str, tuple[object, ...]]] = [
    ("nothing", ()),
    ("null", (None,)),
    ("text", ("ada is online",)),
    ("number", (7,)),
    ("list", ([1, 2],)),
    ("empty object", ({},)),
    ("bytes", (b"\x00\x01",)),
    ("bytes in it", ({"userId": b"a", "isOnline": True},)),
    ("no id", ({"isOnline": True},)),
    ("no flag", ({"userId": ADA},)),
    ("null id", ({"userId": None, "isOnline": True},)),
    ("null flag", ({"userId": ADA, "isOnline": None},)),
    ("number as id", ({"userId": 7, "isOnline": True},)),
    ("text as flag", ({"userId": ADA, "isOnline": "true"},)),
    ("number as flag", ({"userId": ADA, "isOnline": 1},)),
    ("empty id", ({"userId": "", "isOnline": True},)),
    ("huge id", ({"userId": "x" * 100_000, "isOnline": True},)),
    ("escape in id", ({"userId": "\x1b[2J", "isOnline": True},)),
    ("bidi in id", ({"userId": "a\u202eb", "isOnline": True},)),
    ("half a surrogate", ({"userId": "\ud800", "isOnline": True},)),
    ("list as name", ({"userId": ADA, "isOnline": True, "username": ["Ada"]},)),
    ("deep", ({"userId": DEEP, "isOnline": True},)),
]


@pytest.mark.parametrize("arguments", [case[1] for case in NO_STATUS], ids=[case[0] for case in NO_STATUS])
def test_invalid_status_is_malformed_and_changes_nothing(
    post: InboundHarness, arguments: tuple[object, ...]
) -> None:
    version = post.harness.store.version
    assert post.outcome("user:status", *arguments) is Outcome.MALFORMED
    assert post.harness.store.version == version


def test_out_of_range_timestamp_is_counted(post: InboundHarness) -> None:
    """JSON numbers have no limit: ``10 ** 400`` is an integer in Python, but not a float."""
    assert post.status(timestamp=10**400) in (Outcome.APPLIED, Outcome.MALFORMED)


@pytest.mark.parametrize("event", [["user:status"], {"a": 1}, 7, None, True])
def test_non_text_event_name_is_unknown(post: InboundHarness, event: Any) -> None:
    """``42[["user:status"],{}]`` is a valid Socket.IO packet."""
    assert post.outcome(event, {"userId": ADA, "isOnline": True}) is Outcome.UNKNOWN


@pytest.mark.parametrize("event", ["message:new", "user:statuses", "", "connect", "\x1b[2J", "x" * 100_000])
def test_unrelated_events_are_counted_as_unknown(post: InboundHarness, event: str) -> None:
    version = post.harness.store.version
    assert post.outcome(event, {"userId": ADA, "isOnline": True}) is Outcome.UNKNOWN
    assert post.harness.store.version == version


def test_replayed_events_change_states_and_alert_nobody(post: InboundHarness) -> None:
    post.status(ADA, False)
    post.inbound.begin_replay()
    post.status(ADA, True, timestamp=wire_from_seconds(post.harness.now_s - 1))
    post.inbound.handle_statuses([messages.Status(BEN, True)])
    post.take("typing:start", {"userId": ADA, "conversationId": "c"})
    post.inbound.end_replay(is_recovered=True)
    post.status(ADA, False)
    causes = [(change.key, change.cause) for change in post.harness.changes]
    assert causes == [
        (ADA, Cause.MOVED), (ADA, Cause.REPLAYED), (BEN, Cause.REPLAYED), (ADA, Cause.MOVED)
    ]  # fmt: skip
    assert post.harness.record(ADA).flaps == 0
    assert (post.tally.replayed, post.tally.recoveries) == (3, 1)
    assert post.tally.latency_ms is None, "how long a replayed event waited is no latency"


def test_a_replay_that_breaks_off_ends_with_its_connection(post: InboundHarness) -> None:
    post.inbound.begin_replay()
    post.status(ADA, True)
    post.inbound.begin_connection()
    post.status(ADA, False)
    assert [change.cause for change in post.harness.changes] == [Cause.REPLAYED, Cause.MOVED]
    assert (post.tally.replayed, post.tally.recoveries) == (1, 0)
    post.inbound.end_replay(is_recovered=False)
    assert (post.tally.replayed, post.tally.recoveries, post.tally.refused_recoveries) == (1, 0, 1)


def test_a_connection_that_asked_for_no_recovery_is_none_and_refused_none(post: InboundHarness) -> None:
    post.inbound.end_replay(is_recovered=None)
    assert (post.tally.recoveries, post.tally.refused_recoveries) == (0, 0)


@pytest.mark.parametrize("skew_s", [0.0, 600.0])
def test_who_is_replayed_was_active_when_that_was_sent_and_not_when_it_arrived(
    post: InboundHarness, skew_s: float
) -> None:
    """The older protocol tells no last activity, so that its arrival counts as one: but not after a gap."""
    store, cleo = post.harness.store, "66aa00000000000000000013"
    store.states.set_skew(skew_s)
    post.status(ADA, True)
    post.harness.clock.advance(100)
    lost_s = post.harness.now_s
    post.harness.clock.advance(90)
    sent_s = post.harness.now_s - 30
    post.inbound.begin_replay(lost_s)
    post.status(ADA, True)
    post.status(BEN, True, timestamp=wire_from_seconds(sent_s + skew_s))
    post.take("typing:start", {"userId": cleo, "conversationId": "c"})
    ages = {key: store.states.age_s(post.harness.record(key)) for key in (ADA, BEN, cleo)}
    assert ages == pytest.approx({ADA: 90, BEN: 30, cleo: 90}, abs=0.01)
    assert post.harness.record(ADA).state is State.AWAY
    assert post.harness.record(cleo).typing_s is None, "who typed in a gap need not type now"
    assert post.harness.changes[-1].cause is Cause.REPLAYED
    post.inbound.end_replay(is_recovered=True)
    post.harness.clock.advance(2)
    post.status(ADA, True)
    assert store.states.age_s(post.harness.record(ADA)) == 0


def test_what_is_replayed_takes_no_newer_sign_of_life_away(post: InboundHarness) -> None:
    post.status(ADA, True)
    post.inbound.begin_replay(post.harness.now_s - 50)
    post.harness.clock.advance(5)
    post.status(ADA, False)
    post.status(ADA, True)
    assert post.harness.store.states.age_s(post.harness.record(ADA)) == 5


def test_what_is_replayed_of_ourselves_is_over(post: InboundHarness) -> None:
    """The gateway told everybody that we had left, and stored it for us as well."""
    post.inbound.own_key = ADA
    post.status(ADA, True)
    post.inbound.begin_replay()
    statuses = [messages.Status(BEN, True), messages.Status(ADA, False), messages.Status(BEN, False)]
    post.inbound.handle_statuses(statuses)
    assert post.status(ADA, False) is Outcome.LATE
    assert (post.tally.of(Outcome.LATE), post.tally.of(Outcome.APPLIED)) == (2, 3)
    assert post.harness.record(ADA).flag is True
    assert [change.key for change in post.harness.changes] == [ADA, BEN, BEN]
