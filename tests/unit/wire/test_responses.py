"""Bodies of REST responses: both versions, malformed rows, and all formats of errors."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from presence_tui.domain.evidence import UNREADABLE_S
from presence_tui.domain.participants import Conversation, Participant
from presence_tui.wire import responses
from presence_tui.wire.decode import ROWS_A_PART
from presence_tui.wire.messages import PresenceRow, RosterRow
from presence_tui.wire.profiles import MEESHY_2025, MEESHY_2026, Profile
from presence_tui.wire.responses import (
    MOST_COUNTED,
    Account,
    ConversationsPage,
    ErrorBody,
    Health,
    LoggedIn,
    RosterPage,
    SecondFactorAsked,
    Tokens,
    UnexpectedShape,
)
from presence_tui.wire.sanitize import MESSAGE_CELLS
from presence_tui.wire.timestamps import seconds_from_wire
from tests.unit.domain.hypothesis_profile import repeatable
from tests.unit.wire.payloads import HUGE, any_json, any_object_with, bent, body, example, example_body

ROW = {"id": "p1", "userId": "ada", "isOnline": True, "lastActiveAt": "2026-08-22T09:15:00.000Z"}
GUEST_ROW = {"id": "river", "userId": None, "isOnline": True, "isAnonymous": True, "username": "ano_river"}
DEEP = b"[" * 100_000
HTML = b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"


def one_row(profile: Profile = MEESHY_2026, **fields: object) -> RosterRow:
    """The only row of a participants list, modified."""
    (page,) = responses.read_participants(body(data=[bent(ROW, **fields)]), profile)
    assert len(page.rows) == 1
    return page.rows[0]


def test_participants_2026_tell_the_presence_of_guests_alone() -> None:
    (page,) = responses.read_participants(example_body("participants-n"), MEESHY_2026)

    assert page == RosterPage(
        rows=[
            RosterRow(
                Participant(
                    key="66aa00000000000000000011",
                    name="Nadia Ferreira",
                    handle="nadia.f",
                    role="creator",
                )
            ),
            RosterRow(
                Participant(
                    key="66cc00000000000000000031",
                    name="ano_river",
                    role="member",
                    guest=True,
                ),
                flag=True,
                last_active_s=seconds_from_wire("2026-08-22T09:15:40.002Z"),
            ),
        ],
        malformed_rows=0,
        next_cursor=None,
        total=2,
        total_capped=False,
    )


def test_participants_2025_tell_the_presence_of_all_but_not_since_when_a_guest() -> None:
    (page,) = responses.read_participants(example_body("participants-o"), MEESHY_2025)

    assert page == RosterPage(
        rows=[
            RosterRow(
                Participant(
                    key="65bb00000000000000000021",
                    name="Mina Okafor",
                    handle="mina",
                    role="admin",
                ),
                flag=True,
                last_active_s=seconds_from_wire("2025-11-15T09:58:30.000Z"),
            ),
            RosterRow(
                Participant(
                    key="65cc00000000000000000031",
                    name="guest_lake",
                    role="member",
                    guest=True,
                ),
                flag=True,
                last_active_s=None,
            ),
        ],
        malformed_rows=0,
        next_cursor=None,
        total=None,
        total_capped=False,
    )


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"id": "p1", "userId": "ada"}, "ada"),
        ({"id": "p1", "userId": None}, "p1"),
        ({"id": "p1", "userId": ""}, "p1"),
        ({"id": "p1", "userId": ...}, "p1"),
    ],
)
def test_presence_key_is_the_user_or_else_the_row(fields: dict[str, Any], key: str) -> None:
    assert one_row(**fields).participant.key == key


@pytest.mark.parametrize(
    ("fields", "guest"),
    [
        ({"isAnonymous": True}, True),
        ({"type": "anonymous"}, True),
        ({"type": "anonymous", "isAnonymous": None}, True),
        ({"type": "user", "isAnonymous": False}, False),
        ({"type": "bot"}, False),
        ({"type": ""}, False),
        ({"type": None, "isAnonymous": None}, False),
    ],
)
def test_guest_is_known_by_either_mark(fields: dict[str, Any], guest: bool) -> None:
    row = one_row(**fields)

    assert row.participant.guest is guest
    assert row.flag is (True if guest else None)


def test_guest_has_no_handle() -> None:
    assert one_row(isAnonymous=True, username="ano_river").participant.handle == ""


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"displayName": "Ada O.", "firstName": "Ada", "lastName": "Okafor"}, "Ada O."),
        ({"displayName": None, "firstName": "Ada", "lastName": "Okafor"}, "Ada Okafor"),
        ({"displayName": "", "firstName": "Ada", "lastName": ""}, "Ada"),
        ({"firstName": None, "lastName": "Okafor"}, "Okafor"),
        ({"username": "ada.o"}, ""),
        ({"displayName": "\x1b[2J\u202eada"}, "␛[2Jada"),
    ],
)
def test_name_is_the_display_name_or_first_and_last(fields: dict[str, Any], name: str) -> None:
    assert one_row(**fields).participant.name == name


@pytest.mark.parametrize(
    ("told", "role"), [("MODERATOR", "moderator"), ("creator", "creator"), (None, "member"), (..., "member")]
)
def test_rank_is_that_of_the_conversation_and_lower_case(told: object, role: str) -> None:
    assert one_row(conversationRole=told, role="BIGBOSS").participant.role == role


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("Invalid Date", UNREADABLE_S),
        ("", UNREADABLE_S),
        ({}, UNREADABLE_S),
        (None, None),
        (1_787_390_142_118, 1_787_390_142.118),
    ],
)
def test_last_active_of_any_type_costs_no_flag(told: object, seconds: float | None) -> None:
    row = RosterRow(Participant("ada", role="member"), flag=True, last_active_s=seconds)
    assert one_row(MEESHY_2025, lastActiveAt=told) == row


def test_former_members_are_left_out_and_are_no_mistake() -> None:
    rows = [
        bent(ROW, isActive=False),
        bent(ROW, userId="bob", isActive=True),
        bent(ROW, userId="cy", isActive=None),
    ]

    (page,) = responses.read_participants(body(data=rows), MEESHY_2026)

    assert [row.participant.key for row in page.rows] == ["bob", "cy"]
    assert page.malformed_rows == 0


def test_bad_rows_are_counted_and_drop_no_other() -> None:
    rows: list[object] = [
        ROW,
        None,
        [],
        bent(ROW, id=...),
        bent(ROW, isOnline="yes"),
        bent(ROW, userId="a\x1b"),
        bent(ROW, userId=HUGE),
        bent(ROW, userId=7),
        GUEST_ROW,
    ]

    (page,) = responses.read_participants(body(data=rows), MEESHY_2026)

    assert [row.participant.key for row in page.rows] == ["ada", "river"]
    assert page.malformed_rows == 7


@pytest.mark.parametrize(
    ("pagination", "cursor", "total", "capped"),
    [
        (None, None, None, False),
        ({}, None, None, False),
        ({"nextCursor": "p20", "hasMore": True, "totalCount": 42}, "p20", 42, False),
        ({"nextCursor": "p20", "hasMore": False, "totalCount": 42}, None, 42, False),
        ({"nextCursor": "p20", "totalCount": 199, "totalCountCapped": True}, "p20", 199, True),
        (
            {"nextCursor": None, "hasMore": True, "totalCount": None, "totalCountCapped": None},
            None,
            None,
            False,
        ),
        # What cannot be read costs neither the rows nor the rest.
        ({"nextCursor": 5, "hasMore": True, "totalCount": "262"}, None, None, False),
        ({"nextCursor": ["p20"], "totalCount": -5, "totalCountCapped": "yes"}, None, None, False),
        ({"nextCursor": "p20", "hasMore": "no", "totalCount": 42.0, "totalCountCapped": 1}, "p20", 42, False),
        ({"nextCursor": "p20", "hasMore": 0, "totalCount": True}, "p20", None, False),
        ({"totalCount": 10**30}, None, MOST_COUNTED, False),
        ({"nextCursor": "", "hasMore": True}, None, None, False),
        ([], None, None, False),
        ("p20", None, None, False),
    ],
)
def test_paging_goes_on_while_there_is_a_cursor_and_more(
    pagination: object, cursor: str | None, total: int | None, capped: bool
) -> None:
    (page,) = responses.read_participants(body(data=[], pagination=pagination), MEESHY_2026)

    assert (page.next_cursor, page.total, page.total_capped) == (cursor, total, capped)


def test_a_long_page_comes_in_parts_and_the_last_has_the_cursor() -> None:
    rows = [bent(ROW, userId=f"u{number}") for number in range(2 * ROWS_A_PART + 1)]
    rows[3] = bent(ROW, userId=7)
    pagination = {"nextCursor": "on", "hasMore": True, "totalCount": 7_000}

    parts = list(responses.read_participants(body(data=rows, pagination=pagination), MEESHY_2026))

    assert [len(part.rows) for part in parts] == [ROWS_A_PART - 1, ROWS_A_PART, 1]
    assert [part.malformed_rows for part in parts] == [1, 0, 0]
    assert [part.next_cursor for part in parts] == [None, None, "on"]
    assert [part.complete for part in parts] == [False, False, True]
    assert {part.total for part in parts} == {7_000}


def test_runtime_presence() -> None:
    told, malformed = responses.read_runtime_presence(example_body("presence"))

    assert told == [
        PresenceRow("66aa00000000000000000011", True, seconds_from_wire("2026-08-22T09:16:42.500Z")),
        PresenceRow("66cc00000000000000000031", False),
    ]
    assert malformed == 0


def test_bad_rows_of_runtime_presence_are_counted() -> None:
    users = [{"userId": "ada", "isOnline": True}, {"userId": "\x1b", "isOnline": True}, {"userId": "bob"}, 7]

    assert responses.read_runtime_presence(body(data={"users": users})) == ([PresenceRow("ada", True)], 3)


def test_conversations() -> None:
    assert responses.read_conversations(example_body("conversations")) == ConversationsPage(
        [
            Conversation(
                "66dd00000000000000000041",
                "Harbour crew",
                "mshy_harbour",
                4,
                last_message_s=seconds_from_wire("2026-08-22T09:10:00.000Z"),
            )
        ],
        malformed_rows=0,
        has_more=False,
    )


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({"title": "Harbour crew", "participants": [{"displayName": "Ada"}]}, "Harbour crew"),
        ({"title": None, "participants": [{"displayName": "Ada"}, {"displayName": "Bob"}]}, "Ada, Bob"),
        ({"title": "", "members": [{"user": {"id": "u", "displayName": "Ada", "username": "ada.o"}}]}, "Ada"),
        ({"members": [{"user": {"id": "u", "firstName": "Ada", "lastName": "Okafor"}}]}, "Ada Okafor"),
        ({"members": [{"user": {"id": "u", "username": "ada.o"}}]}, "ada.o"),
        ({"members": [{"user": {"id": "u"}, "username": "x"}], "identifier": "dm_1"}, "dm_1"),
        ({"members": [{"user": None, "username": "ada.o"}]}, "ada.o"),
        ({"members": [{"displayName": "Own", "user": {"id": "u", "displayName": "Other"}}]}, "Own"),
        ({"members": [{"firstName": "Ada", "lastName": "Okafor", "username": "ada.o"}]}, "Ada Okafor"),
        ({"members": [{"firstName": "Ada"}, {"lastName": "Okafor"}]}, "Ada, Okafor"),
        ({"members": [{"user": {"id": "u", "firstName": "Ada"}}]}, "Ada"),
        ({"members": [{"user": {"id": "u", "lastName": "Okafor"}}]}, "Okafor"),
        ({"participants": [7, None, {"displayName": 7}, {}, {"displayName": "Ada"}]}, "Ada"),
        ({"participants": [], "identifier": "dm_1"}, "dm_1"),
        ({"participants": []}, "c1"),
        ({"title": "\x1b]0;root\x07"}, "␛]0;root␇"),
    ],
)
def test_conversation_without_a_title_takes_a_name(fields: dict[str, object], title: str) -> None:
    page = responses.read_conversations(body(data=[{"id": "c1", "type": "direct", **fields}]))

    assert [(row.id, row.title) for row in page.rows] == [("c1", title)]


@pytest.mark.parametrize(
    ("fields", "count", "capped"),
    [
        ({}, 0, False),
        ({"memberCount": None, "memberCountCapped": None}, 0, False),
        ({"memberCount": 6.0}, 6, False),
        ({"memberCount": -1}, 0, False),
        ({"memberCount": "5", "memberCountCapped": "yes"}, 0, False),
        ({"memberCount": 3.7}, 3, False),
        ({"memberCount": 10**30}, MOST_COUNTED, False),
        ({"memberCount": True}, 0, False),
        ({"memberCount": 199, "memberCountCapped": True}, 199, True),
    ],
)
def test_member_counts(fields: dict[str, object], count: int, capped: bool) -> None:
    (row,) = responses.read_conversations(body(data=[{"id": "c1", **fields}])).rows

    assert (row.member_count, row.member_count_capped) == (count, capped)


@pytest.mark.parametrize(
    ("pagination", "more"),
    [({"hasMore": True}, True), ({"hasMore": "no"}, False), ({"hasMore": 1}, False), ([], False), (7, False)],
)
def test_there_are_more_conversations_only_if_that_is_said(pagination: object, more: bool) -> None:
    page = responses.read_conversations(body(data=[{"id": "c1", "type": None}], pagination=pagination))
    assert ([row.id for row in page.rows], page.has_more) == (["c1"], more)


def test_bad_conversations_are_counted() -> None:
    rows = [{"id": "c1"}, {"id": ""}, {"id": "c\x1b"}, {"id": "c2", "type": 7}, "c3"]

    page = responses.read_conversations(body(data=rows, pagination={"hasMore": True}))

    assert [row.id for row in page.rows] == ["c1"]
    assert page.malformed_rows == 4
    assert page.has_more


def test_account() -> None:
    user = {"id": "u1", "username": "observer01", "displayName": "Obser\u202ever", "role": "USER"}

    assert responses.read_account(body(success=True, data={"user": user})) == Account(
        "u1", "observer01", "Observer"
    )
    assert responses.read_account(body(data={"user": {"id": "u1"}})) == Account("u1", "", "")


def test_account_whose_id_cannot_be_shown_is_refused() -> None:
    with pytest.raises(UnexpectedShape, match="account"):
        responses.read_account(body(data={"user": {"id": "u\x1b"}}))


def test_refreshed_tokens() -> None:
    tokens = Tokens("HEADER.PAYLOAD2.SIGNATURE", "opaque-session")
    assert responses.read_refreshed_tokens(example_body("refresh")) == tokens


def test_refreshed_token_of_the_older_gateway_has_no_session() -> None:
    assert responses.read_refreshed_tokens(body(data={"token": "T", "expiresIn": 86_400})) == Tokens("T")


@pytest.mark.parametrize(
    ("name", "session", "account"),
    [
        ("login-n", "opaque-session", Account("66aa00000000000000000001", "observer01", "Observer")),
        ("login-o", "", Account("65bb00000000000000000001", "observer01", "")),
    ],
)
def test_login(name: str, session: str, account: Account) -> None:
    tokens = Tokens("HEADER.PAYLOAD.SIGNATURE", session)
    assert responses.read_login(example_body(name)) == LoggedIn(tokens, account)


def test_login_that_does_not_say_whose_it_is() -> None:
    assert responses.read_login(body(data={"token": "T"})) == LoggedIn(Tokens("T"), None)


def test_login_that_asks_for_a_second_factor() -> None:
    assert responses.read_login(example_body("login-2fa")) == SecondFactorAsked("short-lived")


NO_TOKEN = "a login without a token"
NO_HEADER = "a token that no header can carry"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, NO_TOKEN),
        ({"requires2FA": True}, NO_TOKEN),
        ({"requires2FA": True, "twoFactorToken": ""}, NO_TOKEN),
        ({"token": ""}, NO_HEADER),
        ({"token": "to ken"}, NO_HEADER),
        ({"token": "T\r\nX: y"}, NO_HEADER),
        ({"token": "T", "sessionToken": "é"}, NO_HEADER),
        ({"token": "T", "user": {"id": "u\x1b"}}, "the account's id cannot be shown as it is"),
    ],
)
def test_login_without_a_token_to_use_is_refused(data: dict[str, object], said: str) -> None:
    with pytest.raises(UnexpectedShape) as refusal:
        responses.read_login(body(data=data))
    assert str(refusal.value) == said


def test_tokens_are_never_shown() -> None:
    logged_in = responses.read_login(example_body("login-n"))
    asked = responses.read_login(example_body("login-2fa"))
    assert "PAYLOAD" not in repr(logged_in)
    assert "opaque-session" not in repr(logged_in)
    assert "short-lived" not in repr(asked)


@pytest.mark.parametrize("shown", [True, False])
def test_online_status(shown: bool) -> None:
    assert responses.read_online_status(body(data={"showOnlineStatus": shown, "showLastSeen": True})) is shown


def test_guest_session() -> None:
    data = {
        "sessionToken": "S",
        "participant": {"id": "p1", "username": "ano_\x1b[2JSam"},
        "conversation": {"id": "c1"},
        "linkId": "l",
        "id": "i",
    }

    guest = responses.read_guest_session(body(success=True, data=data))
    assert (guest.token, guest.key, guest.conversation_id) == ("S", "p1", "c1")
    assert guest.handle.startswith("ano_") and "\x1b" not in guest.handle
    assert "token" not in repr(guest)


def test_guest_session_without_a_handle() -> None:
    data = {"sessionToken": "S", "participant": {"id": "p1"}, "conversation": {"id": "c1"}}
    assert responses.read_guest_session(body(data=data)).handle == ""


def test_guest_session_that_no_header_can_carry_is_refused() -> None:
    data = {"sessionToken": "S\n", "participant": {"id": "p1"}, "conversation": {"id": "c1"}}

    with pytest.raises(UnexpectedShape, match="header"):
        responses.read_guest_session(body(data=data))


@pytest.mark.parametrize(("participant", "conversation"), [("p\x1b", "c1"), ("p1", "c\u202e")])
def test_guest_session_with_ids_that_cannot_be_shown_is_refused(participant: str, conversation: str) -> None:
    data = {"sessionToken": "S", "participant": {"id": participant}, "conversation": {"id": conversation}}

    with pytest.raises(UnexpectedShape, match="guest"):
        responses.read_guest_session(body(data=data))


def test_health() -> None:
    assert responses.read_health(example_body("health")) == Health(
        healthy=True,
        server_time_s=seconds_from_wire("2026-08-22T09:15:00.000Z"),
        version="1.0.0",
        uptime_s=86400.5,
    )


def test_unhealthy_gateway_says_so_in_the_same_shape() -> None:
    told = responses.read_health(body(status="unhealthy", timestamp="?", error="no database", uptime=7))

    assert told == Health(healthy=False, server_time_s=None, version="", uptime_s=7)


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        (
            example("err-403"),
            ErrorBody("Access denied: you are not a member", "CONVERSATION_ACCESS_DENIED"),
        ),
        (example("err-401"), ErrorBody("Invalid JWT token", "AUTH_FAILED")),
        (
            example("err-400"),
            ErrorBody(
                "querystring/onlineOnly must be equal to one of the allowed values", "VALIDATION_ERROR"
            ),
        ),
        (example("err-429"), ErrorBody("An unexpected error occurred")),
        ({"error": {"message": "no", "code": "E_NO"}}, ErrorBody("no", "E_NO")),
        ({"error": {"message": "no", "code": "INNER"}, "code": "OUTER"}, ErrorBody("no", "OUTER")),
        ({"error": {"message": 7, "code": []}}, ErrorBody()),
        ({"error": {"detail": "no"}, "message": "why"}, ErrorBody("why")),
        (
            {"error": "RATE_LIMIT_EXCEEDED", "message": "", "retryAfter": 30},
            ErrorBody("RATE_LIMIT_EXCEEDED", "", 30),
        ),
        ({"message": "slow down", "retryAfter": 1.5}, ErrorBody("slow down", "", 1.5)),
        ({"error": ["no"], "message": None, "code": 403}, ErrorBody()),
        ({}, ErrorBody()),
        ({"message": "\x1b[2J\u202eno", "code": "\x07"}, ErrorBody("␛[2Jno", "␇")),
    ],
)
def test_error_of_every_shape(payload: dict[str, object], told: ErrorBody) -> None:
    assert responses.read_error(body(**payload)) == told


@pytest.mark.parametrize("nothing", [b"", HTML, b"null", b"[]", b"7", b"\xff\xfe", b'{"error"'])
def test_an_invalid_error_body_has_no_message(nothing: bytes) -> None:
    assert responses.read_error(nothing) == ErrorBody()


def test_error_of_a_hundred_kilobytes_is_cut() -> None:
    assert len(responses.read_error(body(message=HUGE)).text) == MESSAGE_CELLS


@pytest.mark.parametrize("retry_after", ["30", {}], ids=repr)
def test_unreadable_wait_does_not_cost_the_error_its_text(retry_after: object) -> None:
    told = responses.read_error(body(message="slow down", code="E", retryAfter=retry_after))

    assert (told.text, told.code) == ("slow down", "E")


READERS: list[Callable[[bytes], object]] = [
    lambda told: responses.read_participants(told, MEESHY_2026),
    responses.read_runtime_presence,
    responses.read_conversations,
    responses.read_account,
    responses.read_refreshed_tokens,
    responses.read_login,
    responses.read_online_status,
    responses.read_guest_session,
    responses.read_health,
]
every_reader = pytest.mark.parametrize(
    "read",
    READERS,
    ids=[
        *("participants", "runtime", "conversations", "account", "refreshed", "login", "online status"),
        *("guest", "health"),
    ],
)


@every_reader
@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        HTML,
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b'{"data":null,"status":null}',
        b'{"data":7,"status":7}',
        b'{"data":{"users":null,"user":null},"status":[]}',
        b'{"data":"\xff","status":7,"timestamp":"\xff"}',
        b'{"success":false,"error":"no"}',
    ],
)
def test_answer_of_another_shape_is_refused_in_words_that_can_be_shown(
    read: Callable[[bytes], object], wrong: bytes
) -> None:
    with pytest.raises(UnexpectedShape) as refusal:
        read(wrong)

    assert 0 < len(str(refusal.value)) <= MESSAGE_CELLS
    assert str(refusal.value).isprintable()


@every_reader
def test_answer_nested_deeper_than_any_parser_goes_is_refused(read: Callable[[bytes], object]) -> None:
    with pytest.raises(UnexpectedShape):
        read(b'{"x":' + DEEP)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (b'{"data":7}', "Expected `object`, got `int` - at `$.data`"),
        (b"{", "Input data was truncated"),
        (b"", "Input data was truncated"),
        (b"{} x", "Object missing required field `data`"),
    ],
)
def test_answer_of_another_shape_says_what_is_wrong(wrong: bytes, said: str) -> None:
    with pytest.raises(UnexpectedShape) as refusal:
        responses.read_account(wrong)
    assert str(refusal.value) == said


def test_roster_nested_deeper_than_any_parser_goes_is_refused() -> None:
    with pytest.raises(UnexpectedShape):
        responses.read_participants(b'{"data":' + DEEP, MEESHY_2026)


def test_error_nested_deeper_than_any_parser_goes_says_nothing() -> None:
    assert responses.read_error(b'{"error":' + DEEP) == ErrorBody()


ROW_FIELDS = (
    *("id", "userId", "participantId", "isOnline", "type", "username", "displayName", "isActive"),
    *("isAnonymous", "lastActiveAt", "conversationRole", "title", "members", "participants", "memberCount"),
)


@repeatable
@given(
    rows=st.lists(st.one_of(any_object_with(*ROW_FIELDS), any_json), max_size=6),
    profile=st.sampled_from([MEESHY_2026, MEESHY_2025]),
)
def test_every_row_is_read_counted_or_of_a_former_member(rows: list[object], profile: Profile) -> None:
    sent = body(data=rows)
    try:
        (page,) = responses.read_participants(sent, profile)
        conversations = responses.read_conversations(sent)
    except UnexpectedShape:
        return  # a number or a text that is no JSON at all

    assert len(conversations.rows) + conversations.malformed_rows == len(rows)
    former = sum(isinstance(row, dict) and row.get("isActive") is False for row in rows)
    assert len(rows) - former <= len(page.rows) + page.malformed_rows <= len(rows)


@repeatable
@given(told=st.one_of(st.binary(), any_json.map(lambda payload: body(error=payload, message=payload))))
def test_no_error_body_raises(told: bytes) -> None:
    assert isinstance(responses.read_error(told), ErrorBody)


@pytest.mark.parametrize(
    ("told", "language"), [("fr", "fr"), (None, ""), ("\x1b]0;x", None), ("x" * 99, None)]
)
def test_the_language_of_a_member_is_safe_and_short(told: str | None, language: str | None) -> None:
    read = one_row(systemLanguage=told).participant.language

    assert read == language if language is not None else cell_len(read) <= 16 and read.isprintable()


def test_violations_name_the_preferences_that_need_consent() -> None:
    refused = body(violations=[{"field": "allowAnalytics", "message": "consent"}, {"field": "other"}])
    assert responses.read_violations(refused) == {"allowAnalytics", "other"}


@pytest.mark.parametrize("sent", [b"", b"{}", b'{"violations": 1}', b'{"violations": [{"field": 1}]}'])
def test_a_refusal_without_readable_violations_names_none(sent: bytes) -> None:
    assert responses.read_violations(sent) == frozenset()
