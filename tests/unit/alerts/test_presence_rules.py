"""Rules about arrivals, departures and returns."""

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
    harness = AlertHarness(rule("comes"), rule("leaves"))
    harness.online("ada")
    harness.online("ada")
    harness.wait(30)
    harness.offline("ada")
    assert harness.alerts == [("comes", "ada"), ("leaves", "ada")]


def test_a_ring_tells_who_when_and_for_how_long_it_was_otherwise() -> None:
    harness = AlertHarness(rule("leaves", name="gone"))
    harness.online("ada")
    harness.wait(90)
    harness.offline("ada")
    (ring,) = harness.rings
    assert (ring.rule.name, ring.key, ring.name, ring.at_s) == ("gone", "ada", "Ada", harness.now_s)
    assert (ring.held_s, ring.at_least) == (90, False)


@pytest.mark.parametrize("who", ["ada", "Ada", "ADA", "@ada"])
def test_people_are_meant_by_key_name_or_handle(who: str) -> None:
    harness = AlertHarness(rule("comes", who))
    harness.online("bo", "ada")
    assert harness.alerts == [("comes", "ada")]


@pytest.mark.parametrize("who", ["zoe beranger", "Zoé Béranger", "@ZB", "zoe"])
def test_case_and_accents_of_a_name_do_not_matter(who: str) -> None:
    harness = AlertHarness(rule("comes", who))
    harness.online("ada", "zoe")
    assert harness.alerts == [("comes", "zoe")]


def test_a_rule_may_mean_a_role_a_conversation_guests_or_everybody() -> None:
    harness = AlertHarness(
        rule("comes", role="Moderator", name="role"),
        rule("comes", role="admin", conversation="Harbour crew", name="role there"),
        rule("comes", conversation="lighthouse-1", name="there"),
        rule("comes", role="guest", name="guests"),
        rule("comes", name="all"),
    )
    harness.store.set_participants([Participant("gus", "Gus", guest=True)], HARBOUR)
    for key, names in {
        "mia": ["role", "all"],
        "ada": ["all"],
        "zoe": ["there", "all"],
        "gus": ["guests", "all"],
    }.items():
        harness.online(key)
        assert [ring.rule.name for ring in harness.rings] == names
        harness.rings.clear()


def test_a_role_that_is_given_later_counts_from_then() -> None:
    harness = AlertHarness(rule("comes", role="admin"))
    harness.online("ada")
    harness.offline("ada")
    harness.store.members.set_role("ada", HARBOUR, "admin")
    harness.online("ada")
    assert harness.alerts == [("comes", "ada")]


def test_a_conversation_that_is_unknown_is_nobodys_and_is_told() -> None:
    wish = rule("comes", conversation="Boiler room")
    harness = AlertHarness(wish)
    assert harness.watching.set_conversations([]) == [wish]
    harness.online("ada", "zoe")
    assert harness.alerts == []


def test_who_comes_back_after_long_rings_and_says_how_long() -> None:
    harness = AlertHarness(rule("returns", after_s=600))
    harness.online("ada")
    harness.offline("ada")
    harness.wait(600)
    harness.online("ada")
    assert harness.alerts == [], "the time must be exceeded"
    harness.offline("ada")
    harness.wait(601)
    harness.online("ada")
    assert [(ring.key, ring.held_s, ring.at_least) for ring in harness.rings] == [("ada", 601, False)]


def test_who_was_offline_from_the_first_was_away_for_as_long_as_was_watched_at_least() -> None:
    harness = AlertHarness(rule("returns", after_s=600))
    harness.wait(300)
    harness.online("ada")
    harness.wait(400)
    harness.online("bo")
    assert [(ring.key, ring.held_s, ring.at_least) for ring in harness.rings] == [("bo", 700, True)]


def test_who_was_found_offline_was_away_for_as_long_as_that_was_known_at_least() -> None:
    harness = AlertHarness(rule("returns", after_s=60), rule("leaves"))
    harness.online("ada")
    harness.wait(300)
    harness.runtime("ada", False)
    harness.wait(50)
    harness.online("ada")
    assert harness.alerts == [], "it may have been 50 s"
    harness.runtime("ada", False)
    harness.wait(70)
    harness.online("ada")
    assert [(ring.key, ring.held_s, ring.at_least) for ring in harness.rings] == [("ada", 70, True)]

    harness.wait(20)
    harness.runtime("ada", False)
    harness.runtime("ada", True)
    harness.offline("ada")
    assert (harness.rings[-1].rule.kind, harness.rings[-1].held_s) == (Trigger.LEAVES, None)


def test_what_a_snapshot_or_rest_corrects_never_rings() -> None:
    harness = AlertHarness(*EACH_KIND)
    harness.wait(100)
    harness.snapshot(PresenceRow("ada", True), PresenceRow("mia", True))
    harness.runtime("bo", True)
    harness.roster(RosterRow(Participant("zoe"), True), conversation=LIGHTHOUSE)
    harness.wait(100)
    harness.runtime("ada", False)
    assert harness.store.get_user_by_id("ada").flag is False  # type: ignore[union-attr]
    assert harness.alerts == []


@pytest.mark.parametrize(("states_by", "cause"), [(FLAG, "decayed"), (meeshy_2026(), "expired")])
def test_what_decays_or_expires_never_rings(states_by: Rule, cause: str) -> None:
    harness = AlertHarness(*EACH_KIND, rule("empty", "ada"), rule("typing"), states_by=states_by)
    harness.online("ada")
    assert harness.alerts == [("comes", "ada")]
    for _ in range(60):
        harness.wait(60)
    causes = {str(change.cause) for change in harness.changes if change.key == "ada"}
    assert cause in causes, "the scenario did not produce this cause"
    assert harness.alerts == []


def test_what_is_remembered_or_replayed_from_it_never_rings() -> None:
    harness = AlertHarness(*EACH_KIND, people=False, synced=False)
    harness.roster("ada", "bo")
    told = [PresenceRow("ada", True), PresenceRow("bo", False)]
    harness.store.apply_answers(told, Source.CACHE, harness.clock.stamp())
    harness.store.apply_answers([PresenceRow("ada", False)], Source.CACHE, harness.clock.stamp())
    assert harness.alerts == []


def test_nothing_rings_before_the_link_has_vouched_for_anything() -> None:
    harness = AlertHarness(*EACH_KIND, people=False, synced=False)
    harness.roster("ada", "bo")
    harness.store.apply_answers([PresenceRow("ada", False)], Source.CACHE, harness.clock.stamp())
    # Signs of life of participants already online.
    harness.online("ada", "bo")
    assert harness.alerts == []
    harness.watching.set_synced(True)
    harness.offline("ada")
    assert harness.alerts == [("leaves", "ada")]


def test_somebody_new_rings_while_the_link_vouches_for_who_is_known_already() -> None:
    harness = AlertHarness(rule("comes"))
    harness.online("newcomer")
    assert harness.alerts == [("comes", "newcomer")]
    harness.watching.set_synced(False)
    harness.online("stranger", "ada")
    assert harness.alerts == [("comes", "ada")], "a first report of a stranger is no change"


def test_a_newcomer_is_no_return_and_is_of_the_conversation_once_its_roster_says_so() -> None:
    harness = AlertHarness(rule("returns", after_s=1.0), rule("comes", conversation="harbour-1"))
    harness.wait(3_600)
    harness.online("newcomer", "passer-by")
    assert harness.alerts == []
    harness.store.set_participants([Participant("newcomer")], HARBOUR)
    harness.store.set_participants([Participant("passer-by")], LIGHTHOUSE)
    assert harness.alerts == [("comes", "newcomer")]


def test_a_rule_is_silent_about_the_same_person_while_it_cools_down() -> None:
    harness = AlertHarness(rule("comes", cooldown_s=60.0))
    harness.online("ada")
    harness.offline("ada")
    harness.wait(59)
    harness.online("ada", "bo")
    harness.offline("ada")
    assert harness.alerts == [("comes", "ada"), ("comes", "bo")]
    harness.wait(1)
    harness.online("ada")
    assert harness.alerts == [("comes", "ada")]


def test_each_rule_cools_down_for_itself() -> None:
    harness = AlertHarness(rule("comes", cooldown_s=60.0), rule("comes", "ada", cooldown_s=5.0))
    for _ in range(3):
        harness.online("ada")
        harness.offline("ada")
        harness.wait(6)
    assert [ring.rule.cooldown_s for ring in harness.rings] == [60, 5, 5, 5]


def test_rules_can_be_others_at_any_time() -> None:
    harness = AlertHarness()
    harness.online("ada")
    harness.watching.set_rules([rule(Trigger.LEAVES)])
    harness.offline("ada")
    harness.watching.set_rules([])
    harness.online("ada")
    harness.offline("ada")
    assert harness.alerts == [("leaves", "ada")]


def test_what_we_do_ourselves_rings_nothing() -> None:
    harness = AlertHarness(*EACH_KIND)
    harness.watching.set_own_key("ada")
    harness.online("ada")
    harness.wait(3_600)
    harness.offline("ada")
    assert harness.alerts == []
    harness.online("bo")
    assert harness.alerts != []


def test_a_rule_about_a_conversation_that_is_made_while_running_knows_the_conversations() -> None:
    harness = AlertHarness()
    harness.watching.set_rules(
        [rule("comes", conversation="Harbour crew"), rule("leaves", conversation="Harbour crew")]
    )
    harness.online("ada", "zoe")
    harness.offline("ada", "zoe")
    assert harness.alerts == [("comes", "ada"), ("leaves", "ada")]
