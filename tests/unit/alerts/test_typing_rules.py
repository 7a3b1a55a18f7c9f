"""Rules about typing after a silence."""

from tests.unit.alerts.alert_harness import AlertHarness, rule

SILENCE = rule("typing", after_s=600.0)


def test_who_types_after_silence_rings_with_how_long_it_was() -> None:
    harness = AlertHarness(SILENCE)
    harness.wait(700)
    harness.types("ada")
    harness.wait(600)
    harness.types("ada")
    assert [(ring.key, ring.held_s, ring.at_least) for ring in harness.rings] == [
        ("ada", 700, True),
        ("ada", 601, False),
    ]


def test_who_goes_on_typing_is_not_silent() -> None:
    harness = AlertHarness(SILENCE)
    harness.wait(700)
    for _ in range(10):
        harness.types("ada")
        harness.wait(500)
    assert harness.alerts == [("typing", "ada")]


def test_a_silence_that_nobody_saw_is_none() -> None:
    harness = AlertHarness(SILENCE)
    harness.wait(300)
    harness.types("ada")
    harness.wait(700)
    harness.watching.set_synced(False)
    harness.types("bo")
    harness.watching.set_synced(True)
    harness.wait(500)
    harness.types("ada")
    assert harness.alerts == [], "they may have typed while the link was down"


def test_anything_else_that_is_new_of_somebody_is_no_typing() -> None:
    harness = AlertHarness(SILENCE)
    harness.wait(700)
    harness.types("ada")
    harness.wait(700)
    harness.online("ada", "bo")
    harness.store.members.apply_names({"ada": ("ada", "Ada L.")})
    harness.offline("ada")
    assert harness.alerts == [("typing", "ada")]


def test_only_who_is_meant_rings() -> None:
    harness = AlertHarness(rule("typing", "bo", after_s=10.0))
    harness.wait(60)
    harness.types("ada")
    harness.types("bo")
    assert harness.alerts == [("typing", "bo")]


def test_a_typing_that_is_seen_again_with_other_news_is_the_same() -> None:
    harness = AlertHarness(rule("typing", after_s=1.0))
    harness.wait(60)
    harness.store.apply_typing("ada")
    harness.wait(30)
    harness.store.members.apply_names({"ada": ("ada", "Ada L.")})
    assert harness.alerts == [("typing", "ada")]


def test_a_rule_about_a_conversation_that_is_made_while_running_knows_the_conversations() -> None:
    harness = AlertHarness()
    harness.watching.set_rules([rule("typing", conversation="Harbour crew", after_s=10.0)])
    harness.wait(60)
    harness.types("ada")
    assert harness.alerts == [("typing", "ada")]
