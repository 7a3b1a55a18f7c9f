"""Participants with the same shown name are told apart by their handle or the end of their key."""

from hypothesis import given
from hypothesis import strategies as st

from presence_tui.store.namesakes import Distinction
from tests.unit.domain.hypothesis_profile import repeatable
from tests.unit.store.store_harness import LIGHTHOUSE, StoreHarness, member

KEYS = [f"66aa012b51bbd61184{number:06x}" for number in range(300)]


def distinction(harness: StoreHarness, key: str) -> Distinction | None:
    return harness.store.namesakes.distinction(harness.record(key))


def test_a_unique_name_needs_nothing() -> None:
    harness = StoreHarness()
    harness.roster(member("u-1", "Ada"), member("u-2", "Bo"))
    assert distinction(harness, "u-1") is None


def test_namesakes_have_their_handles_and_the_ends_of_their_keys() -> None:
    harness = StoreHarness()
    harness.roster(member(KEYS[1], "Ada", handle="ada"), member(KEYS[2], "Ada"), member(KEYS[0x11], "Ada"))
    assert distinction(harness, KEYS[1]) == ("ada", "0001")
    assert distinction(harness, KEYS[2]) == ("", "0002")
    assert distinction(harness, KEYS[0x11]) == ("", "0011")


def test_the_end_of_a_key_is_as_long_as_needed_and_may_be_all_of_it() -> None:
    harness = StoreHarness()
    harness.roster(
        member("b", "Ada"), member("ab", "Ada"), member("xx-1234567", "Ada"), member("y-1234567", "Ada")
    )
    assert distinction(harness, "b") == ("", "b")
    assert distinction(harness, "ab") == ("", "ab")
    assert distinction(harness, "xx-1234567") == ("", "x-1234567")
    assert distinction(harness, "y-1234567") == ("", "y-1234567")


def test_a_handle_that_two_namesakes_have_tells_nothing() -> None:
    harness = StoreHarness()
    harness.roster(member(KEYS[1], "Ada", handle="ada"), member(KEYS[2], "Ada", handle="ada"))
    harness.roster(member(KEYS[3], "ada"), member(KEYS[4], handle="ada"))
    assert distinction(harness, KEYS[1]) == ("", "0001")
    assert distinction(harness, KEYS[3]) is None, "the letter case differs visibly"


def test_a_handle_shown_as_a_name_counts_as_one() -> None:
    harness = StoreHarness()
    harness.store.set_participants([member(KEYS[1], "ada", handle="ada.o")], LIGHTHOUSE)
    harness.event(KEYS[2])
    assert distinction(harness, KEYS[1]) is None
    harness.store.apply_typing(KEYS[2], handle="ada")
    assert distinction(harness, KEYS[1]) == ("ada.o", "0001")
    assert distinction(harness, KEYS[2]) == ("ada", "0002")


def test_renaming_begins_and_ends_it() -> None:
    harness = StoreHarness()
    harness.roster(member(KEYS[1], "Ada"), member(KEYS[2], "Bo", handle="bo"))
    harness.roster(member(KEYS[2], "Ada", handle="bo"))
    assert distinction(harness, KEYS[2]) == ("bo", "0002")
    harness.roster(member(KEYS[2], "Ada", handle="bob"))
    assert distinction(harness, KEYS[2]) == ("bob", "0002")
    harness.roster(member(KEYS[1], "Ada O."))
    assert distinction(harness, KEYS[2]) is None
    harness.store.clear()
    harness.roster(member(KEYS[3], "Ada"))
    assert distinction(harness, KEYS[3]) is None


def test_many_namesakes_stay_apart() -> None:
    harness = StoreHarness()
    harness.roster(*(member(key, "Ada") for key in KEYS))
    ends = [found.id_end for key in KEYS if (found := distinction(harness, key))]
    assert len(set(ends)) == len(KEYS)
    harness.roster(*(member(key, "Bo") for key in KEYS[1:]))
    assert distinction(harness, KEYS[0]) is None


@repeatable
@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from(["Ada", "Bo"]), st.sampled_from(["", "ada", "bo"])),
        max_size=40,
    )
)
def test_whatever_they_are_called_two_with_one_name_differ(named: list[tuple[int, str, str]]) -> None:
    harness = StoreHarness()
    for number, name, handle in named:
        harness.roster(member(f"{number:03}-{number % 2}", name, handle=handle))
    seen: dict[tuple[str, str], str] = {}
    shown = [record.shown_name for record in harness.store.participants.values()]
    for record in harness.store.participants.values():
        found = harness.store.namesakes.distinction(record)
        assert (found is None) is (shown.count(record.shown_name) == 1)
        if found is not None:
            for part in filter(None, (f"@{found.handle}" if found.handle else "", f"#{found.id_end}")):
                assert seen.setdefault((record.shown_name, part), record.key) == record.key
