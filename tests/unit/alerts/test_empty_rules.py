"""A group of which nobody has been online for a while."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presence_tui.alerts.rules import AlertRule
from presence_tui.domain.participants import Conversation
from presence_tui.wire.messages import PresenceRow
from tests.unit.alerts.alert_harness import OTHERS, SUPPORT, AlertHarness, rule
from tests.unit.store.store_harness import HARBOUR

DESK = rule("empty", role="moderator", after_s=120.0)


@pytest.mark.parametrize(
    "wish",
    [
        DESK,
        rule("empty", *SUPPORT, after_s=120.0),
        rule("empty", "Mia", "@noa", after_s=120.0),
        rule("empty", role="moderator", conversation="Harbour crew", after_s=120.0),
    ],
    ids=["role", "keys", "names", "role in a conversation"],
)
def test_a_group_rings_when_nobody_of_it_was_online_for_the_time(wish: AlertRule) -> None:
    floor = AlertHarness(wish)
    floor.online("mia", "noa", "ada")
    floor.offline("mia")
    floor.wait(500)
    floor.offline("noa")
    floor.wait(119)
    assert floor.told == []
    floor.wait(1)
    (ring,) = floor.rings
    assert (ring.rule, ring.key, ring.held_s, ring.at_least) == (wish, "", 120, False)


def test_a_conversation_is_a_group_too() -> None:
    floor = AlertHarness(rule("empty", conversation="Harbour crew", after_s=10.0))
    floor.online(*OTHERS, "zoe")
    floor.offline(*OTHERS)
    floor.wait(10)
    assert floor.told == [("empty", "")], "whoever is elsewhere does not count"


def test_it_rings_once_and_again_only_after_somebody_was_there() -> None:
    floor = AlertHarness(DESK)
    floor.online("mia")
    floor.offline("mia")
    floor.wait(10_000)
    assert floor.told == [("empty", "")]
    floor.online("noa")
    floor.offline("noa")
    floor.wait(120)
    assert floor.told == [("empty", "")]


def test_who_comes_in_time_stops_it() -> None:
    floor = AlertHarness(DESK)
    floor.online("mia")
    floor.offline("mia")
    floor.wait(119)
    floor.online("noa")
    floor.wait(1_000)
    assert floor.told == []
    assert floor.watching.next_s is None


def test_who_was_only_missed_stops_it_as_well() -> None:
    floor = AlertHarness(DESK)
    floor.online("mia")
    floor.offline("mia")
    floor.runtime("noa", True)
    floor.wait(1_000)
    assert floor.told == []


def test_a_group_that_was_empty_from_the_first_does_not_ring() -> None:
    floor = AlertHarness(DESK)
    floor.wait(10_000)
    assert floor.told == []


def test_a_group_that_an_answer_empties_does_not_ring() -> None:
    floor = AlertHarness(DESK)
    floor.online("mia")
    floor.snapshot(PresenceRow("mia", False))
    floor.runtime("mia", False)
    assert floor.store.get_user_by_id("mia").flag is False  # type: ignore[union-attr]
    floor.wait(10_000)
    assert floor.told == []


def test_a_group_whose_last_one_gets_another_role_or_goes_elsewhere_does_not_ring() -> None:
    floor = AlertHarness(DESK, rule("empty", conversation="Harbour crew", after_s=5.0))
    floor.online("mia")
    floor.store.set_role("mia", HARBOUR, "member")
    floor.store.remove_participant("mia", HARBOUR)
    floor.wait(10_000)
    assert floor.told == []


def test_a_lost_link_empties_no_group() -> None:
    floor = AlertHarness(DESK)
    floor.online("mia")
    floor.watching.note_link(False)
    floor.wait(10_000)
    floor.watching.note_link(True)
    floor.wait(10_000)
    assert floor.told == []


def test_no_time_runs_without_a_link_and_it_begins_anew_with_it() -> None:
    floor = AlertHarness(DESK)
    floor.online("mia")
    floor.offline("mia")
    floor.wait(100)
    floor.watching.note_link(False)
    floor.wait(10_000)
    assert floor.told == []
    floor.watching.note_link(True)
    floor.wait(119)
    assert floor.told == []
    floor.wait(1)
    assert [(ring.held_s, ring.at_least) for ring in floor.rings] == [(120, True)]


def test_who_came_while_there_was_no_link_stops_it() -> None:
    floor = AlertHarness(DESK)
    floor.online("mia")
    floor.offline("mia")
    floor.watching.note_link(False)
    floor.snapshot(PresenceRow("noa", True))
    floor.watching.note_link(True)
    floor.wait(10_000)
    assert floor.told == []


def test_what_a_group_has_rung_for_does_not_ring_after_a_gap() -> None:
    floor = AlertHarness(DESK)
    floor.online("mia")
    floor.offline("mia")
    floor.wait(120)
    floor.watching.note_link(False)
    floor.watching.note_link(True)
    floor.wait(10_000)
    assert floor.told == [("empty", "")]


def test_a_store_that_forgets_everybody_has_not_seen_anybody_leave() -> None:
    floor = AlertHarness(DESK)
    floor.online("mia")
    floor.offline("mia")
    floor.store.clear()
    floor.wait(10_000)
    assert floor.told == []


def test_a_rule_made_while_they_are_there_knows_who_is_there() -> None:
    floor = AlertHarness()
    floor.online("mia", "ada")
    floor.watching.watch([rule("empty", "mia", after_s=5.0), rule("empty", role="member", after_s=5.0)])
    floor.offline("ada", "mia")
    floor.wait(5)
    assert floor.told == [("empty", ""), ("empty", "")]


def test_time_goes_on_for_a_rule_that_stays() -> None:
    floor = AlertHarness(DESK)
    floor.online("mia")
    floor.offline("mia")
    floor.wait(100)
    floor.watching.watch([rule("comes"), DESK])
    floor.wait(20)
    assert floor.told == [("empty", "")]
    floor.online("mia")
    floor.offline("mia")
    floor.watching.watch([])
    floor.wait(10_000)
    assert floor.told == [("comes", "mia")]


def test_a_conversation_that_is_told_later_is_looked_at_then() -> None:
    floor = AlertHarness(people=False)
    floor.watching.watch([rule("empty", conversation="Engine room", after_s=5.0)])
    floor.roster("eve", conversation="engine")
    floor.online("eve")
    floor.watching.know_conversations([Conversation("engine", "Engine room")])
    floor.offline("eve")
    floor.wait(5)
    assert floor.told == [("empty", "")]


_steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["online", "offline", "answer", "no answer"]), st.sampled_from(SUPPORT)),
        st.tuples(st.just("wait"), st.floats(0, 200)),
        st.tuples(st.sampled_from(["link", "no link"]), st.none()),
    ),
    max_size=30,
)


@settings(max_examples=150)
@given(_steps)
def test_it_rings_exactly_for_each_time_of_emptiness_that_was_seen_whole(
    steps: list[tuple[str, str | float | None]],
) -> None:
    """Against a model that looks at everybody at every moment."""
    floor = AlertHarness(DESK)
    flags = dict.fromkeys(SUPPORT, False)
    expected = 0
    vouched, was_left, seen_s, has_rung = True, False, 0.0, False
    for what, which in steps:
        was_occupied = any(flags.values())
        if what == "wait":
            assert isinstance(which, float)
            floor.wait(which)
            if vouched and was_left and not has_rung:
                seen_s += which
                if seen_s >= 120.0:
                    expected, has_rung = expected + 1, True
        elif what in ("link", "no link"):
            vouched = what == "link"
            seen_s = 0.0 if not vouched else seen_s
            floor.watching.note_link(vouched)
        else:
            assert isinstance(which, str)
            flags[which] = what in ("online", "answer")
            if what in ("online", "offline"):
                floor.event(which, flags[which])
            else:
                floor.runtime(which, flags[which])
            if any(flags.values()):
                was_left, seen_s, has_rung = False, 0.0, False
            elif was_occupied:
                was_left, seen_s, has_rung = what == "offline", 0.0, False
    assert len(floor.rings) == expected
