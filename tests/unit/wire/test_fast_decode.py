"""The fast path for status events agrees with the general path, or returns nothing."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example as case
from hypothesis import given
from hypothesis import strategies as st
from socketio.packet import Packet

from presence_tui.wire.decode import decode_event
from presence_tui.wire.fast_decode import begins_status, read_statuses
from presence_tui.wire.messages import Message, Status
from tests.unit.domain.hypothesis_profile import repeatable
from tests.unit.wire.payloads import EXAMPLES, HUGE, any_json, any_object_with, bent, example

STATUS = example("status-n")
FIELDS = ("userId", "username", "isOnline", "lastActiveAt", "timestamp")


def packet(payload: object, *more: object, event: str = "user:status") -> str:
    """The text of an Engine.IO packet, as written by the official server."""
    return "42" + json.dumps([event, payload, *more], separators=(",", ":"), ensure_ascii=False)


def read_status(text: str) -> Status | None:
    """The result of the fast path for one packet."""
    statuses = read_statuses([text]) if begins_status(text) else None
    return statuses[0] if statuses else None


def the_general_way(text: str) -> Message | None:
    """The result of the library and the decoder; ``None`` if the library cannot read it."""
    try:
        event, *arguments = Packet(encoded_packet=text[1:]).data
    except ValueError:
        return None
    return decode_event(event, arguments)


def agrees(text: str) -> bool:
    """True if the fast path accepted the packet, in which case it must agree with the general path."""
    status = read_status(text)
    if status is not None:
        assert status == the_general_way(text)
    return status is not None


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name.startswith("status-")])
@pytest.mark.parametrize("event", ["user:status", "USER_STATUS"])
def test_what_the_gateways_send_goes_the_short_way(name: str, event: str) -> None:
    assert agrees(packet(example(name), event=event))


@pytest.mark.parametrize("field", ["lastActiveAt", "timestamp"])
@pytest.mark.parametrize(
    "at", ["2026-08-22T09:16:42.500Z", "2026-08-22T09:16:42+02:00", "2026-08-22", None, "2200-01-01", "never"]
)
def test_times_are_read_as_the_general_way_reads_them(field: str, at: str | None) -> None:
    assert agrees(packet(bent(STATUS, **{field: at})))


def test_recovery_offsets_are_passed_over() -> None:
    text = packet(STATUS, "an-offset")
    assert agrees(text)
    assert read_status(text) == read_status(packet(STATUS))


@pytest.mark.parametrize(
    "text", [packet(bent(STATUS, token="t")), packet(STATUS, {"token": "t"}), packet(STATUS, "offset", "t")]
)
def test_what_has_more_than_the_known_fields_is_masked_on_the_general_way(text: str) -> None:
    assert read_status(text) is None
    assert isinstance(the_general_way(text), Status)


@pytest.mark.parametrize("name", ["Zoë", " Ada", "Ada  Okafor", "A\x1b[31mda", "x" * 81, "", "\u202e", None])
def test_names_are_made_safe_on_the_short_way_as_well(name: str | None) -> None:
    assert agrees(packet(bent(STATUS, username=name)))


@pytest.mark.parametrize(
    "payload",
    [
        bent(STATUS, userId=""),
        bent(STATUS, userId=" a"),
        bent(STATUS, userId="\u202e"),
        bent(STATUS, userId=HUGE),
        bent(STATUS, userId=7),
        bent(STATUS, isOnline=1),
        bent(STATUS, isOnline=...),
        bent(STATUS, lastActiveAt=1_790_000_000_000),
        bent(STATUS, lastActiveAt={}),
        bent(STATUS, lastActiveAt="2026-01-01T00:00:00." + "0" * 30 + "Z"),
        bent(STATUS, timestamp=1_790_000_000_000),
        None,
        [],
    ],
)
def test_whatever_needs_a_second_look_goes_the_general_way(payload: Any) -> None:
    assert read_status(packet(payload)) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2",
        "42",
        '42["user:status",' + "[" * 5_000,
        '42["user:status"',
        '42["user:status",',
        '42["typing:start",{}]',
        "41",
        "1",
        "3probe",
    ],
)
def test_other_packets_and_broken_ones_go_the_general_way(text: str) -> None:
    assert read_status(text) is None


def test_other_namespaces_acknowledgements_and_binary_go_the_general_way() -> None:
    body = packet(STATUS)[2:]
    for beginning in ("42/admin,", "4217", "451-", "40", "43"):
        assert read_status(beginning + body) is None


moments = st.one_of(
    st.datetimes(timezones=st.timezones() | st.none()).map(lambda at: at.isoformat()),
    st.from_regex(
        r"(19|20|21)\d\d-[01]\d-[0-3]\d[T ][0-2]\d:[0-6]\d:[0-6]\d(\.\d{1,9})?(Z|z|[+-][01]\d:?[0-5]\d)?"
    ),
)
texts = st.text(st.characters(codec=None), max_size=12)
names = st.text(st.sampled_from("aZ é|\x1b\x07\u202e\u200b\u0301\u2028\ue000"), max_size=12) | st.text(
    max_size=12
)
told_moments = st.datetimes(datetime(2016, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.isoformat(timespec="milliseconds")
)
well_formed = st.fixed_dictionaries(
    {"userId": st.sampled_from(["66aa00000000000000000011", "ada-1", "Zoë"]), "isOnline": st.booleans()},
    optional={
        "username": names | st.none(),
        "lastActiveAt": told_moments | st.none(),
        "timestamp": told_moments | st.none(),
    },
)
near_misses = st.fixed_dictionaries(
    {"userId": st.sampled_from(["66aa00000000000000000011"]) | texts, "isOnline": st.booleans()},
    optional={
        "username": texts | st.none(),
        "lastActiveAt": moments | st.none() | texts,
        "timestamp": moments | st.none() | st.integers(),
        "more": any_json,
    },
)


@repeatable
@given(well_formed)
@case(bent(STATUS, username="A\x1b]0;owned\x07da"))
@case(bent(STATUS, username="\u202eadA"))
def test_well_formed_statuses_go_the_short_way_and_agree(payload: Any) -> None:
    assert agrees(packet(payload))


@repeatable
@given(names | st.just(HUGE), well_formed)
@case("\u202e66aa", STATUS)
@case("66aa\x00", STATUS)
@case(" ", STATUS)
@case("x" * 256, STATUS)
def test_an_unsafe_id_never_goes_the_short_way(key: str, payload: Any) -> None:
    text = packet({**payload, "userId": key})
    assert agrees(text) == isinstance(the_general_way(text), Status)


@repeatable
@given(near_misses | any_object_with(*FIELDS) | any_json, st.lists(any_json, max_size=2), st.booleans())
@case(bent(STATUS, lastActiveAt="2026-01-01T00:00:00.1234567Z"), [], True)
@case(bent(STATUS, lastActiveAt="2026-01-01T24:00:00Z"), [], True)
def test_both_ways_agree(payload: Any, more: list[Any], ascii_only: bool) -> None:
    agrees("42" + json.dumps(["user:status", payload, *more], separators=(",", ":"), ensure_ascii=ascii_only))


@repeatable
@given(st.lists(st.tuples(st.integers(0, 400), texts), max_size=3))
def test_both_ways_agree_on_texts_that_were_tampered_with(edits: list[tuple[int, str]]) -> None:
    text = packet(STATUS, "offset")
    for at, inserted in edits:
        text = text[:at] + inserted + text[at + len(inserted) :]
    status = read_status(text)
    if status is not None:
        general = the_general_way(text)
        assert general in (None, status), "the library rejects invalid JSON"


@repeatable
@given(st.lists(well_formed | near_misses, min_size=1, max_size=5))
@case([STATUS, bent(STATUS, userId="other", username="\x1b[31mRed")])
def test_many_together_are_read_as_each_by_itself(payloads: list[Any]) -> None:
    texts = [packet(payload) for payload in payloads]
    each = [read_status(text) for text in texts]
    assert read_statuses(texts) == (None if None in each else each)


WHOLE = packet(STATUS)
HALF = WHOLE.removesuffix("]")
FRAGMENTS = (WHOLE, HALF, HALF + ",", WHOLE + "]", WHOLE + ",[]", f"{WHOLE},{WHOLE[2:]}")


@repeatable
@given(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=4))
@case([HALF + ",", WHOLE + "]"])
@case([f"{WHOLE},{WHOLE[2:]}", WHOLE])
def test_fragments_are_never_counted_as_whole_packets(texts: list[str]) -> None:
    expected = [read_status(WHOLE)] * len(texts) if set(texts) == {WHOLE} else None
    assert read_statuses(texts) == expected


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param([WHOLE, HALF], id="the last is broken"),
        pytest.param([HALF, WHOLE], id="the first is broken"),
        pytest.param([HALF + ",", WHOLE + "]"], id="one goes on in the next"),
        pytest.param([WHOLE, WHOLE + ",[]"], id="one of two arrays"),
        pytest.param([WHOLE, packet(bent(STATUS, userId=" a"))], id="an id that is none"),
    ],
)
def test_what_cannot_be_told_apart_is_left_to_be_read_one_by_one(texts: list[str]) -> None:
    assert read_statuses(texts) is None


def test_names_with_brackets_are_told_apart() -> None:
    odd = bent(STATUS, username='[x],\n["y"]')
    statuses = read_statuses([packet(odd, "offset"), WHOLE])
    assert statuses == [read_status(packet(odd)), read_status(WHOLE)]


def test_nothing_is_nothing() -> None:
    assert read_statuses([]) is None
