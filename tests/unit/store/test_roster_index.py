"""Indexes: both panels in order, filtered, and equal to sorting everyone from scratch."""

import pytest

from presence_tui.domain.enums import Panel, State
from presence_tui.store import Counts, PresenceStore, RosterIndex, Sort
from presence_tui.store.records import folded
from presence_tui.wire.messages import PresenceRow, RosterRow
from tests.unit.store.store_harness import (
    HARBOUR,
    LIGHTHOUSE,
    StoreHarness,
    member,
    panels,
    shown,
    sorted_anew,
)

NAMES = {"k1": "Zoé", "k2": "ada", "k3": "Émile", "k4": "Bob", "k5": "ada"}


@pytest.fixture
def crew(harness: StoreHarness) -> StoreHarness:
    """Five members: three online, one offline, one without evidence."""
    harness.roster(*(member(key, name) for key, name in NAMES.items()))
    for key in ("k1", "k2", "k3"):
        harness.event(key, True)
    harness.event("k4", False)
    return harness


def test_panels_by_name_ignore_case_and_accents_and_the_unknown_come_last(crew: StoreHarness) -> None:
    crew.roster(member("k6", "aaron"))

    assert panels(crew.store.roster_index(HARBOUR)) == (["k2", "k3", "k1"], ["k4", "k6", "k5"])


def test_who_moves_again_after_being_counted_is_put_where_they_are_now() -> None:
    harness = StoreHarness(schedule=lambda flush: None)
    harness.roster(member("ada"), member("ben"))
    view = harness.store.roster_index(HARBOUR)
    harness.event("ada", True)
    assert harness.store.counts(HARBOUR).online == 1
    harness.event("ada", False)
    assert harness.store.counts(HARBOUR).online == 0

    assert panels(view) == ([], ["ada", "ben"])


def test_equal_names_are_ordered_by_key(crew: StoreHarness) -> None:
    crew.event("k5", True)

    assert shown(crew.store.roster_index(HARBOUR), Panel.ONLINE) == ["k2", "k5", "k3", "k1"]


def test_order_by_state(harness: StoreHarness) -> None:
    for key, age_s in (("idle", 200), ("online", 0), ("away", 100), ("also-online", 10)):
        harness.event(key, True, last_active_s=harness.now_s - age_s)

    assert shown(harness.store.roster_index(sort=Sort.STATE), Panel.ONLINE) == [
        "also-online",
        "online",
        "away",
        "idle",
    ]


def test_order_by_last_active_puts_the_newest_first_and_the_ageless_last(harness: StoreHarness) -> None:
    for key, age_s in (("old", 200), ("new", 0), ("middle", 100)):
        harness.runtime(key, True, harness.now_s - age_s)
    harness.runtime("ageless", True)

    assert shown(harness.store.roster_index(sort=Sort.LAST_ACTIVE), Panel.ONLINE) == [
        "new",
        "middle",
        "old",
        "ageless",
    ]


def test_order_by_role_is_by_rank(harness: StoreHarness) -> None:
    ranks = {"a": "member", "b": "moderator", "c": "creator", "d": "", "e": "admin", "f": "visitor"}
    harness.roster(*(RosterRow(member(key, role=rank), True) for key, rank in ranks.items()))

    assert shown(harness.store.roster_index(HARBOUR, sort=Sort.ROLE), Panel.ONLINE) == [
        "c",
        "e",
        "b",
        "a",
        "d",
        "f",
    ]


def test_role_is_that_of_the_views_conversation(harness: StoreHarness) -> None:
    harness.roster(member("ada", role="creator"))
    harness.roster(member("ada", role="member"), conversation=LIGHTHOUSE)

    roles = [
        harness.store.roster_index(conversation).role_of("ada")
        for conversation in (HARBOUR, LIGHTHOUSE, None)
    ]

    assert roles == ["creator", "member", ""]
    assert harness.store.roster_index(HARBOUR).role_of("nobody") == ""


def test_view_says_how_it_was_made(crew: StoreHarness) -> None:
    view = crew.store.roster_index(HARBOUR, sort=Sort.ROLE, query="Ada")

    assert (view.conversation_id, view.sort, view.query) == (HARBOUR, Sort.ROLE, "Ada")
    assert (crew.store.roster_index().conversation_id, crew.store.roster_index().sort) == (None, Sort.NAME)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"k1", "k2", "k3", "k4", "k5"}),
        ("ADA", {"k2", "k5"}),
        ("ad", {"k2", "k5"}),
        ("zoe", {"k1"}),
        ("ZOÉ", {"k1"}),
        ("Zoe\u0301", {"k1"}),
        ("emile", {"k3"}),
        ("nobody", set()),
        ("\u0301", {"k1", "k2", "k3", "k4", "k5"}),
    ],
)
def test_filter_ignores_case_and_accents(crew: StoreHarness, query: str, found: set[str]) -> None:
    view = crew.store.roster_index(HARBOUR, query=query)

    online, offline = panels(view)
    assert {*online, *offline} == found
    assert view.count(Panel.ONLINE) + view.count(Panel.OFFLINE) == len(found)


def test_filter_finds_handles(crew: StoreHarness) -> None:
    crew.snapshot(PresenceRow("k4", False, handle="Robért.L"))

    assert panels(crew.store.roster_index(HARBOUR, query="robert")) == ([], ["k4"])


@pytest.mark.parametrize("name", ["𝓐𝓭𝓪", "ＡＤＡ", "ᴬda", "𝐀𝐃𝐀"])
def test_filter_finds_fancy_letters_whatever_their_case(harness: StoreHarness, name: str) -> None:
    harness.roster(member("k1", name))

    assert panels(harness.store.roster_index(HARBOUR, query="ada")) == ([], ["k1"])


@pytest.mark.parametrize(
    ("text", "bare"),
    [("ADA", "ada"), ("Zoé", "zoe"), ("Straße", "strasse"), ("Ålesund", "alesund"), ("あ", "あ")],
)
def test_folding(text: str, bare: str) -> None:
    assert folded(text) == bare


def test_filter_follows_a_new_name(crew: StoreHarness) -> None:
    view = crew.store.roster_index(HARBOUR, query="rené")
    assert panels(view) == ([], [])

    crew.roster(member("k4", "Rene"))
    assert panels(view) == ([], ["k4"])

    crew.roster(member("k4", "Bob"))
    assert panels(view) == ([], [])


def test_counts_are_of_everybody_whatever_the_filter(crew: StoreHarness) -> None:
    view = crew.store.roster_index(HARBOUR, query="zoe")

    assert view.counts == Counts(online=3, offline=1, unknown=1)
    assert (view.count(Panel.ONLINE), view.count(Panel.OFFLINE)) == (1, 0)


def test_view_lists_its_conversation_and_no_newcomer(crew: StoreHarness) -> None:
    crew.roster("dan", conversation=LIGHTHOUSE)
    crew.event("river", True)
    crew.snapshot(PresenceRow("unplaced", True))

    assert panels(crew.store.roster_index(LIGHTHOUSE)) == ([], ["dan"])
    assert shown(crew.store.roster_index(HARBOUR), Panel.ONLINE) == ["k2", "k3", "k1"]
    assert {"river", "unplaced"} <= set(shown(crew.store.roster_index(), Panel.ONLINE))


def test_the_view_of_an_unknown_conversation_is_empty(crew: StoreHarness) -> None:
    view = crew.store.roster_index("nowhere")

    assert panels(view) == ([], [])
    assert view.counts == Counts()


def test_open_view_follows_events_leaving_ranks_and_time(harness: StoreHarness) -> None:
    harness.roster(*(f"m{number}" for number in range(10)))
    view = harness.store.roster_index(HARBOUR, sort=Sort.STATE)
    by_role = harness.store.roster_index(HARBOUR, sort=Sort.ROLE)

    harness.event("m3", True)
    harness.clock.advance(30)
    harness.event("m7", True)
    assert shown(view, Panel.ONLINE) == ["m3", "m7"]

    harness.wait(31)
    assert shown(view, Panel.ONLINE) == ["m7", "m3"]
    assert view.rows(Panel.ONLINE, 1, 2)[0].state is State.AWAY

    harness.store.members.set_role("m5", HARBOUR, "creator")
    assert shown(by_role, Panel.OFFLINE)[0] == "m5"

    harness.store.members.remove("m7", HARBOUR)
    assert shown(view, Panel.ONLINE) == ["m3"]
    assert view.index_of("m7") is None


def test_index_of_is_the_place_in_the_panel(crew: StoreHarness) -> None:
    view = crew.store.roster_index(HARBOUR)

    assert view.index_of("k1") == (Panel.ONLINE, 2)
    assert view.index_of("k4") == (Panel.OFFLINE, 0)
    assert view.index_of("k5") == (Panel.OFFLINE, 1)
    assert view.index_of("nobody") is None


@pytest.mark.parametrize(
    ("start", "stop", "online", "offline"),
    [
        (0, 2, ["k2", "k3"], ["k4", "k5"]),
        (1, 2, ["k3"], ["k5"]),
        (2, 99, ["k1"], []),
        (0, 0, [], []),
        (2, 1, [], []),
        (3, 5, [], []),
        (99, 100, [], []),
    ],
)
def test_rows_are_a_window_of_one_panel(
    crew: StoreHarness, start: int, stop: int, online: list[str], offline: list[str]
) -> None:
    view = crew.store.roster_index(HARBOUR)

    assert [record.key for record in view.rows(Panel.ONLINE, start, stop)] == online
    assert [record.key for record in view.rows(Panel.OFFLINE, start, stop)] == offline


def test_view_can_be_shown_otherwise(crew: StoreHarness) -> None:
    crew.roster("dan", conversation=LIGHTHOUSE)
    view = crew.store.roster_index(HARBOUR, query="ada")

    view.show(sort=Sort.STATE)
    assert (view.sort, view.query, view.conversation_id) == (Sort.STATE, "ada", HARBOUR)
    assert panels(view) == (["k2"], ["k5"])

    view.show(query="")
    assert panels(view) == (["k2", "k3", "k1"], ["k4", "k5"])

    view.show(conversation_id=LIGHTHOUSE)
    assert panels(view) == ([], ["dan"])


def test_views_agree_inside_a_batch_before_anybody_heard(crew: StoreHarness) -> None:
    one, other = crew.store.roster_index(HARBOUR), crew.store.roster_index(HARBOUR, sort=Sort.STATE)

    with crew.store.batch():
        crew.event("k4", True)

        assert set(shown(one, Panel.ONLINE)) == set(shown(other, Panel.ONLINE)) == {"k1", "k2", "k3", "k4"}
        assert one.count(Panel.ONLINE) == other.counts.online == 4
        assert other.index_of("k4") is not None


def test_view_opened_inside_a_batch_is_complete(crew: StoreHarness) -> None:
    with crew.store.batch():
        crew.event("k4", True)
        assert crew.store.roster_index(HARBOUR).count(Panel.ONLINE) == 4


def test_closed_view_is_followed_no_more_and_may_be_closed_twice(crew: StoreHarness) -> None:
    view, open_view = crew.store.roster_index(HARBOUR), crew.store.roster_index(HARBOUR)

    view.close()
    view.close()
    crew.event("k4", True)

    assert view.count(Panel.ONLINE) == 3
    assert open_view.count(Panel.ONLINE) == 4


def test_a_view_that_is_opened_again_is_as_the_store_is_by_then(crew: StoreHarness) -> None:
    view = crew.store.roster_index(HARBOUR, sort=Sort.STATE, query="a")
    view.close()
    crew.event("k4", True)
    crew.roster(member("new", "Adele"))
    crew.event("new", True)

    view.reopen()
    view.reopen()

    fresh = crew.store.roster_index(HARBOUR, sort=Sort.STATE, query="a")
    assert panels(view) == panels(fresh)
    assert "new" in shown(view, Panel.ONLINE)
    crew.event("k4", False)
    assert panels(view) == panels(fresh)
    view.close()
    crew.event("new", False)
    assert panels(view) != panels(fresh), "twice opened is open once"


def test_clear_empties_every_open_view(crew: StoreHarness) -> None:
    views = [crew.store.roster_index(HARBOUR), crew.store.roster_index(sort=Sort.ROLE)]

    crew.store.clear()
    assert [panels(view) for view in views] == [([], []), ([], [])]

    crew.event("k1", True)
    crew.roster("k1")
    assert [shown(view, Panel.ONLINE) for view in views] == [["k1"], ["k1"]]


def test_one_move_among_many_places_one(monkeypatch: pytest.MonkeyPatch) -> None:
    harness = StoreHarness()
    harness.roster(*(f"m{number:03}" for number in range(500)))
    view = harness.store.roster_index(HARBOUR)
    rebuilt: list[RosterIndex] = []
    monkeypatch.setattr(RosterIndex, "rebuild", rebuilt.append)

    for number in (400, 7, 250):
        harness.event(f"m{number:03}", True)

    assert shown(view, Panel.ONLINE) == ["m007", "m250", "m400"]
    assert rebuilt == []


def test_many_moves_at_once_end_in_the_same_order_as_one_by_one() -> None:
    together, singly = StoreHarness(), StoreHarness()
    for harness in (together, singly):
        harness.roster(*(f"m{number:03}" for number in range(100)))
    views = [harness.store.roster_index(HARBOUR, sort=Sort.LAST_ACTIVE) for harness in (together, singly)]

    with together.store.batch():
        for number in range(0, 100, 2):
            together.event(f"m{number:03}", True, last_active_s=together.now_s - number * 7 % 50)
    for number in range(0, 100, 2):
        singly.event(f"m{number:03}", True, last_active_s=singly.now_s - number * 7 % 50)

    assert panels(views[0]) == panels(views[1])


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("query", ["", "a", "é"])
def test_view_equals_sorting_everybody_anew(crew: StoreHarness, sort: Sort, query: str) -> None:
    crew.store.members.set_role("k3", HARBOUR, "creator")
    crew.wait(70)
    crew.event("k1", True)

    roles = {key: crew.store.rosters.role(HARBOUR, key) for key in NAMES}
    brute = sorted_anew(crew.store.participants.values(), roles, sort, query)

    assert panels(crew.store.roster_index(HARBOUR, sort=sort, query=query)) == brute


@pytest.mark.parametrize("sort", Sort)
def test_panels_never_mix_whatever_the_order(sort: Sort) -> None:
    harness = StoreHarness()
    harness.roster(*(f"m{number:02}" for number in range(30)))
    for number in range(20):
        active_s = None if number % 5 == 0 else harness.now_s - number * 37
        harness.event(f"m{number:02}", number % 2 == 0, last_active_s=active_s)

    online, offline = panels(harness.store.roster_index(HARBOUR, sort=sort))

    assert {harness.record(key).flag for key in online} == {True}
    assert [harness.record(key).flag for key in offline] == [False] * 10 + [None] * 10


def test_view_needs_nobody_to_be_of_use() -> None:
    store = PresenceStore()
    view = store.roster_index()

    assert panels(view) == ([], [])
    assert view.index_of("ada") is None


def test_a_view_opened_after_renaming_knows_the_new_name_only(crew: StoreHarness) -> None:
    crew.store.roster_index(HARBOUR).close()
    crew.event("k2")
    crew.roster(member("k2", "Zoe"))
    view = crew.store.roster_index(HARBOUR)

    crew.event("k2", False)

    assert panels(view) == (["k3", "k1"], ["k4", "k2", "k5"])
