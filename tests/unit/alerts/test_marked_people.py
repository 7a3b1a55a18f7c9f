"""Whom rules name or select: no crowd takes their name, and their rows have a mark."""

import pytest

from presence_tui.alerts.rule_selector import MarkedPeople
from presence_tui.alerts.rules import AlertRule
from presence_tui.domain.participants import Participant
from tests.unit.alerts.alert_harness import CONVERSATIONS, AlertHarness, rule


def people_of(*rules: AlertRule) -> tuple[AlertHarness, MarkedPeople]:
    harness = AlertHarness()
    people = MarkedPeople(rules, harness.store)
    people.set_conversations(CONVERSATIONS)
    return harness, people


@pytest.mark.parametrize(
    ("asked", "named", "marked"),
    [
        (rule("comes", "ada"), True, True),
        (rule("comes", "@ADA"), True, True),
        (rule("comes", "Ada", conversation="harbour crew"), True, True),
        (rule("leaves", "Ada", conversation="nowhere"), True, False),
        (rule("comes", "bo"), False, False),
        (rule("comes"), False, False),
        (rule("comes", conversation="harbour-1"), False, False),
        (rule("comes", role="member"), False, True),
        (rule("empty", role="member", conversation="Lighthouse"), False, False),
        (rule("comes", role="moderator"), False, False),
    ],
)
def test_a_rule_names_people_and_marks_those_of_a_role_too(
    asked: AlertRule, named: bool, marked: bool
) -> None:
    harness, people = people_of(asked)
    record = harness.record("ada")
    assert (people.are_named(record), people.include(record)) == (named, marked)


def test_an_empty_name_is_nobodys() -> None:
    harness, people = people_of(rule("comes", "@"))
    harness.roster(Participant("quiet", "Quiet", ""), Participant("nameless", "", ""))
    assert not any(people.are_named(harness.record(key)) for key in ("quiet", "nameless", "ada"))


def test_many_rules_mark_whom_any_of_them_marks() -> None:
    harness, people = people_of(rule("comes", "ada"), rule("leaves", "bo"), rule("empty", role="moderator"))
    marked = [key for key in ("ada", "bo", "mia", "noa", "zoe") if people.include(harness.record(key))]
    assert marked == ["ada", "bo", "mia", "noa"]


def test_you_are_never_marked() -> None:
    harness, people = people_of(rule("comes", "ada"))
    people.you = "ada"
    assert not people.include(harness.record("ada"))
