"""Conversations by activity, name and online count, filtered, and always equal to sorting from scratch."""

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
def order(harness: StoreHarness) -> ConversationIndex:
    order = harness.store.conversation_index()
    order.set_conversations(KNOWN)
    return order


def test_initial_order_is_gateway_order(harness: StoreHarness, order: ConversationIndex) -> None:
    harness.roster("ada", conversation="c3")
    harness.event("ada", True)

    assert ids(order) == ["c1", "c2", "c3", "c4"], "a first report is no arrival"
    assert (order.sort, order.query, order.total, order.count()) == (ConversationSort.ACTIVITY, "", 4, 4)


def test_order_by_activity_is_latest_first(harness: StoreHarness) -> None:
    order = harness.store.conversation_index()
    harness.store.states.set_skew(5.0)
    spoken = Conversation("c5", "Spoken", last_message_s=harness.now_s - 60 + 5)
    order.set_conversations([*KNOWN, spoken])
    harness.roster("ada", conversation="c3")
    harness.roster("bob", conversation="c2")
    harness.event("ada", True)
    harness.event("bob", False)
    assert ids(order) == ["c5", "c1", "c2", "c3", "c4"]
    assert order.activity_s(spoken) == harness.now_s - 60
    assert order.activity_s(KNOWN[0]) is None

    harness.clock.advance(1)
    harness.event("bob", True)
    assert ids(order) == ["c2", "c5", "c1", "c3", "c4"]
    assert order.activity_s(KNOWN[1]) == harness.now_s

    harness.clock.advance(1)
    harness.event("ada", False)
    assert ids(order) == ["c3", "c2", "c5", "c1", "c4"]


def test_order_by_name_ignores_case_and_accents(order: ConversationIndex) -> None:
    order.show(sort=ConversationSort.NAME)

    assert ids(order) == ["c3", "c4", "c2", "c1"]


def test_order_by_online_follows_counts_with_unread_last(
    harness: StoreHarness, order: ConversationIndex
) -> None:
    order.show(sort=ConversationSort.ONLINE)
    harness.roster("ada", "bob", conversation="c1")
    harness.roster("bob", "cy", conversation="c2")
    harness.roster("cy", conversation="c3")
    assert ids(order) == ["c3", "c2", "c1", "c4"]

    harness.event("bob", True)
    assert ids(order) == ["c2", "c1", "c3", "c4"]

    harness.event("ada", True)
    assert ids(order) == ["c1", "c2", "c3", "c4"]
    assert order.index_of("c2") == 1

    harness.store.members.remove("ada", "c1")
    harness.store.members.remove("bob", "c1")
    assert ids(order) == ["c2", "c3", "c1", "c4"]


def test_filter_searches_title_and_identifier_in_every_order(order: ConversationIndex) -> None:
    for sort in SORTS:
        order.show(sort=sort, query="E")
        assert set(ids(order)) == {"c1", "c2", "c3", "c4"}
        order.show(query="épé")
        assert ids(order) == ids_with(order, "c2")
        order.show(query="fenc")
        assert ids(order) == ids_with(order, "c2")
        order.show(query="!c1")
        assert len(ids(order)) == 4, "ids are not searched"
        order.show(query="!harbour")
        assert set(ids(order)) == {"c2", "c3", "c4"}
        assert order.index_of("c1") is None
        assert order.query == "!harbour"
        order.show(query="")


def ids_with(order: ConversationIndex, key: str) -> list[str]:
    assert order.index_of(key) == 0
    return [key]


def test_filtered_out_conversation_stays_hidden_when_updated(
    harness: StoreHarness, order: ConversationIndex
) -> None:
    order.show(sort=ConversationSort.ONLINE, query="annex")
    harness.roster("ada", conversation="c1")
    harness.event("ada", True)

    assert ids(order) == ["c3"]
    order.show(query="")
    assert ids(order)[0] == "c1"


def test_new_list_replaces_old_one(order: ConversationIndex) -> None:
    order.set_conversations([KNOWN[1]])

    assert ids(order) == ["c2"]
    assert order.index_of("c1") is None
    assert order.index_of("nowhere") is None

    order.set_conversations([KNOWN[1]])
    assert ids(order) == ["c2"]


def test_closed_index_is_not_updated_until_reopened(harness: StoreHarness, order: ConversationIndex) -> None:
    other = harness.store.conversation_index(ConversationSort.ONLINE)
    other.set_conversations(KNOWN)
    harness.roster("ada", conversation="c3")
    other.close()
    other.close()
    harness.roster("bob", conversation="c4")
    harness.event("bob", True)
    assert ids(other) == ["c3", "c4", "c2", "c1"]

    other.reopen()
    other.reopen()
    assert ids(other) == ["c4", "c3", "c2", "c1"]

    other.close()
    harness.event("bob", False)
    harness.event("ada", True)
    assert ids(other) == ["c4", "c3", "c2", "c1"], "twice opened is open once"


def test_clear_resets_counts_of_conversations(harness: StoreHarness, order: ConversationIndex) -> None:
    order.show(sort=ConversationSort.ONLINE)
    harness.roster("ada", conversation="c3")
    assert ids(order)[0] == "c3"

    harness.store.clear()

    assert ids(order) == ["c3", "c4", "c2", "c1"]


def test_last_message_time_comes_from_list() -> None:
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
def test_index_equals_sorting_from_scratch(
    happenings: list[tuple[str, str, str, bool]], sort: ConversationSort, query: str
) -> None:
    harness = StoreHarness()
    order = harness.store.conversation_index(sort)
    order.set_conversations(KNOWN)
    order.show(query=query)
    for what, who, conversation, flag in happenings:
        match what:
            case "event":
                harness.event(who, flag)
            case "join":
                harness.roster(who, conversation=conversation)
            case "leave":
                harness.store.members.remove(who, conversation)
            case _:
                harness.wait(1)
        anew = harness.store.conversation_index(sort)
        anew.set_conversations(KNOWN)
        anew.show(query=query)
        assert ids(order) == ids(anew)
        assert [order.index_of(each) for each in ids(order)] == list(range(order.count()))
        anew.close()


def test_impossible_last_message_time_is_ignored(harness: StoreHarness) -> None:
    order = harness.store.conversation_index()
    true = Conversation("c1", "True", last_message_s=harness.now_s - 60)
    far = Conversation("c2", "Far", last_message_s=4_070_908_800.0)
    old = Conversation("c3", "Old", last_message_s=0.001)
    order.set_conversations([far, old, true])
    assert ids(order) == ["c1", "c2", "c3"]
    assert [order.activity_s(each) for each in (far, old)] == [None, None]


def test_rows_are_those_between(order: ConversationIndex) -> None:
    listed = [each.id for each in KNOWN]
    for start, stop in ((0, 1), (1, 3), (2, 2), (3, 9), (-2, 2), (-2, -1), (4, 9)):
        found = [each.id for each in order.rows(start, stop)]
        assert found == listed[max(0, start) : max(0, stop)], (start, stop)


@pytest.mark.parametrize(("message_ago_s", "ago_s"), [(60.0, 10.0), (5.0, 5.0)])
def test_activity_is_the_later_of_message_and_movement(
    harness: StoreHarness, message_ago_s: float, ago_s: float
) -> None:
    order = harness.store.conversation_index()
    harness.roster("ada", conversation="c1")
    harness.event("ada", True)
    harness.event("ada", False)
    harness.store.flush()
    harness.wait(10)
    told = Conversation("c1", "Told", last_message_s=harness.now_s - message_ago_s)
    assert order.activity_s(told) == harness.now_s - ago_s
    assert order.activity_s(Conversation("c1", "Untold")) == harness.now_s - 10


@pytest.mark.parametrize("sort", SORTS)
def test_a_filter_searches_no_number_of_the_sort_order(
    order: ConversationIndex, sort: ConversationSort
) -> None:
    order.set_conversations([Conversation("a", "Two 2"), Conversation("b", "None")])
    for query, found in (("0", []), ("9", []), ("2", ["a"])):
        order.show(sort=sort, query=query)
        assert ids(order) == found
