"""Filters by text and facets."""

import pytest

from presence_tui.domain.enums import Panel, State
from presence_tui.store import Facets, Filter, Sort
from presence_tui.wire.messages import PresenceRow
from tests.unit.store.store_harness import HARBOUR, StoreHarness, member, panels, shown

NAMES = {"k1": "Zoé Okafor", "k2": "ada lind", "k3": "Émile", "k4": "Bob", "k5": "Al"}


@pytest.fixture
def crew(harness: StoreHarness) -> StoreHarness:
    """Five members, all online."""
    harness.roster(*(member(key, name) for key, name in NAMES.items()))
    for key in NAMES:
        harness.event(key, True)
    return harness


def found(harness: StoreHarness, query: str, sort: Sort = Sort.NAME) -> set[str]:
    """Keys of the shown rows."""
    return set(shown(harness.store.roster_index(HARBOUR, query=query, sort=sort), Panel.ONLINE))


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("okafor", {"k1"}),
        ("!okafor", {"k2", "k3", "k4", "k5"}),
        ("!ÉMILE", {"k1", "k2", "k4", "k5"}),
        ("!", set(NAMES)),
        ("!nobody", set(NAMES)),
        ("~", set(NAMES)),
        ("~okafro", {"k1"}),
        ("~OKFOR", {"k1"}),
        ("~lnd", set()),
        ("~lidn", {"k2"}),
        ("~emlie", {"k3"}),
        ("~nobody", set()),
    ],
)
def test_forms_of_the_text(crew: StoreHarness, query: str, keys: set[str], sort: Sort) -> None:
    assert found(crew, query, sort) == keys


def test_similar_handles_are_found_with_and_without_their_mark(crew: StoreHarness) -> None:
    crew.snapshot(PresenceRow("k4", True, handle="rob"))
    assert found(crew, "~@rob") == found(crew, "~rob") == {"k4"}
    assert found(crew, "~@") == set(NAMES)


def test_a_short_name_is_not_looked_for_in_the_text(crew: StoreHarness) -> None:
    assert found(crew, "~alberta") == set()
    assert found(crew, "~al") == {"k5"}


@pytest.mark.parametrize("query", ["k4", "!k4", "~k444"])
def test_keys_are_nothing_that_anybody_reads(crew: StoreHarness, query: str) -> None:
    crew.snapshot(PresenceRow("k4", True, handle="robert"))

    assert found(crew, query) == (set(NAMES) if query.startswith("!") else set())


def test_handles_are_looked_at_in_every_form(crew: StoreHarness) -> None:
    crew.snapshot(PresenceRow("k4", True, handle="Robért"))

    assert found(crew, "robert") == found(crew, "~robret") == {"k4"}
    assert found(crew, "!robert") == set(NAMES) - {"k4"}


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("@rob", {"k4"}),
        ("@ROBÉRT", {"k4"}),
        ("@bert", {"k2"}),
        ("@zoe", set()),
        ("@k4", set()),
        ("!@rob", set(NAMES) - {"k4"}),
        ("~@robret", {"k4"}),
        ("@", set(NAMES)),
        ("!@", set(NAMES)),
        ("~@", set(NAMES)),
    ],
)
def test_a_handle_is_found_as_it_is_written(
    crew: StoreHarness, query: str, keys: set[str], sort: Sort
) -> None:
    crew.snapshot(PresenceRow("k4", True, handle="Robért"), PresenceRow("k2", True, handle="Bertha"))

    assert found(crew, query, sort) == keys


def test_an_at_sign_in_a_name_is_found(harness: StoreHarness) -> None:
    harness.roster(member("k1", "Ada @ night"), member("k2", "Bob"))
    harness.event("k1", True)
    harness.event("k2", True)

    assert found(harness, "@ night") == {"k1"}
    assert found(harness, "!@ night") == {"k2"}


@pytest.mark.parametrize(
    ("narrow", "wider", "narrows"),
    [
        (Filter("@bob"), Filter("@"), True),
        (Filter("@bob"), Filter("@bo"), True),
        (Filter("@bob"), Filter("bo"), True),
        (Filter("bob"), Filter("@bo"), False),
        (Filter("bo"), Filter(""), True),
        (Filter("bob"), Filter("bo"), True),
        (Filter("Bob"), Filter("bÓ"), True),
        (Filter("bo"), Filter("bob"), False),
        (Filter("!bob"), Filter("!bo"), False),
        (Filter("!bo"), Filter("bo"), False),
        (Filter("~bob"), Filter("~bo"), False),
        (Filter("bo!"), Filter("!"), True),
        (Filter("~bob"), Filter("~bob"), True),
        (Filter("bob", Facets(guests=True)), Filter("bo"), True),
        (Filter("bob", Facets(guests=True)), Filter("bo", Facets(guests=True)), True),
        (Filter("bob", Facets(guests=False)), Filter("bo", Facets(guests=True)), False),
        (Filter("bob"), Filter("bo", Facets(guests=True)), False),
    ],
)
def test_what_narrows_what(narrow: Filter, wider: Filter, narrows: bool) -> None:
    assert narrow.narrows(wider) is narrows


def test_a_filter_that_asks_for_nothing_is_false() -> None:
    assert [bool(Filter(query)) for query in ("", "!", "~", "\u0301", "a")] == [False] * 4 + [True]
    assert not Facets() and Filter("", Facets(guests=False))
    assert Facets(states=frozenset({State.IDLE})) and Facets(roles=frozenset({"admin"}))


def test_facets_show_who_has_all_of_them(harness: StoreHarness) -> None:
    harness.roster(
        member("k1", role="admin"), member("k2", guest=True), member("k3", role="member"), member("k4")
    )
    for key in ("k1", "k2", "k3"):
        harness.event(key, True)

    def keys(**facets: object) -> set[str]:
        online, offline = panels(harness.store.roster_index(HARBOUR, facets=Facets(**facets)))  # type: ignore[arg-type]
        return {*online, *offline}

    assert keys(states=frozenset({State.ONLINE})) == {"k1", "k2", "k3"}
    assert keys(states=frozenset({State.UNKNOWN})) == {"k4"}
    assert keys(roles=frozenset({"admin"})) == {"k1"}
    assert keys(roles=frozenset({"member"})) == {"k2", "k3", "k4"}
    assert keys(guests=True) == {"k2"}
    assert keys(guests=False) == {"k1", "k3", "k4"}
    assert keys(states=frozenset({State.ONLINE, State.UNKNOWN}), guests=False) == {"k1", "k3", "k4"}


def test_facets_follow_states_roles_and_kinds_although_nobody_moves(harness: StoreHarness) -> None:
    harness.roster("k1", "k2")
    harness.event("k1", True)
    harness.event("k2", True)
    away = harness.store.roster_index(HARBOUR, facets=Facets(states=frozenset({State.AWAY})))
    admins = harness.store.roster_index(HARBOUR, facets=Facets(roles=frozenset({"admin"})))
    guests = harness.store.roster_index(HARBOUR, facets=Facets(guests=True))
    assert [panels(view) for view in (away, admins, guests)] == [([], [])] * 3

    harness.wait(61)
    harness.event("k2", True)
    assert shown(away, Panel.ONLINE) == ["k1"]

    harness.store.members.set_role("k2", HARBOUR, "admin")
    harness.roster(member("k1", guest=True))
    assert shown(admins, Panel.ONLINE) == ["k2"]
    assert shown(guests, Panel.ONLINE) == ["k1"]

    harness.wait(300)
    assert shown(away, Panel.ONLINE) == []


def test_query_and_facets_hold_together(crew: StoreHarness) -> None:
    crew.wait(61)
    crew.event("k1", True)
    view = crew.store.roster_index(HARBOUR, query="o", facets=Facets(states=frozenset({State.ONLINE})))
    assert shown(view, Panel.ONLINE) == ["k1"]

    view.show(query="!o")
    assert shown(view, Panel.ONLINE) == []
    assert view.filter == Filter("!o", Facets(states=frozenset({State.ONLINE})))

    view.show(facets=Facets())
    assert shown(view, Panel.ONLINE) == ["k2", "k5", "k3"]
