"""Conversations in order: by activity, name and online, filtered, and always as if sorted anew."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.domain.participants import Conversation
from presence_tui.store import ConversationIndex, ConversationSort
from presence_tui.wire.responses import read_conversations
from tests.unit.domain.hypothesis_profile import repeatable
from tests.unit.store.store_harness import StoreHarness

KNOWN = [
    Conversation("c1", "Harbour crew", "harbour", 24),
    Conversation("c2", "Épée club", "fencing", 6),
    Conversation("c3", "annex", "", 9),
    Conversation("c4", "Empty room", "", 0),
]
SORTS = list(ConversationSort)


def ids(order: ConversationIndex) -> list[str]:
    return [each.id for each in order.rows(0, 100)]


@pytest.fixture
def order(world: StoreHarness) -> ConversationIndex:
    order = world.store.conversation_order()
    order.know(KNOWN)
    return order


def test_before_anything_happens_it_is_the_gateways_order(
    world: StoreHarness, order: ConversationIndex
) -> None:
    world.roster("ada", conversation="c3")
    world.event("ada", True)

    assert ids(order) == ["c1", "c2", "c3", "c4"], "who is told of first has not come"
    assert (order.sort, order.query, order.total, order.count()) == (ConversationSort.ACTIVITY, "", 4, 4)


def test_by_activity_the_last_to_have_stirred_or_spoken_comes_first(world: StoreHarness) -> None:
    order = world.store.conversation_order()
    world.store.set_skew(5.0)
    spoken = Conversation("c5", "Spoken", last_message_s=world.now_s - 60 + 5)
    order.know([*KNOWN, spoken])
    world.roster("ada", conversation="c3")
    world.roster("bob", conversation="c2")
    world.event("ada", True)
    world.event("bob", False)
    assert ids(order) == ["c5", "c1", "c2", "c3", "c4"]
    assert order.activity_s(spoken) == world.now_s - 60
    assert order.activity_s(KNOWN[0]) is None

    world.clock.advance(1)
    world.event("bob", True)
    assert ids(order) == ["c2", "c5", "c1", "c3", "c4"]
    assert order.activity_s(KNOWN[1]) == world.now_s

    world.clock.advance(1)
    world.event("ada", False)
    assert ids(order) == ["c3", "c2", "c5", "c1", "c4"]


def test_by_name_case_and_accents_are_ignored(order: ConversationIndex) -> None:
    order.show(sort=ConversationSort.NAME)

    assert ids(order) == ["c3", "c4", "c2", "c1"]


def test_by_online_the_unread_come_last_and_places_move_as_people_do(
    world: StoreHarness, order: ConversationIndex
) -> None:
    order.show(sort=ConversationSort.ONLINE)
    world.roster("ada", "bob", conversation="c1")
    world.roster("bob", "cy", conversation="c2")
    world.roster("cy", conversation="c3")
    assert ids(order) == ["c3", "c2", "c1", "c4"]

    world.event("bob", True)
    assert ids(order) == ["c2", "c1", "c3", "c4"]

    world.event("ada", True)
    assert ids(order) == ["c1", "c2", "c3", "c4"]
    assert order.index_of("c2") == 1

    world.store.remove_participant("ada", "c1")
    world.store.remove_participant("bob", "c1")
    assert ids(order) == ["c2", "c3", "c1", "c4"]


def test_the_filter_looks_at_title_and_identifier_in_every_order(order: ConversationIndex) -> None:
    for sort in SORTS:
        order.show(sort=sort, query="E")
        assert set(ids(order)) == {"c1", "c2", "c3", "c4"}
        order.show(query="épé")
        assert ids(order) == ids_with(order, "c2")
        order.show(query="fenc")
        assert ids(order) == ids_with(order, "c2")
        order.show(query="!c1")
        assert len(ids(order)) == 4, "an id is nothing that anybody reads"
        order.show(query="!harbour")
        assert set(ids(order)) == {"c2", "c3", "c4"}
        assert order.index_of("c1") is None
        assert order.query == "!harbour"
        order.show(query="")


def ids_with(order: ConversationIndex, key: str) -> list[str]:
    assert order.index_of(key) == 0
    return [key]


def test_one_that_is_filtered_out_stays_out_whatever_happens(
    world: StoreHarness, order: ConversationIndex
) -> None:
    order.show(sort=ConversationSort.ONLINE, query="annex")
    world.roster("ada", conversation="c1")
    world.event("ada", True)

    assert ids(order) == ["c3"]
    order.show(query="")
    assert ids(order)[0] == "c1"


def test_another_list_of_conversations_takes_the_place_of_the_first(order: ConversationIndex) -> None:
    order.know([KNOWN[1]])

    assert ids(order) == ["c2"]
    assert order.index_of("c1") is None
    assert order.index_of("nowhere") is None

    order.know([KNOWN[1]])
    assert ids(order) == ["c2"]


def test_closed_it_follows_no_more_until_it_is_opened_again(
    world: StoreHarness, order: ConversationIndex
) -> None:
    other = world.store.conversation_order(ConversationSort.ONLINE)
    other.know(KNOWN)
    world.roster("ada", conversation="c3")
    other.close()
    other.close()
    world.roster("bob", conversation="c4")
    world.event("bob", True)
    assert ids(other) == ["c3", "c4", "c2", "c1"]

    other.reopen()
    other.reopen()
    assert ids(other) == ["c4", "c3", "c2", "c1"]

    other.close()
    world.event("bob", False)
    world.event("ada", True)
    assert ids(other) == ["c4", "c3", "c2", "c1"], "twice opened is open once"


def test_after_a_clear_nothing_is_known_of_any_of_them(world: StoreHarness, order: ConversationIndex) -> None:
    order.show(sort=ConversationSort.ONLINE)
    world.roster("ada", conversation="c3")
    assert ids(order)[0] == "c3"

    world.store.clear()

    assert ids(order) == ["c3", "c4", "c2", "c1"]


def test_the_list_tells_when_the_last_message_was_sent() -> None:
    rows = [{"id": "a", "title": "A", "lastMessageAt": "1970-01-01T00:01:00.000Z"}, {"id": "b", "title": "B"}]

    told = read_conversations(json.dumps({"data": rows}).encode()).rows

    assert [each.last_message_s for each in told] == [60.0, None]


steps = st.lists(
    st.tuples(
        st.sampled_from(["event", "join", "leave", "wait"]),
        st.sampled_from(["ada", "bob", "cy", "dee"]),
        st.sampled_from([each.id for each in KNOWN]),
        st.booleans(),
    ),
    max_size=25,
)


@repeatable
@given(steps, st.sampled_from(SORTS), st.sampled_from(["", "e", "!e"]))
def test_whatever_happens_it_is_as_if_sorted_anew(
    happenings: list[tuple[str, str, str, bool]], sort: ConversationSort, query: str
) -> None:
    world = StoreHarness()
    order = world.store.conversation_order(sort)
    order.know(KNOWN)
    order.show(query=query)
    for what, who, conversation, flag in happenings:
        match what:
            case "event":
                world.event(who, flag)
            case "join":
                world.roster(who, conversation=conversation)
            case "leave":
                world.store.remove_participant(who, conversation)
            case _:
                world.wait(1)
        anew = world.store.conversation_order(sort)
        anew.know(KNOWN)
        anew.show(query=query)
        assert ids(order) == ids(anew)
        assert [order.index_of(each) for each in ids(order)] == list(range(order.count()))
        anew.close()
