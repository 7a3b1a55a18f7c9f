"""A long snapshot is decoded in parts with the same content as in one piece."""

import json
import math
from typing import Any

import pytest
from hypothesis import example as case
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.wire import fast_decode
from presence_tui.wire.decode import ROWS_A_PART, decode_event
from presence_tui.wire.fast_decode import LONG_CHARS, read_snapshot
from presence_tui.wire.messages import Snapshot
from tests.unit.domain.hypothesis_profile import repeatable
from tests.unit.wire.payloads import any_json, any_object_with


def packet(payload: object, *more: object) -> str:
    return "42" + json.dumps(["presence:snapshot", payload, *more], separators=(",", ":"))


def row(number: int, **fields: Any) -> dict[str, object]:
    return {"userId": f"{number:024x}", "isOnline": number % 2 == 0, "username": f"p{number}", **fields}


def whole(payload: object) -> Snapshot:
    message = decode_event("presence:snapshot", [payload])
    assert isinstance(message, Snapshot)
    return message


def joined(parts: list[Snapshot]) -> Snapshot:
    rows = [told for part in parts for told in part.rows]
    return Snapshot(rows, sum(part.malformed_rows for part in parts))


def test_a_long_snapshot_comes_in_parts_and_the_last_is_complete() -> None:
    users = [row(number) for number in range(2 * ROWS_A_PART + 1)]
    parts = list(read_snapshot(packet({"users": users}, "offset")) or [])
    assert [len(part.rows) for part in parts] == [ROWS_A_PART, ROWS_A_PART, 1]
    assert [part.complete for part in parts] == [False, False, True]
    assert joined(parts) == whole({"users": users})


def test_rows_that_cannot_be_read_are_counted_in_their_part() -> None:
    users = [row(number) for number in range(1_500)]
    users[3] = row(3, isOnline="yes")
    users[700] = row(700, userId="\u202e")
    parts = list(read_snapshot(packet({"users": users})) or [])
    assert [part.malformed_rows for part in parts] == [1, 1, 0]
    assert joined(parts) == whole({"users": users})


def test_one_person_with_much_to_say_is_one_part() -> None:
    parts = list(read_snapshot(packet({"users": [row(1, more="x" * LONG_CHARS)]})) or [])
    assert [(len(part.rows), part.complete) for part in parts] == [(1, True)]


def test_nobody_at_all_is_complete() -> None:
    parts = list(read_snapshot(packet({"more": "x" * LONG_CHARS, "users": []})) or [])
    assert parts == [Snapshot([], 0)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        packet({"users": [row(1)]}),
        packet({"users": "x" * LONG_CHARS}),
        packet({"more": "x" * LONG_CHARS}),
        packet("x" * LONG_CHARS),
        packet({"users": [row(1, more="x" * LONG_CHARS)]})[:-2],
        packet({"users": [row(1, more="x" * LONG_CHARS)]}).replace("snapshot", "snapshat"),
    ],
)
def test_everything_else_goes_the_general_way(text: str) -> None:
    assert read_snapshot(text) is None


hostile_names = st.text(st.sampled_from("aZ é\x1b\x07\u202e\u200b\u0301\u2028\ud800"), max_size=12)
keys = st.sampled_from([f"{number:024x}" for number in range(4)] + ["", "\u202e", "a\x00", " a", "x" * 256])
users_rows = st.fixed_dictionaries(
    {"userId": keys, "isOnline": st.booleans()},
    optional={"username": hostile_names | st.none(), "lastActiveAt": st.just("2026-08-22T09:16:42.500Z")},
)
any_rows = any_object_with("userId", "isOnline", "username", "lastActiveAt") | any_json


def is_strict(packet: str) -> bool:
    """False for ``NaN`` and the like, which Python's ``json`` writes and JSON does not allow."""
    constants: list[str] = []
    json.loads(packet[2:], parse_constant=constants.append)
    return not constants


@repeatable
@given(st.lists(users_rows, max_size=8) | st.lists(users_rows | any_rows, max_size=8))
@case([row(1, username="\x1b]0;owned\x07"), row(2, userId="\u202e"), row(3, isOnline="yes"), row(4)])
@case([row(1), row(2), row(3)])
@case([])
def test_both_ways_agree(users: list[Any]) -> None:
    text = packet({"users": users})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast_decode, "LONG_CHARS", 0)
        patch.setattr(fast_decode, "ROWS_A_PART", 3)
        read = read_snapshot(text)
        assert (read is not None) == is_strict(text)
        if read is not None:
            parts = list(read)
            assert joined(parts) == whole(json.loads(text[2:])[1])
            assert [part.complete for part in parts] == [False] * (len(parts) - 1) + [True]
            assert len(parts) == max(1, math.ceil(len(users) / 3))
