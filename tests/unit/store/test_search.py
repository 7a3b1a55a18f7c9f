"""Searches in steps, with changes in between."""

import pytest

from presence_tui.domain.enums import Panel, State
from presence_tui.store import Facets, Sort
from presence_tui.store.index_order import FilteredOrder
from tests.unit.store.store_harness import HARBOUR, StoreHarness, member, panels, shown

PEOPLE = 20


@pytest.fixture
def crowd(harness: StoreHarness) -> StoreHarness:
    """``even 00``, ``odd 01``, …: the even ones are online."""
    names = [f"{'odd' if number % 2 else 'even'} {number:02}" for number in range(PEOPLE)]
    harness.roster(*(member(f"m{number:02}", name) for number, name in enumerate(names)))
    for number in range(PEOPLE):
        harness.event(f"m{number:02}", number % 2 == 0)
    return harness


def test_shown_is_who_was_shown_until_the_search_is_over(crowd: StoreHarness) -> None:
    view = crowd.store.roster_index(HARBOUR, query="odd")
    search = view.search(query="even 0")

    assert view.query == "even 0"
    for _ in range(3):
        assert not search.advance(5)
        assert view.is_searching
        assert panels(view) == ([], [f"m{number:02}" for number in range(1, PEOPLE, 2)])
    while not search.advance(5):
        pass
    assert search.is_over and search.advance()
    assert not view.is_searching
    assert panels(view) == ([f"m{number:02}" for number in range(0, 10, 2)], [])


def test_who_moves_meanwhile_is_looked_at_again(crowd: StoreHarness) -> None:
    view = crowd.store.roster_index(HARBOUR)
    search = view.search(query="0", facets=Facets(states=frozenset({State.ONLINE, State.UNKNOWN})))
    search.advance(15)

    crowd.event("m03", True)
    crowd.event("m00", False)
    crowd.event("m02", False)
    crowd.event("m02", True)
    crowd.roster(member("m04", "renamed"), member("m16", "new 0"))
    crowd.store.members.remove("m06", HARBOUR)
    crowd.roster(member("m99", "late 0"))
    crowd.store.indexes.pin(["m08"])
    search.finish()

    assert panels(view) == (["m08", "m02", "m10", "m16", "m03"], ["m99"])
    assert panels(view) == panels(crowd.store.roster_index(HARBOUR, query=view.query, facets=view.facets))


@pytest.mark.parametrize(
    "interrupt",
    [
        lambda view: view.search(query="even 04").finish(),
        lambda view: view.show(query="even 04"),
        lambda view: view.show(query="even 04", sort=Sort.STATE),
        lambda view: view.show(query="even 04", conversation_id=HARBOUR),
    ],
)
def test_a_later_filter_order_or_conversation_ends_it(crowd: StoreHarness, interrupt: object) -> None:
    view = crowd.store.roster_index(HARBOUR)
    search = view.search(query="odd")
    assert not search.advance(3)

    interrupt(view)  # type: ignore[operator]

    assert search.is_over and search.advance()
    assert panels(view) == (["m04"], [])


def test_to_take_the_filter_away_is_a_search_too(crowd: StoreHarness) -> None:
    view = crowd.store.roster_index(HARBOUR, query="even 04")
    view.search(query="!").finish()

    assert view.count(Panel.ONLINE) + view.count(Panel.OFFLINE) == PEOPLE
    crowd.event("m04", False)
    assert "m04" in shown(view, Panel.OFFLINE)


def test_typing_on_looks_only_at_whom_the_shorter_filter_left(
    crowd: StoreHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = crowd.store.roster_index(HARBOUR, query="odd 0")
    looked_at: list[str] = []
    let_through = FilteredOrder.filter_keys

    def noted(self: FilteredOrder, places: list[str]) -> list[str]:
        looked_at.extend(places)
        return let_through(self, places)

    monkeypatch.setattr(FilteredOrder, "filter_keys", noted)

    view.show(query="odd 07")

    assert (shown(view, Panel.OFFLINE), len(looked_at)) == (["m07"], 5)


def test_everybody_shown_can_be_read_in_turns(crowd: StoreHarness) -> None:
    view = crowd.store.roster_index(HARBOUR, query="0")
    crowd.store.indexes.pin(["m08"])
    reading = view.iterate(Panel.ONLINE)
    assert next(reading).key == "m08"

    crowd.event("m01", True)
    crowd.event("m04", False)
    assert [record.key for record in reading] == ["m00", "m02", "m04", "m06", "m10"]

    reading = view.iterate(Panel.OFFLINE)
    crowd.store.clear()
    assert list(reading) == []
