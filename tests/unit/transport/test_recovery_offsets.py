"""Offsets of state recovery are read from decoded events and from the ends of packets, with one result."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.transport.recovery import OFFSET_CHARS, UNREADABLE_OFFSET, last_offset, offset_of_arguments
from tests.unit.domain.hypothesis_profile import repeatable

STATUS = '42["user:status",{"userId":"ada","isOnline":true},"PZnJwqU"]'


@pytest.mark.parametrize(
    ("packet", "offset"),
    [
        (STATUS, "PZnJwqU"),
        ('42["user:status",{"userId":"ada","isOnline":true}]', None),
        ('42["user:status",{"userId":"ada"}, "PZnJwqU" ] ', "PZnJwqU"),
        ('42["user:status",{"userId":"ada"},"1692-0",[]]', None),
        ('42["a",""]', UNREADABLE_OFFSET),
        ('42["a","with \\" a quote"]', UNREADABLE_OFFSET),
        ('42["a","x","\\u0041"]', UNREADABLE_OFFSET),
        (f'42["a","{"x" * OFFSET_CHARS}"]', "x" * OFFSET_CHARS),
        (f'42["a","{"x" * (OFFSET_CHARS + 20)}"]', UNREADABLE_OFFSET),
    ],
)
def test_the_offset_is_the_last_argument_if_that_is_a_string(packet: str, offset: str | None) -> None:
    assert last_offset([packet]) == offset


def test_the_newest_offset_of_a_bundle_counts() -> None:
    without = '42["user:status",{"userId":"ben","isOnline":false}]'
    assert last_offset([STATUS.replace("PZ", "AA"), STATUS, without]) == "PZnJwqU"
    assert last_offset([without, without]) is None
    assert last_offset([]) is None


@pytest.mark.parametrize(
    ("arguments", "offset"),
    [
        ((), None),
        (({"userId": "ada"},), None),
        (({"userId": "ada"}, "PZnJwqU"), "PZnJwqU"),
        (("x" * (OFFSET_CHARS + 1),), UNREADABLE_OFFSET),
        (("PZnJwqU", None), None),
    ],
)
def test_of_a_decoded_event_it_is_the_same(arguments: tuple[object, ...], offset: str | None) -> None:
    assert offset_of_arguments(arguments) == offset


scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=OFFSET_CHARS + 40)


@repeatable
@given(
    st.lists(scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.text(), scalars, max_size=2)),
    st.sampled_from([(",", ":"), (", ", ": ")]),
)
def test_a_packet_says_what_its_arguments_say_or_is_unreadable(
    arguments: list[object], separators: tuple[str, str]
) -> None:
    packet = "42" + json.dumps(["an:event", *arguments], separators=separators)
    # An event without arguments ends with its name; those that are recovered have a payload.
    decoded = offset_of_arguments(["an:event", *arguments])
    assert last_offset([packet]) in (decoded, None if decoded is None else UNREADABLE_OFFSET)
