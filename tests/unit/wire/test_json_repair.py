"""A broken character or endless nesting in one row: the row is repaired, other rows are shown."""

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.wire import json_repair, responses
from presence_tui.wire.decode import decode_event
from presence_tui.wire.fast_decode import LONG_CHARS, read_snapshot, read_statuses
from presence_tui.wire.json_repair import (
    DEEPEST,
    decode_repaired,
    repaired,
    without_depths,
    without_odd_tokens,
)
from presence_tui.wire.messages import Malformed, Snapshot, Status
from presence_tui.wire.profiles import MEESHY_2025, MEESHY_2026, Profile
from presence_tui.wire.socketio_packets import Event, PacketReader
from tests.unit.domain.hypothesis_profile import repeatable
from tests.unit.wire.payloads import any_json

CUT_NAMES = {
    "high half": ("Ada \\ud83d", "Ada �"),
    "low half": ("\\ude00 Ada", "� Ada"),
    "two high halves": ("\\ud83d\\ud83d\\ude00", "�😀"),
    "halves in the wrong order": ("\\ude00\\ud83d", "��"),
    "behind a backslash": ("\\\\\\ud83d", "\\�"),
    "unknown escape": ("\\q", "�"),
    "byte that is no UTF-8": (b"Ada \xff", "Ada �"),
}
every_cut_name = pytest.mark.parametrize(("sent", "shown"), CUT_NAMES.values(), ids=CUT_NAMES)
every_profile = pytest.mark.parametrize("profile", [MEESHY_2026, MEESHY_2025], ids=lambda it: it.name)

DEEP = b"[" * 3_000 + b"]" * 3_000


def around(template: str, sent: str | bytes) -> bytes:
    """A body with the name as sent in place of ``%``."""
    name = sent if isinstance(sent, bytes) else sent.encode()
    return template.encode().replace(b"%", name)


@every_profile
@every_cut_name
def test_a_roster_with_a_cut_name_is_shown_whole(profile: Profile, sent: str | bytes, shown: str) -> None:
    rows = '{"id":"a","displayName":"%"},{"id":"b","displayName":"Bo"}'
    (page,) = responses.read_participants(around(f'{{"data":[{rows}]}}', sent), profile)
    assert [(row.participant.key, row.participant.name) for row in page.rows] == [("a", shown), ("b", "Bo")]
    assert page.malformed_rows == 0


@every_cut_name
def test_runtime_presence_and_conversations_with_a_cut_name_are_shown_whole(
    sent: str | bytes, shown: str
) -> None:
    users = '[{"userId":"a","isOnline":true,"username":"%"},{"userId":"b","isOnline":false}]'
    told, malformed = responses.read_runtime_presence(around(f'{{"data":{{"users":{users}}}}}', sent))
    assert ([(row.key, row.flag, row.handle) for row in told], malformed) == (
        [("a", True, shown), ("b", False, "")],
        0,
    )
    person = '{"displayName":"%","userId":"u"}'
    listed = f'{{"data":[{{"id":"a","participants":[{person}]}},{{"id":"b","title":"%"}}]}}'
    page = responses.read_conversations(around(listed, sent))
    assert [(row.id, row.title) for row in page.rows] == [("a", shown), ("b", shown)]


@every_cut_name
def test_an_account_a_login_and_a_refusal_may_have_a_cut_name(sent: str | bytes, shown: str) -> None:
    user = '{"id":"u","displayName":"%"}'
    assert responses.read_account(around(f'{{"data":{{"user":{user}}}}}', sent)).name == shown
    logged_in = responses.read_login(around(f'{{"data":{{"token":"T","user":{user}}}}}', sent))
    assert isinstance(logged_in, responses.LoggedIn)
    assert responses.read_error(around('{"message":"%"}', sent)).text == shown


@pytest.mark.parametrize("half", ["\ud83d", "\ude00"])
def test_events_and_snapshots_may_have_a_cut_name(half: str) -> None:
    status = {"userId": "a", "isOnline": True, "username": f"Ada {half}"}
    packet = f'42["user:status",{json.dumps(status)}]'
    short = decode_event("user:status", [status])
    assert isinstance(short, Status)
    assert (short.key, short.flag, short.name) == ("a", True, "Ada �")
    assert read_statuses([packet]) in (None, [short]), "the fast path agrees or defers to the general one"
    snapshot = decode_event("presence:snapshot", [{"users": [status, {"userId": "b", "isOnline": True}]}])
    assert isinstance(snapshot, Snapshot)
    assert [(row.key, row.handle) for row in snapshot.rows] == [("a", "Ada �"), ("b", "")]


@pytest.mark.parametrize("half", ["\ud83d", "\ude00"])
def test_half_a_character_in_the_name_of_a_field_costs_nothing(half: str) -> None:
    status = {"userId": "a", "isOnline": True, half: 1}
    assert decode_event("user:status", [status]) == Status("a", True)
    snapshot = decode_event("presence:snapshot", [{"users": [status], half: {half: half}}])
    assert isinstance(snapshot, Snapshot)
    assert ([row.key for row in snapshot.rows], snapshot.malformed_rows) == (["a"], 0)


@pytest.mark.parametrize("unsayable", [float("nan"), b"an attachment"])
def test_what_cannot_be_mended_is_malformed(unsayable: object) -> None:
    told = decode_event("user:status", [{"userId": "a", "isOnline": True, "\ud83d": unsayable}])
    assert isinstance(told, Malformed)


@pytest.mark.parametrize("half", ["\\ud83d", "\\ude00", "\\ufffd"])
def test_an_id_that_lost_a_character_is_nobodys(half: str) -> None:
    users = f'[{{"userId":"a{half}","isOnline":true}},{{"userId":"b","isOnline":true}}]'
    told, malformed = responses.read_runtime_presence(f'{{"data":{{"users":{users}}}}}'.encode())
    assert ([row.key for row in told], malformed) == (["b"], 1)


def test_a_long_snapshot_with_a_cut_name_is_read_in_parts_as_well() -> None:
    users = [{"userId": f"u{at}", "isOnline": True, "username": "x" * 90} for at in range(LONG_CHARS // 90)]
    users[3]["username"] = "\ud83d"
    parts = read_snapshot(f'42["presence:snapshot",{json.dumps({"users": users})}]')
    assert parts is not None
    rows = [row for part in parts for row in part.rows]
    assert (len(rows), rows[3].handle) == (len(users), "�")


def test_a_row_nested_without_end_costs_no_other() -> None:
    body = b'{"data":[{"id":"a","x":' + DEEP + b'},{"id":"b","x":"[[[\\"]"}]}'
    (page,) = responses.read_participants(body, MEESHY_2026)
    assert [row.participant.key for row in page.rows] == ["a", "b"]
    (page,) = responses.read_participants(
        body.replace(b'"id":"a"', b'"id":"a","displayName":"\\ud83d"'), MEESHY_2026
    )
    assert [row.participant.name for row in page.rows] == ["�", ""]


def test_a_strange_list_is_not_mended_into_another() -> None:
    assert responses.read_error(b'{"message":"' + b"\\q" * 200_000) == responses.ErrorBody()
    assert without_depths("[" * 600_000) == "[" * 600_000


NO_NUMBERS = ("NaN", "Infinity", "-Infinity", "1e999", "-1E+999", "9" * 5_000, "0." + "9" * 5_000 + "e5000")
every_no_number = pytest.mark.parametrize("number", NO_NUMBERS, ids=lambda it: it[:9])


@every_no_number
def test_a_number_that_is_none_costs_no_other_row(number: str) -> None:
    """Other languages write NaN; JavaScript reads the others as infinite."""
    row = f'{{"id":"a","userId":"a","isOnline":true,"displayName":"NaN 1e999","lastActiveAt":{number}}}'
    other = '{"id":"b","userId":"b","isOnline":false}'
    (page,) = responses.read_participants(f'{{"data":[{row},{other}]}}'.encode(), MEESHY_2025)
    assert [(each.participant.key, each.flag) for each in page.rows][-1:] == [("b", False)]
    assert len(page.rows) + page.malformed_rows == 2
    users, malformed = responses.read_runtime_presence(f'{{"data":{{"users":[{row},{other}]}}}}'.encode())
    assert [each.key for each in users][-1:] == ["b"]
    assert len(users) + malformed == 2
    (event,) = PacketReader(2**20).read(f'2["presence:snapshot",{{"users":[{row},{other}]}}]')
    assert isinstance(event, Event)
    snapshot = decode_event(event.name, event.arguments)
    assert isinstance(snapshot, Snapshot)
    assert [each.key for each in snapshot.rows] == ["a", "b"]
    (event,) = PacketReader(2**20).read(f'2["user:status",{row}]')
    assert isinstance(event, Event)
    status = decode_event(event.name, event.arguments)
    assert isinstance(status, Status)
    assert (status.key, status.flag) == ("a", True)


def test_a_byte_order_mark_is_passed_over() -> None:
    body = b'\xef\xbb\xbf{"data":[{"id":"a"}]}'
    (page,) = responses.read_participants(body, MEESHY_2026)
    assert [each.participant.key for each in page.rows] == ["a"]


def test_control_characters_in_a_name_cost_nothing() -> None:
    body = b'{"data":[\n{"id":"a","displayName":"A\tda\x01"},{"id":"b"}]}'
    (page,) = responses.read_participants(body, MEESHY_2026)
    assert [each.participant.name for each in page.rows] == ["A da�", ""]


@repeatable
@given(any_json)
def test_what_is_well_formed_stays_as_it_was(parsed: Any) -> None:
    text = json.dumps(parsed, ensure_ascii=False, allow_nan=True).encode(errors="replace").decode()
    assert repaired(text) == text
    assert without_depths(text) == text
    assert json.loads(without_odd_tokens(text)) == json.loads(text, parse_constant=lambda name: None)


@repeatable
@given(st.lists(st.text(st.characters(codec=None)), max_size=5))
def test_whatever_javascript_writes_can_be_read(texts: list[str]) -> None:
    """JavaScript escapes surrogates like Python; two matching halves form one character for every parser."""
    sent = json.dumps(texts)
    read = decode_repaired(sent, msgspec.json.Decoder(list[str]).decode)
    assert read == [re.sub("[\ud800-\udfff]", "�", text) for text in json.loads(sent)]


@repeatable
@given(st.text('\\u"dD8cfeq[]{} N-1.\n', max_size=60))
def test_mending_ends_whatever_the_text(text: str) -> None:
    mended = repaired(text)
    assert repaired(mended) == mended
    assert isinstance(without_depths(mended), str)
    assert without_odd_tokens(without_odd_tokens(mended)) == without_odd_tokens(mended)


def test_a_repaired_text_of_another_shape_is_refused() -> None:
    decoder = msgspec.json.Decoder(dict[str, int])
    with pytest.raises(msgspec.ValidationError):
        decode_repaired('{"\\ud83d":"x"}', decoder.decode)


def test_a_text_full_of_odd_numbers_is_left_alone() -> None:
    text = "[" + "NaN," * 100_001 + "1]"
    assert without_odd_tokens(text) == text


def test_texts_are_repaired_as_long_as_they_have_fewer_faults_than_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_repair, "_MOST_FAULTS", 3)
    assert repaired(r'"\ud83d \ud83d"') == r'"\ufffd \ufffd"'
    hopeless = r'"\ud83d \ud83d \ud83d"'
    assert repaired(hopeless) == hopeless


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_only_what_is_nested_deeper_than_the_limit_is_replaced(opening: str, closing: str) -> None:
    def nested(depth: int) -> str:
        return opening * depth + "1" + closing * depth

    for depth in (1, DEEPEST - 1, DEEPEST):
        assert without_depths(nested(depth)) == nested(depth)
        assert without_depths(nested(depth)[:-1]) == nested(depth)[:-1], "cut off"
    assert without_depths(nested(DEEPEST + 1)) == nested(DEEPEST).replace("1", "null")
    assert without_depths(nested(DEEPEST + 2)) == nested(DEEPEST).replace("1", "null")
    twice = f"[{nested(DEEPEST)},{nested(DEEPEST - 1)},{nested(DEEPEST)}]"
    cut = nested(DEEPEST - 1).replace("1", "null")
    assert without_depths(twice) == f"[{cut},{nested(DEEPEST - 1)},{cut}]"
    assert without_depths(nested(DEEPEST + 1)[: -DEEPEST - 1]) == nested(DEEPEST + 1)[: -DEEPEST - 1]
