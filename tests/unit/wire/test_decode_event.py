"""Decoding of events: every example of the contract, every way to break one, and never an exception."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.domain.evidence import UNREADABLE_S
from presence_tui.wire import messages, names
from presence_tui.wire.decode import decode_event
from presence_tui.wire.messages import Malformed, Message, PresenceRow, Snapshot, Status, Unrecognised
from presence_tui.wire.sanitize import LONGEST_NAME_CELLS, MESSAGE_CELLS, NAME_CELLS
from presence_tui.wire.timestamps import seconds_from_wire
from tests.unit.domain.hypothesis_profile import repeatable
from tests.unit.wire.payloads import EXAMPLES, HUGE, any_json, any_object_with, bent, example

NADIA, OSKAR, TEO = "66aa00000000000000000011", "66aa00000000000000000012", "66aa00000000000000000013"
MINA, RIVER, ME = "65bb00000000000000000021", "66cc00000000000000000031", "66aa00000000000000000001"
HARBOUR = "66dd00000000000000000041"

EVENTS_OF_SCHEMA: Mapping[str, tuple[str, ...]] = {
    "userStatus": ("user:status", "USER_STATUS"),
    "presenceSnapshot": ("presence:snapshot",),
    "authenticated": ("authenticated",),
    "authTokenExpired": ("auth:token-expired",),
    "authSessionRevoked": ("auth:session-revoked",),
    "errorEvent": ("error",),
    "typing": ("typing:start", "typing:stop"),
    "heartbeatAck": ("heartbeat:ack",),
    "conversationRoom": ("conversation:joined", "conversation:left"),
    "conversationJoinError": ("conversation:join-error",),
    "conversationStats": ("conversation:stats",),
    "onlineStats": ("conversation:online_stats",),
    "participantJoined": ("conversation:participant-joined",),
    "participantLeft": ("conversation:participant-left",),
    "roleUpdated": ("participant:role-updated",),
}
EVENTS = [event for events in EVENTS_OF_SCHEMA.values() for event in events]
VERDICTS = ("error", "auth:token-expired", "auth:session-revoked")
"""Their name is what counts, so that no payload of theirs is malformed."""
FALLIBLE = [event for event in EVENTS if event not in VERDICTS]


def at(text: str) -> float:
    seconds = seconds_from_wire(text)
    assert seconds is not None
    return seconds


# Expected message by name of the example and event.
MEANINGS: Mapping[tuple[str, str], Message] = {
    ("status-n", "user:status"): Status(
        NADIA, True, "Nadia Ferreira", last_active_s=at("2026-08-22T09:15:42.118Z")
    ),
    ("status-n-hidden-last-seen", "user:status"): Status(OSKAR, False, "Oskar Lind"),
    ("status-o", "user:status"): Status(MINA, False, "Mina Okafor"),
    ("status-guest", "user:status"): Status(
        RIVER, True, "ano_river", last_active_s=at("2026-08-22T09:15:40.002Z")
    ),
    ("snapshot", "presence:snapshot"): Snapshot(
        [
            PresenceRow(NADIA, True, at("2026-08-22T09:15:42.118Z"), "nadia.f"),
            PresenceRow(RIVER, False, None, "ano_river"),
        ]
    ),
    ("auth-ok", "authenticated"): messages.Authenticated(True, ME, version="1.1.0"),
    ("auth-fail-o", "authenticated"): messages.Authenticated(False, error="Authentication error"),
    ("expired", "auth:token-expired"): messages.TokenExpiredEvent("JWT token has expired"),
    ("revoked", "auth:session-revoked"): messages.SessionRevokedEvent(
        "logout_all_devices", "please sign in again"
    ),
    ("error", "error"): messages.GatewayErrorEvent("Authentication failed"),
    ("typing", "typing:start"): messages.Typing(OSKAR, HARBOUR, True, "Oskar Lind", "oskar"),
    ("typing", "typing:stop"): messages.Typing(OSKAR, HARBOUR, False, "Oskar Lind", "oskar"),
    ("beat-ack", "heartbeat:ack"): messages.HeartbeatAck(at("2026-08-22T09:15:42.201Z")),
    ("joined", "conversation:joined"): messages.RoomJoined(HARBOUR, ME),
    ("joined", "conversation:left"): messages.RoomLeft(HARBOUR, ME),
    ("join-error", "conversation:join-error"): messages.JoinRefused(
        "66dd00000000000000000099", "not_a_member", "not a member"
    ),
    ("stats", "conversation:stats"): messages.Named({NADIA: ("nadia.f", "Nadia Ferreira")}),
    ("online-stats-o", "conversation:online_stats"): messages.Named({MINA: ("mina", "Mina Okafor")}),
    ("p-joined", "conversation:participant-joined"): messages.ParticipantJoined(HARBOUR, TEO, "Teo Brandt"),
    ("p-left", "conversation:participant-left"): messages.ParticipantLeft(HARBOUR, TEO),
    ("role", "participant:role-updated"): messages.RoleUpdated(HARBOUR, OSKAR, "moderator"),
}


@pytest.mark.parametrize(("name", "event"), MEANINGS)
def test_example_of_the_contract_is_understood(name: str, event: str) -> None:
    assert decode_event(event, [example(name)]) == MEANINGS[name, event]


def test_no_event_of_the_contract_is_left_out() -> None:
    told = {name for name, one in EXAMPLES.items() if one["schema"] in EVENTS_OF_SCHEMA}

    assert {name for name, _ in MEANINGS} == told


@pytest.mark.parametrize("name", [name for name, one in EXAMPLES.items() if one["schema"] == "userStatus"])
def test_event_as_first_specified_says_the_same(name: str) -> None:
    assert decode_event("USER_STATUS", [example(name)]) == decode_event("user:status", [example(name)])


def any_payload_of(event: str) -> Mapping[str, object]:
    carriers = {carrier: example(name) for name, carrier in MEANINGS}
    return carriers["user:status" if event == "USER_STATUS" else event]


@pytest.mark.parametrize("event", EVENTS)
def test_arguments_behind_the_payload_are_ignored(event: str) -> None:
    payload = any_payload_of(event)

    assert decode_event(event, (payload, "offset-41", 7)) == decode_event(event, [payload])


@pytest.mark.parametrize("event", EVENTS)
def test_unknown_fields_are_ignored(event: str) -> None:
    payload = any_payload_of(event)

    extended = {**payload, "newField": {"deep": [1, None]}, "": 0}

    assert decode_event(event, [extended]) == decode_event(event, [payload])


STATUS = {"userId": "ada", "isOnline": True}
TYPING = {"userId": "ada", "conversationId": "harbour"}
MEMBERSHIP = {"userId": "ada", "conversationId": "harbour", "displayName": "Ada"}
ROLE = {"userId": "ada", "conversationId": "harbour", "newRole": "admin"}
STATS = {"conversationId": "harbour", "stats": {"onlineUsers": []}}
ONLINE_STATS = {"conversationId": "harbour", "onlineUsers": []}
BAD_IDS = (
    "",
    HUGE,
    "x" * 256,
    "a\x1b[2J",
    " ada",
    "ada\u200b",
    "\ud800",
    7,
    None,
    True,
    ["ada"],
    {"id": "ada"},
    ...,
)


def bad_ids(event: str, payload: Mapping[str, object], *fields: str) -> list[tuple[str, object]]:
    return [(event, bent(payload, **{field: bad})) for field in fields for bad in BAD_IDS]


def each(*payloads: Any) -> tuple[Any, ...]:
    """Payloads of any type."""
    return payloads


MALFORMED: list[tuple[str, Any]] = [
    *[(event, payload) for event in FALLIBLE for payload in each(None, [], "ada", 7, True, 0.5, [{}], {})],
    *bad_ids("user:status", STATUS, "userId"),
    *bad_ids("USER_STATUS", STATUS, "userId"),
    *[("user:status", bent(STATUS, isOnline=bad)) for bad in each(..., None, 1, 0, "true", [], {})],
    *[("user:status", bent(STATUS, username=bad)) for bad in each(7, [], {}, True)],
    *[("presence:snapshot", {"users": bad}) for bad in each(None, {}, "ada", 7)],
    *[("authenticated", bad) for bad in each({"success": None}, {"success": 1}, {"success": "true"})],
    *[
        ("authenticated", {"success": True, "user": bad})
        for bad in each("ada", [], {}, {"id": 7}, {"id": "a\x1b"})
    ],
    *[("authenticated", {"success": False, "error": bad}) for bad in each(7, {"message": "no"}, [])],
    *bad_ids("typing:start", TYPING, "userId", "conversationId"),
    *bad_ids("typing:stop", TYPING, "userId", "conversationId"),
    *[("heartbeat:ack", {"serverTime": bad}) for bad in each(None, 1_787_390_142_118, [])],
    *bad_ids("conversation:joined", TYPING, "userId", "conversationId"),
    *bad_ids("conversation:left", TYPING, "userId", "conversationId"),
    *[
        ("conversation:join-error", {"conversationId": "harbour", "reason": bad})
        for bad in each(..., None, 7, [])
    ],
    ("conversation:join-error", {"conversationId": None, "reason": "banned"}),
    *bad_ids("conversation:participant-joined", MEMBERSHIP, "userId", "conversationId"),
    *bad_ids("conversation:participant-left", MEMBERSHIP, "userId", "conversationId"),
    ("conversation:participant-joined", bent(MEMBERSHIP, displayName=7)),
    *bad_ids("participant:role-updated", ROLE, "userId", "conversationId"),
    *[("participant:role-updated", bent(ROLE, newRole=bad)) for bad in each(..., None, 7, [])],
    *[
        ("conversation:stats", bent(STATS, stats=bad))
        for bad in each(..., None, [], {}, {"onlineUsers": None})
    ],
    *[
        ("conversation:online_stats", bent(ONLINE_STATS, onlineUsers=bad))
        for bad in each(..., None, {}, "ada")
    ],
]


@pytest.mark.parametrize("event", FALLIBLE)
def test_payload_that_breaks_its_schema_is_malformed(event: str) -> None:
    payloads = [payload for name, payload in MALFORMED if name == event]

    assert payloads
    for payload in payloads:
        result = decode_event(event, [payload])
        assert isinstance(result, Malformed), payload
        assert result.event == event
        assert 0 < len(result.why) <= MESSAGE_CELLS, payload


def test_every_malformed_payload_belongs_to_an_event() -> None:
    assert {event for event, _ in MALFORMED} == set(FALLIBLE)


@pytest.mark.parametrize("event", FALLIBLE)
def test_event_without_arguments_is_malformed(event: str) -> None:
    assert isinstance(decode_event(event, []), Malformed)
    assert isinstance(decode_event(event, ()), Malformed)


@pytest.mark.parametrize(
    "arguments", [[], [None], [7], [[]], [{"message": 7, "code": [], "reason": {}}], [{"message": None}]]
)
def test_refusal_needs_no_payload(arguments: list[object]) -> None:
    """A revoked session whose event had another payload was tried again without end."""
    assert decode_event("auth:session-revoked", arguments) == messages.SessionRevokedEvent("", "")
    assert decode_event("auth:token-expired", arguments) == messages.TokenExpiredEvent("")
    assert decode_event("error", arguments) == messages.GatewayErrorEvent("")


def test_error_may_be_a_text() -> None:
    assert decode_event("error", ["no\x1b such user"]) == messages.GatewayErrorEvent("no␛ such user")
    assert decode_event("error", [{"message": "x\ud83d", "code": "\udc00"}]) == messages.GatewayErrorEvent(
        "x�", "�"
    )


@pytest.mark.parametrize("payload", [{}, {"message": ""}, {"code": None}])
def test_an_empty_error_is_still_an_error(payload: object) -> None:
    # Before authentication an error is fatal; ignoring one would mean waiting forever.
    assert decode_event("error", [payload]) == messages.GatewayErrorEvent("")


@pytest.mark.parametrize("event", ["message:new", "", "user:Status", "presence", "x" * 300])
def test_event_that_is_not_ours_is_unrecognised(event: str) -> None:
    result = decode_event(event, [STATUS])

    assert isinstance(result, Unrecognised)
    assert len(result.event) <= NAME_CELLS


def test_name_of_an_unrecognised_event_is_safe_to_show() -> None:
    assert decode_event("\x1b]0;root\x07", []) == Unrecognised("␛]0;root␇")


@pytest.mark.parametrize("event", [None, 7, 0.5, ["user:status"], {"user:status": 1}], ids=repr)
def test_event_whose_name_is_no_text_is_unrecognised(event: object) -> None:
    assert isinstance(decode_event(event, [STATUS]), Unrecognised)


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        (..., None),
        (None, None),
        ("2026-08-22T09:15:42.118Z", at("2026-08-22T09:15:42.118Z")),
        (1_787_390_142_118, 1_787_390_142.118),
        (1_787_390_142_118.5, 1_787_390_142.1185),
        (0, 0.0),
        (-5, -0.005),
        ("yesterday", UNREADABLE_S),
        ("", UNREADABLE_S),
        (10**17, UNREADABLE_S),
        (float("nan"), UNREADABLE_S),
        (10**400, UNREADABLE_S),
        ([], UNREADABLE_S),
        ({}, UNREADABLE_S),
        (True, UNREADABLE_S),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_time_is_iso_text_or_epoch_milliseconds_and_a_bad_one_costs_the_event_nothing(
    time: object, seconds: float | None
) -> None:
    emitted = decode_event("USER_STATUS", [bent(STATUS, timestamp=time)])
    active = decode_event("user:status", [bent(STATUS, lastActiveAt=time)])

    assert emitted == Status("ada", True, emitted_s=seconds)
    assert active == Status("ada", True, last_active_s=seconds)


def test_names_are_made_safe() -> None:
    status = decode_event("user:status", [bent(STATUS, username="\x1b]52;c;AAAA\x07\u202e" + HUGE)])

    assert isinstance(status, Status)
    assert status.name.startswith("␛]52;c;AAAA␇xxx")
    assert len(status.name) == LONGEST_NAME_CELLS


def test_missing_name_is_empty() -> None:
    assert decode_event("user:status", [bent(STATUS, username=None)]) == Status("ada", True)


def test_bad_rows_of_a_snapshot_are_counted_and_the_good_ones_kept() -> None:
    rows = [
        {"userId": "ada", "isOnline": True, "username": None},
        {"userId": "ada"},
        {"isOnline": True},
        {"userId": "b\x1b", "isOnline": True},
        {"userId": HUGE, "isOnline": True},
        None,
        [],
        {"userId": "bob", "isOnline": False, "lastActiveAt": "Invalid Date"},
    ]

    assert decode_event("presence:snapshot", [{"users": rows}]) == Snapshot(
        [PresenceRow("ada", True), PresenceRow("bob", False, UNREADABLE_S)], malformed_rows=6
    )


def test_an_empty_snapshot_is_a_snapshot() -> None:
    assert decode_event("presence:snapshot", [{"users": []}]) == Snapshot([])


def test_guest_is_told_that_it_is_one() -> None:
    payload = {"success": True, "user": {"id": "river", "isAnonymous": True}}

    assert decode_event("authenticated", [payload]) == messages.Authenticated(True, "river", guest=True)


def test_success_without_a_user_is_accepted() -> None:
    payload = {"success": True, "user": None, "error": None, "version": None}

    assert decode_event("authenticated", [payload]) == messages.Authenticated(True)


def test_refused_sign_in_is_explained_at_the_length_of_a_message() -> None:
    refused = decode_event("authenticated", [{"success": False, "error": "x" * (MESSAGE_CELLS + 1)}])

    assert isinstance(refused, messages.Authenticated)
    assert refused.error == "x" * (MESSAGE_CELLS - 1) + "…"


@pytest.mark.parametrize(("event", "started"), [("typing:start", True), ("typing:stop", False)])
def test_typing_tells_display_name_and_handle(event: str, started: bool) -> None:
    payload = {"userId": "ada", "conversationId": "harbour", "displayName": "Ada Okafor", "username": "ada.o"}

    assert decode_event(event, [payload]) == messages.Typing(
        "ada", "harbour", started=started, name="Ada Okafor", handle="ada.o"
    )


def test_revocation_without_a_reason_is_still_one() -> None:
    assert decode_event("auth:session-revoked", [{}]) == messages.SessionRevokedEvent("", "")


def test_error_carries_its_code() -> None:
    payload = {"message": "slow\x00 down", "code": "RATE_LIMIT_EXCEEDED"}

    assert decode_event("error", [payload]) == messages.GatewayErrorEvent("slow␀ down", "RATE_LIMIT_EXCEEDED")


def test_unreadable_server_time_is_no_time() -> None:
    assert decode_event("heartbeat:ack", [{"serverTime": "noon"}]) == messages.HeartbeatAck(None)


def test_refusal_to_join_may_name_an_id_we_never_sent() -> None:
    refused = decode_event("conversation:join-error", [{"conversationId": "\x1b", "reason": "server_error"}])

    assert refused == messages.JoinRefused("␛", "server_error")


def test_member_without_a_name_has_an_empty_one() -> None:
    joined = decode_event("conversation:participant-joined", [bent(MEMBERSHIP, displayName=None)])

    assert joined == messages.ParticipantJoined("harbour", "ada", "")


def test_ranks_are_lower_case() -> None:
    updated = decode_event("participant:role-updated", [bent(ROLE, newRole="MODERATOR")])

    assert updated == messages.RoleUpdated("harbour", "ada", "moderator")


def test_statistics_give_names_of_those_that_can_be_keyed() -> None:
    users = [
        {"id": "ada", "username": "ada.o", "displayName": "Ada", "firstName": "A", "lastName": "Okafor"},
        {"id": "bob", "username": "bob", "firstName": "Bob"},
        {"id": "cy", "lastName": "Lind"},
        {"id": "\x1b"},
        {"username": "nobody"},
        None,
    ]

    named = decode_event("conversation:online_stats", [bent(ONLINE_STATS, onlineUsers=users)])

    assert named == messages.Named({"ada": ("ada.o", "Ada"), "bob": ("bob", "Bob"), "cy": ("", "Lind")})


def test_number_no_float_can_hold_is_no_time_and_no_exception() -> None:
    assert decode_event("user:status", [bent(STATUS, timestamp=-(10**400))]) == Status(
        "ada", True, emitted_s=UNREADABLE_S
    )


def test_field_named_by_half_a_surrogate_pair_is_no_exception() -> None:
    assert isinstance(decode_event("user:status", [{"\ud800": 1}]), Malformed)


def test_row_with_a_field_named_by_half_a_surrogate_pair_costs_the_other_rows_nothing() -> None:
    snapshot = decode_event("presence:snapshot", [{"users": [{"\ud800": 1}, STATUS]}])

    assert snapshot == Snapshot([PresenceRow("ada", True)], malformed_rows=1)


def test_payload_nested_deeper_than_any_parser_goes_is_no_exception() -> None:
    deep: list[object] = []
    for _ in range(50_000):
        deep = [deep]

    assert decode_event("presence:snapshot", [{"users": deep}]) == Snapshot([], malformed_rows=1)
    assert decode_event("user:status", [bent(STATUS, username=deep)]) == Malformed(
        "user:status", "Expected `str | null`, got `array` - at `$.username`"
    )


FIELDS = (
    *("userId", "isOnline", "username", "lastActiveAt", "timestamp", "users", "success", "user", "error"),
    *("version", "message", "code", "reason", "conversationId", "displayName", "serverTime", "newRole"),
    *("stats", "onlineUsers"),
)


@repeatable
@given(event=st.one_of(st.sampled_from(EVENTS), st.text()), arguments=st.lists(any_json, max_size=3))
def test_no_payload_raises(event: str, arguments: list[object]) -> None:
    assert isinstance(decode_event(event, arguments), Message)


@repeatable
@given(event=st.sampled_from(EVENTS), payload=any_object_with(*FIELDS))
def test_no_object_with_our_fields_raises(event: str, payload: object) -> None:
    assert isinstance(decode_event(event, [payload]), Message)


@repeatable
@given(rows=st.lists(st.one_of(any_object_with("userId", "isOnline", "lastActiveAt", "username"), any_json)))
def test_every_row_of_a_snapshot_is_told_or_counted(rows: list[object]) -> None:
    snapshot = decode_event(names.SNAPSHOT, [{"users": rows}])

    assert isinstance(snapshot, Snapshot)
    assert len(snapshot.rows) + snapshot.malformed_rows == len(rows)


BAN = {
    "conversationId": "c1",
    "userId": "u1",
    "displayName": "Ada",
    "bannedBy": {"id": "u2"},
    "bannedAt": "x",
}
UNBAN = {"conversationId": "c1", "userId": "u1", "displayName": "Ada"}
MEMBERSHIP_NEWS = [
    ("conversation:participant-banned", BAN, messages.ParticipantLeft("c1", "u1", banned=True)),
    ("conversation:participant-unbanned", UNBAN, messages.ParticipantJoined("c1", "u1", "Ada")),
    (
        "conversation:participant-unbanned",
        {**UNBAN, "membershipRestored": False},
        messages.ConversationChanged("c1"),
    ),
    (
        "conversation:new",
        {"conversationId": "c1", "conversationType": "group", "title": "Pier", "participantIds": []},
        messages.ConversationChanged("c1", "Pier"),
    ),
    ("conversation:updated", {"conversationId": "c1", "title": None}, messages.ConversationChanged("c1")),
    ("conversation:closed", {"conversationId": "c1", "closedBy": "u2"}, messages.ConversationEnded("c1")),
    (
        "conversation:deleted",
        {"conversationId": "c1", "deletedBy": "u2"},
        messages.ConversationEnded("c1", deleted=True),
    ),
    (
        "user:updated",
        {"userId": "u1", "changes": {"displayName": "Ada L.", "avatar": None}},
        messages.AccountRenamed("u1", "Ada L."),
    ),
    (
        "user:updated",
        {"userId": "u1", "changes": {"username": "ada"}},
        messages.AccountRenamed("u1", "", "ada"),
    ),
    (
        "message:new",
        {"conversationId": "c1", "messageType": "system", "messageSource": "system"},
        messages.SystemMessage("c1"),
    ),
    ("message:new", {"conversationId": "c1", "messageType": "text"}, Unrecognised("message:new")),
    ("message:new", {"conversationId": 7}, Unrecognised("message:new")),
    ("message:new", None, Unrecognised("message:new")),
]


@pytest.mark.parametrize(("event", "payload", "message"), MEMBERSHIP_NEWS)
def test_news_of_memberships(event: str, payload: object, message: messages.Message) -> None:
    assert decode_event(event, (payload,)) == message


@pytest.mark.parametrize("event", sorted({event for event, _, _ in MEMBERSHIP_NEWS} - {"message:new"}))
@pytest.mark.parametrize(
    "payload", [None, 7, [], {}, {"conversationId": "c\x1b", "userId": "u\x1b", "changes": {}}]
)
def test_broken_news_of_memberships_is_malformed(event: str, payload: object) -> None:
    assert isinstance(decode_event(event, (payload,)), Malformed)


def test_a_row_with_half_a_character_is_repaired() -> None:
    rows = [
        {"userId": "ada", "isOnline": True, "username": "A\ud800da"},
        {"userId": "ben", "isOnline": False},
    ]
    message = decode_event("presence:snapshot", [{"users": rows}])
    assert isinstance(message, messages.Snapshot)
    assert [(row.key, row.flag) for row in message.rows] == [("ada", True), ("ben", False)]
    assert message.malformed_rows == 0
