"""Somebody types after having been silent."""

from tests.unit.alerts.alert_harness import AlertHarness, rule

SILENCE = rule("typing", after_s=600.0)


def test_who_types_after_silence_rings_with_how_long_it_was() -> None:
    floor = AlertHarness(SILENCE)
    floor.wait(700)
    floor.types("ada")
    floor.wait(600)
    floor.types("ada")
    assert [(ring.key, ring.held_s, ring.at_least) for ring in floor.rings] == [
        ("ada", 700, True),
        ("ada", 601, False),
    ]


def test_who_goes_on_typing_is_not_silent() -> None:
    floor = AlertHarness(SILENCE)
    floor.wait(700)
    for _ in range(10):
        floor.types("ada")
        floor.wait(500)
    assert floor.told == [("typing", "ada")]


def test_a_silence_that_nobody_saw_is_none() -> None:
    floor = AlertHarness(SILENCE)
    floor.wait(300)
    floor.types("ada")
    floor.wait(700)
    floor.watching.note_link(False)
    floor.types("bo")
    floor.watching.note_link(True)
    floor.wait(500)
    floor.types("ada")
    assert floor.told == [], "they may have typed while there was no link"


def test_anything_else_that_is_new_of_somebody_is_no_typing() -> None:
    floor = AlertHarness(SILENCE)
    floor.wait(700)
    floor.types("ada")
    floor.wait(700)
    floor.online("ada", "bo")
    floor.store.apply_names({"ada": ("ada", "Ada L.")})
    floor.offline("ada")
    assert floor.told == [("typing", "ada")]


def test_only_who_is_meant_rings() -> None:
    floor = AlertHarness(rule("typing", "bo", after_s=10.0))
    floor.wait(60)
    floor.types("ada")
    floor.types("bo")
    assert floor.told == [("typing", "bo")]


def test_a_typing_that_is_seen_again_with_other_news_is_the_same() -> None:
    floor = AlertHarness(rule("typing", after_s=1.0))
    floor.wait(60)
    floor.store.apply_typing("ada")
    floor.wait(30)
    floor.store.apply_names({"ada": ("ada", "Ada L.")})
    assert floor.told == [("typing", "ada")]
