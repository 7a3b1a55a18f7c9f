"""Texts of alerts and rules, in both languages."""

import pytest

from presence_tui.alerts.rules import Alert, AlertRule, RuleMatch, Trigger
from presence_tui.store import PresenceStore
from presence_tui.text.alert_texts import AlertTexts
from presence_tui.text.language import Language
from tests.tui.app_harness import fill_with_crew, key_of
from tests.unit.alerts.alert_harness import rule
from tests.unit.clock import FakeClock

ADA, BO = key_of("Ada Okafor"), key_of("Bo Chen")


def words(language: str) -> AlertTexts:
    store = PresenceStore(clock=FakeClock())
    fill_with_crew(store)
    return AlertTexts(Language(language), store)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


ONE_OF_EACH = [
    (RuleMatch(rule("comes"), 0.0, ADA, "Ada"), "Ada came online", "Ada passe en ligne"),
    (RuleMatch(rule("leaves"), 0.0, ADA, "Ada"), "Ada left", "Ada passe hors ligne"),
    (RuleMatch(rule("leaves"), 0.0, ADA, "Ada", 130.0), "Ada left after 2 min", None),
    (RuleMatch(rule("returns"), 0.0, ADA, "Ada", 7_300.0), "Ada is back after 2 h", "Ada revient après 2 h"),
    (RuleMatch(rule("returns"), 0.0, ADA, "Ada", 7_300.0, True), "Ada is back after at least 2 h", None),
    (RuleMatch(rule("typing"), 0.0, ADA, "Ada", 700.0), "Ada types after 11 min of silence", None),
    (
        RuleMatch(rule("typing"), 0.0, ADA, "Ada", 700.0, True),
        "Ada types after at least 11 min of silence",
        None,
    ),
    (RuleMatch(rule("empty", ADA), 0.0, held_s=120.0), "Ada Okafor has been gone for 2 min", None),
    (
        RuleMatch(rule("empty", ADA, BO, "x"), 0.0, held_s=120.0),
        "Nobody of Ada Okafor, Bo Chen, x online for 2 min",
        "Personne en ligne depuis 2 min (Ada Okafor, Bo Chen, x)",
    ),
    (
        RuleMatch(rule("empty", role="admin", conversation="harbour"), 0.0, held_s=120.0),
        "Nobody of role admin in harbour online for 2 min",
        None,
    ),
    (
        RuleMatch(rule("empty", role="admin", name="Desk"), 0.0, held_s=120.0),
        "Desk: nobody online for 2 min",
        "Desk : personne en ligne depuis 2 min",
    ),
]


@pytest.mark.parametrize(("ring", "english", "french"), ONE_OF_EACH)
def test_each_kind_has_its_sentence(ring: RuleMatch, english: str, french: str | None) -> None:
    alert = Alert(0.0, (ring,))
    assert plain(words("en").sentence(alert)) == english
    said = plain(words("fr").sentence(alert))
    assert said != english
    assert french is None or said == french


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Trigger.COMES, "5 came online (U0, U1, U2 and 2 more)"),
        (Trigger.LEAVES, "5 left (U0, U1, U2 and 2 more)"),
        (Trigger.RETURNS, "5 are back (U0, U1, U2 and 2 more)"),
        (Trigger.TYPING, "5 type after silence (U0, U1, U2 and 2 more)"),
    ],
)
def test_many_of_a_kind_are_one_figure(kind: Trigger, said: str) -> None:
    matches = tuple(RuleMatch(rule(kind), 0.0, f"u{n}", f"U{n}", 700.0) for n in range(5))
    left = RuleMatch(rule("empty", ADA), 0.0, held_s=30.0)
    assert words("en").sentence(Alert(0.0, (*matches, left))) == f"{said} · Ada Okafor has been gone for 30 s"


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (rule("comes"), "anybody comes online"),
        (rule("comes", ADA), "Ada Okafor comes online"),
        (rule("leaves", "Zoe", role="guest"), "Zoe role guest leaves"),
        (rule("returns", conversation="harbour"), "in harbour is back after more than 10 min"),
        (rule("empty", ADA), "Ada Okafor has been gone for 2 min"),
        (rule("empty", role="admin"), "nobody of role admin online for 2 min"),
        (rule("typing", "a", "b", "c", "d", "e"), "a, b, c and 2 more types after 10 min of silence"),
    ],
)
def test_a_rule_says_what_it_waits_for(wish: AlertRule, said: str) -> None:
    assert plain(words("en").rule(wish)) == said
    assert plain(words("fr").rule(wish)) != said
