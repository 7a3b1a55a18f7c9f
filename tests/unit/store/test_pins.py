"""Pins: participants at the top of their panel, in every view and sort order."""

import pytest

from presence_tui.domain.enums import Panel
from presence_tui.store import Sort
from tests.unit.store.store_harness import HARBOUR, LIGHTHOUSE, StoreHarness, member, panels, shown


@pytest.fixture
def crew(harness: StoreHarness) -> StoreHarness:
    """``a`` and ``b`` online, ``c`` and ``d`` offline, ``e`` without evidence."""
    harness.roster("a", "b", "c", "d", "e")
    for key, flag in {"a": True, "b": True, "c": False, "d": False}.items():
        harness.event(key, flag)
    return harness


@pytest.mark.parametrize("sort", Sort)
def test_pinned_participants_are_first_in_their_panel(crew: StoreHarness, sort: Sort) -> None:
    opened_before = crew.store.roster_index(HARBOUR, sort=sort)
    crew.store.indexes.pin(["b", "d", "e"])

    for view in (opened_before, crew.store.roster_index(HARBOUR, sort=sort)):
        assert panels(view) == (["b", "a"], ["d", "e", "c"])
        assert [view.index_of(key) for key in "abcde"] == [
            (Panel.ONLINE, 1),
            (Panel.ONLINE, 0),
            (Panel.OFFLINE, 2),
            (Panel.OFFLINE, 0),
            (Panel.OFFLINE, 1),
        ]
        assert view.rows(Panel.OFFLINE, 1, 3) == [crew.record("e"), crew.record("c")]


@pytest.mark.parametrize("sort", Sort)
def test_pinned_participants_move_between_panels_and_return_when_unpinned(
    crew: StoreHarness, sort: Sort
) -> None:
    view = crew.store.roster_index(HARBOUR, sort=sort)
    crew.store.indexes.pin(["d"])

    crew.event("d", True)
    assert panels(view) == (["d", "a", "b"], ["c", "e"])

    crew.store.members.apply_names({"d": ("", "Zed")})
    assert shown(view, Panel.ONLINE) == ["d", "a", "b"]

    crew.store.indexes.pin(["d", "d", "a"], pinned=False)
    assert shown(view, Panel.ONLINE)[-1] == "d" or sort is Sort.FLAPPING
    assert set(crew.store.indexes.pins) == set()


def test_pin_holds_before_participant_is_known_and_after_clear(crew: StoreHarness) -> None:
    view = crew.store.roster_index(HARBOUR)
    crew.store.indexes.pin(["z"])
    assert shown(view, Panel.OFFLINE) == ["c", "d", "e"]

    crew.roster("z")
    assert shown(view, Panel.OFFLINE) == ["z", "c", "d", "e"]

    crew.store.clear()
    crew.roster("y", "z")
    assert shown(view, Panel.OFFLINE) == ["z", "y"]


def test_filter_applies_to_pinned_participants(crew: StoreHarness) -> None:
    view = crew.store.roster_index(HARBOUR, query="a")
    crew.store.indexes.pin(["a", "b"])
    assert panels(view) == (["a"], [])

    view.show(query="")
    assert shown(view, Panel.ONLINE) == ["a", "b"]


def test_pin_does_not_change_index_without_participant(crew: StoreHarness) -> None:
    crew.roster(member("f"), conversation=LIGHTHOUSE)
    view = crew.store.roster_index(LIGHTHOUSE, sort=Sort.STATE)
    crew.store.indexes.pin(["a"])

    assert panels(view) == ([], ["f"])


def test_order_by_flaps_is_descending_and_follows_flaps(crew: StoreHarness) -> None:
    view = crew.store.roster_index(HARBOUR, sort=Sort.FLAPPING)
    for key, times in {"c": 1, "b": 2}.items():
        for _ in range(times):
            crew.event(key, False)
            crew.clock.advance(5)
            crew.event(key, True)
            crew.clock.advance(5)

    assert shown(view, Panel.ONLINE) == ["b", "c", "a"]
    assert [crew.record(key).flaps for key in "abc"] == [0, 2, 1]


def test_index_gives_role_and_pin_of_row(crew: StoreHarness) -> None:
    crew.roster(member("a", role="admin"))
    crew.store.indexes.pin(["a"])
    view = crew.store.roster_index(HARBOUR)

    assert (view.is_pinned("a"), view.is_pinned("b")) == (True, False)
    assert (view.record("a"), view.record("nobody")) == (crew.record("a"), None)
    assert crew.store.rosters.roles(HARBOUR) == {"admin", ""}
    assert crew.store.rosters.roles("nowhere") == crew.store.rosters.roles(None) == set()
