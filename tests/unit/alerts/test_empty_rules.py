"""Rules about a group without online members."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presence_tui.alerts.rules import AlertRule
from presence_tui.domain.participants import Conversation
from presence_tui.wire.messages import PresenceRow
from tests.unit.alerts.alert_harness import OTHERS, SUPPORT, AlertHarness, rule
from tests.unit.domain.hypothesis_profile import repeatable
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
    harness = AlertHarness(wish)
    harness.online("mia", "noa", "ada")
    harness.offline("mia")
    harness.wait(500)
    harness.offline("noa")
    harness.wait(119)
    assert harness.alerts == []
    harness.wait(1)
    (ring,) = harness.rings
    assert (ring.rule, ring.key, ring.held_s, ring.at_least) == (wish, "", 120, False)


def test_a_conversation_is_a_group_too() -> None:
    harness = AlertHarness(rule("empty", conversation="Harbour crew", after_s=10.0))
    harness.online(*OTHERS, "zoe")
    harness.offline(*OTHERS)
    harness.wait(10)
    assert harness.alerts == [("empty", "")], "participants outside the conversation do not count"


def test_it_rings_once_and_again_only_after_somebody_was_there() -> None:
    harness = AlertHarness(DESK)
    harness.online("mia")
    harness.offline("mia")
    harness.wait(10_000)
    assert harness.alerts == [("empty", "")]
    harness.online("noa")
    harness.offline("noa")
    harness.wait(120)
    assert harness.alerts == [("empty", "")]


def test_who_comes_in_time_stops_it() -> None:
    harness = AlertHarness(DESK)
    harness.online("mia")
    harness.offline("mia")
    harness.wait(119)
    harness.online("noa")
    harness.wait(1_000)
    assert harness.alerts == []
    assert harness.watching.next_s is None


def test_who_was_only_missed_stops_it_as_well() -> None:
    harness = AlertHarness(DESK)
    harness.online("mia")
    harness.offline("mia")
    harness.runtime("noa", True)
    harness.wait(1_000)
    assert harness.alerts == []


def test_a_group_that_was_empty_from_the_first_does_not_ring() -> None:
    harness = AlertHarness(DESK)
    harness.wait(10_000)
    assert harness.alerts == []


def test_a_group_that_an_answer_empties_does_not_ring() -> None:
    harness = AlertHarness(DESK)
    harness.online("mia")
    harness.snapshot(PresenceRow("mia", False))
    harness.runtime("mia", False)
    assert harness.store.get_user_by_id("mia").flag is False  # type: ignore[union-attr]
    harness.wait(10_000)
    assert harness.alerts == []


def test_a_group_whose_last_one_gets_another_role_or_goes_elsewhere_does_not_ring() -> None:
    harness = AlertHarness(DESK, rule("empty", conversation="Harbour crew", after_s=5.0))
    harness.online("mia")
    harness.store.members.set_role("mia", HARBOUR, "member")
    harness.store.members.remove("mia", HARBOUR)
    harness.wait(10_000)
    assert harness.alerts == []


def test_who_is_given_the_role_while_online_stops_it_and_empties_the_group_by_leaving() -> None:
    harness = AlertHarness(DESK)
    harness.online("mia", "ada")
    harness.offline("mia")
    harness.wait(100)
    harness.store.members.set_role("ada", HARBOUR, "moderator")
    harness.wait(1_000)
    assert harness.alerts == []
    harness.offline("ada")
    harness.wait(120)
    assert harness.alerts == [("empty", "")]


def test_groups_that_are_empty_as_long_ring_in_the_order_of_their_rules() -> None:
    rules = [rule("empty", *SUPPORT, after_s=float(after)) for after in (120, 60)]
    rules += [rule("empty", "ada", *SUPPORT, after_s=120.0), rule("empty", "mia", after_s=120.0)]
    harness = AlertHarness(*rules)
    harness.online("mia")
    harness.offline("mia")
    harness.wait(120)
    assert [ring.rule for ring in harness.rings] == [rules[1], rules[0], rules[2], rules[3]]


def test_a_lost_link_empties_no_group() -> None:
    harness = AlertHarness(DESK)
    harness.online("mia")
    harness.watching.set_synced(False)
    harness.wait(10_000)
    harness.watching.set_synced(True)
    harness.wait(10_000)
    assert harness.alerts == []


def test_no_time_runs_without_a_link_and_it_begins_anew_with_it() -> None:
    harness = AlertHarness(DESK)
    harness.online("mia")
    harness.offline("mia")
    harness.wait(100)
    harness.watching.set_synced(False)
    harness.wait(10_000)
    assert harness.alerts == []
    harness.watching.set_synced(True)
    harness.wait(119)
    assert harness.alerts == []
    harness.wait(1)
    assert [(ring.held_s, ring.at_least) for ring in harness.rings] == [(120, True)]


def test_two_interruptions_in_a_row_are_still_one_time_that_was_not_seen_whole() -> None:
    harness = AlertHarness(DESK)
    harness.online("mia")
    harness.offline("mia")
    harness.watching.set_synced(False)
    harness.watching.set_synced(False)
    harness.watching.set_synced(True)
    harness.wait(120)
    assert [(ring.held_s, ring.at_least) for ring in harness.rings] == [(120, True)]
    harness.online("mia")
    harness.offline("mia")
    harness.wait(120)
    assert [ring.at_least for ring in harness.rings] == [True, False], (
        "the second empty time was observed from its start"
    )


def test_who_came_while_there_was_no_link_stops_it() -> None:
    harness = AlertHarness(DESK)
    harness.online("mia")
    harness.offline("mia")
    harness.watching.set_synced(False)
    harness.snapshot(PresenceRow("noa", True))
    harness.watching.set_synced(True)
    harness.wait(10_000)
    assert harness.alerts == []


def test_what_a_group_has_rung_for_does_not_ring_after_a_gap() -> None:
    harness = AlertHarness(DESK)
    harness.online("mia")
    harness.offline("mia")
    harness.wait(120)
    harness.watching.set_synced(False)
    harness.watching.set_synced(True)
    harness.wait(10_000)
    assert harness.alerts == [("empty", "")]


def test_a_store_that_forgets_everybody_has_not_seen_anybody_leave() -> None:
    harness = AlertHarness(DESK)
    harness.online("mia")
    harness.offline("mia")
    harness.store.clear()
    harness.wait(10_000)
    assert harness.alerts == []


def test_a_rule_made_while_they_are_there_knows_who_is_there() -> None:
    harness = AlertHarness()
    harness.online("mia", "ada")
    harness.watching.set_rules([rule("empty", "mia", after_s=5.0), rule("empty", role="member", after_s=5.0)])
    harness.offline("ada", "mia")
    harness.wait(5)
    assert harness.alerts == [("empty", ""), ("empty", "")]


def test_time_goes_on_for_a_rule_that_stays() -> None:
    harness = AlertHarness(DESK)
    harness.online("mia")
    harness.offline("mia")
    harness.wait(100)
    harness.watching.set_rules([rule("comes"), DESK])
    harness.wait(20)
    assert harness.alerts == [("empty", "")]
    harness.online("mia")
    harness.offline("mia")
    harness.watching.set_rules([])
    harness.wait(10_000)
    assert harness.alerts == [("comes", "mia")]


def test_a_conversation_that_is_told_later_is_looked_at_then() -> None:
    harness = AlertHarness(people=False)
    harness.watching.set_rules([rule("empty", conversation="Engine room", after_s=5.0)])
    harness.roster("eve", conversation="engine")
    harness.online("eve")
    harness.watching.set_conversations([Conversation("engine", "Engine room")])
    harness.offline("eve")
    harness.wait(5)
    assert harness.alerts == [("empty", "")]


_steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["online", "offline", "answer", "no answer"]), st.sampled_from(SUPPORT)),
        st.tuples(st.just("wait"), st.floats(0, 200)),
        st.tuples(st.sampled_from(["link", "no link"]), st.none()),
    ),
    max_size=30,
)


@settings(repeatable, max_examples=150)
@given(_steps)
def test_it_rings_exactly_for_each_time_of_emptiness_that_was_seen_whole(
    steps: list[tuple[str, str | float | None]],
) -> None:
    """Compared with a model that scans everyone at every step."""
    harness = AlertHarness(DESK)
    flags = dict.fromkeys(SUPPORT, False)
    expected = 0
    synced, was_left, seen_s, has_rung = True, False, 0.0, False
    for what, which in steps:
        was_occupied = any(flags.values())
        if what == "wait":
            assert isinstance(which, float)
            harness.wait(which)
            if synced and was_left and not has_rung:
                seen_s += which
                if seen_s >= 120.0:
                    expected, has_rung = expected + 1, True
        elif what in ("link", "no link"):
            synced = what == "link"
            seen_s = 0.0 if not synced else seen_s
            harness.watching.set_synced(synced)
        else:
            assert isinstance(which, str)
            flags[which] = what in ("online", "answer")
            if what in ("online", "offline"):
                harness.event(which, flags[which])
            else:
                harness.runtime(which, flags[which])
            if any(flags.values()):
                was_left, seen_s, has_rung = False, 0.0, False
            elif was_occupied:
                was_left, seen_s, has_rung = what == "offline", 0.0, False
    assert len(harness.rings) == expected


def test_a_rule_about_a_conversation_that_is_made_while_running_knows_the_conversations() -> None:
    harness = AlertHarness()
    harness.watching.set_rules([rule("empty", conversation="Harbour crew", after_s=5.0)])
    harness.online("ada")
    harness.offline("ada")
    harness.wait(5)
    assert harness.alerts == [("empty", "")]
