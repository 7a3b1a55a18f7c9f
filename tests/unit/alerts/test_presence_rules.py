"""Rules about people: who comes, leaves and comes back."""

import pytest

from presence_tui.alerts.rules import Trigger
from presence_tui.domain.enums import Source
from presence_tui.domain.participants import Participant
from presence_tui.domain.rules import FLAG, Rule, meeshy_2026
from presence_tui.wire.messages import PresenceRow, RosterRow
from tests.unit.alerts.alert_harness import AlertHarness, rule
from tests.unit.store.store_harness import HARBOUR, LIGHTHOUSE

EACH_KIND = [rule("comes"), rule("leaves"), rule("returns", after_s=1.0)]


def test_who_comes_and_leaves_rings_once_each() -> None:
    floor = AlertHarness(rule("comes"), rule("leaves"))
    floor.online("ada")
    floor.online("ada")
    floor.wait(30)
    floor.offline("ada")
    assert floor.told == [("comes", "ada"), ("leaves", "ada")]


def test_a_ring_tells_who_when_and_for_how_long_it_was_otherwise() -> None:
    floor = AlertHarness(rule("leaves", name="gone"))
    floor.online("ada")
    floor.wait(90)
    floor.offline("ada")
    (ring,) = floor.rings
    assert (ring.rule.name, ring.key, ring.name, ring.at_s) == ("gone", "ada", "Ada", floor.now_s)
    assert (ring.held_s, ring.at_least) == (90, False)


@pytest.mark.parametrize("who", ["ada", "Ada", "ADA", "@ada"])
def test_people_are_meant_by_key_name_or_handle(who: str) -> None:
    floor = AlertHarness(rule("comes", who))
    floor.online("bo", "ada")
    assert floor.told == [("comes", "ada")]


@pytest.mark.parametrize("who", ["zoe beranger", "Zoé Béranger", "@ZB", "zoe"])
def test_case_and_accents_of_a_name_do_not_matter(who: str) -> None:
    floor = AlertHarness(rule("comes", who))
    floor.online("ada", "zoe")
    assert floor.told == [("comes", "zoe")]


def test_a_rule_may_mean_a_role_a_conversation_guests_or_everybody() -> None:
    floor = AlertHarness(
        rule("comes", role="Moderator", name="role"),
        rule("comes", role="admin", conversation="Harbour crew", name="role there"),
        rule("comes", conversation="lighthouse-1", name="there"),
        rule("comes", role="guest", name="guests"),
        rule("comes", name="all"),
    )
    floor.store.set_participants([Participant("gus", "Gus", guest=True)], HARBOUR)
    for key, names in {
        "mia": ["role", "all"],
        "ada": ["all"],
        "zoe": ["there", "all"],
        "gus": ["guests", "all"],
    }.items():
        floor.online(key)
        assert [ring.rule.name for ring in floor.rings] == names
        floor.rings.clear()


def test_a_role_that_is_given_later_counts_from_then() -> None:
    floor = AlertHarness(rule("comes", role="admin"))
    floor.online("ada")
    floor.offline("ada")
    floor.store.set_role("ada", HARBOUR, "admin")
    floor.online("ada")
    assert floor.told == [("comes", "ada")]


def test_a_conversation_that_is_unknown_is_nobodys_and_is_told() -> None:
    wish = rule("comes", conversation="Boiler room")
    floor = AlertHarness(wish)
    assert floor.watching.know_conversations([]) == [wish]
    floor.online("ada", "zoe")
    assert floor.told == []


def test_who_comes_back_after_long_rings_and_says_how_long() -> None:
    floor = AlertHarness(rule("returns", after_s=600))
    floor.online("ada")
    floor.offline("ada")
    floor.wait(600)
    floor.online("ada")
    assert floor.told == [], "not more than the time"
    floor.offline("ada")
    floor.wait(601)
    floor.online("ada")
    assert [(ring.key, ring.held_s, ring.at_least) for ring in floor.rings] == [("ada", 601, False)]


def test_who_was_offline_from_the_first_was_away_for_as_long_as_was_watched_at_least() -> None:
    floor = AlertHarness(rule("returns", after_s=600))
    floor.wait(300)
    floor.online("ada")
    floor.wait(400)
    floor.online("bo")
    assert [(ring.key, ring.held_s, ring.at_least) for ring in floor.rings] == [("bo", 700, True)]


def test_what_a_snapshot_or_rest_corrects_never_rings() -> None:
    floor = AlertHarness(*EACH_KIND)
    floor.wait(100)
    floor.snapshot(PresenceRow("ada", True), PresenceRow("mia", True))
    floor.runtime("bo", True)
    floor.roster(RosterRow(Participant("zoe"), True), conversation=LIGHTHOUSE)
    floor.wait(100)
    floor.runtime("ada", False)
    assert floor.store.get_user_by_id("ada").flag is False  # type: ignore[union-attr]
    assert floor.told == []


@pytest.mark.parametrize(("states_by", "cause"), [(FLAG, "decayed"), (meeshy_2026(), "expired")])
def test_what_decays_or_expires_never_rings(states_by: Rule, cause: str) -> None:
    floor = AlertHarness(*EACH_KIND, rule("empty", "ada"), rule("typing"), states_by=states_by)
    floor.online("ada")
    assert floor.told == [("comes", "ada")]
    for _ in range(60):
        floor.wait(60)
    causes = {str(change.cause) for change in floor.changes if change.key == "ada"}
    assert cause in causes, "or this would prove nothing"
    assert floor.told == []


def test_what_is_remembered_or_replayed_from_it_never_rings() -> None:
    floor = AlertHarness(*EACH_KIND, people=False, vouched=False)
    floor.roster("ada", "bo")
    told = [PresenceRow("ada", True), PresenceRow("bo", False)]
    floor.store.apply_answers(told, Source.CACHE, floor.clock.stamp())
    floor.store.apply_answers([PresenceRow("ada", False)], Source.CACHE, floor.clock.stamp())
    assert floor.told == []


def test_nothing_rings_before_the_link_has_vouched_for_anything() -> None:
    floor = AlertHarness(*EACH_KIND, people=False, vouched=False)
    floor.roster("ada", "bo")
    floor.store.apply_answers([PresenceRow("ada", False)], Source.CACHE, floor.clock.stamp())
    # Signs of life of who is here anyway.
    floor.online("ada", "bo")
    assert floor.told == []
    floor.watching.note_link(True)
    floor.offline("ada")
    assert floor.told == [("leaves", "ada")]


def test_somebody_new_rings_while_the_link_vouches_for_who_is_known_already() -> None:
    floor = AlertHarness(rule("comes"))
    floor.online("newcomer")
    assert floor.told == [("comes", "newcomer")]
    floor.watching.note_link(False)
    floor.online("stranger", "ada")
    assert floor.told == [("comes", "ada")], "of the stranger nothing was known, so nothing has changed"


def test_a_newcomer_is_no_return_and_is_taken_for_one_of_the_conversation() -> None:
    floor = AlertHarness(rule("returns", after_s=1.0), rule("comes", conversation="harbour-1"))
    floor.wait(3_600)
    floor.online("newcomer")
    assert floor.told == [("comes", "newcomer")]


def test_a_rule_is_silent_about_the_same_person_while_it_cools_down() -> None:
    floor = AlertHarness(rule("comes", cooldown_s=60.0))
    floor.online("ada")
    floor.offline("ada")
    floor.wait(59)
    floor.online("ada", "bo")
    floor.offline("ada")
    assert floor.told == [("comes", "ada"), ("comes", "bo")]
    floor.wait(1)
    floor.online("ada")
    assert floor.told == [("comes", "ada")]


def test_each_rule_cools_down_for_itself() -> None:
    floor = AlertHarness(rule("comes", cooldown_s=60.0), rule("comes", "ada", cooldown_s=5.0))
    for _ in range(3):
        floor.online("ada")
        floor.offline("ada")
        floor.wait(6)
    assert [ring.rule.cooldown_s for ring in floor.rings] == [60, 5, 5, 5]


def test_rules_can_be_others_at_any_time() -> None:
    floor = AlertHarness()
    floor.online("ada")
    floor.watching.watch([rule(Trigger.LEAVES)])
    floor.offline("ada")
    floor.watching.watch([])
    floor.online("ada")
    floor.offline("ada")
    assert floor.told == [("leaves", "ada")]
