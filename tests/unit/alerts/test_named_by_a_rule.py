"""Whom a rule names, so that no crowd takes their name."""

import pytest

from presence_tui.alerts.rule_selector import RuleSelector
from presence_tui.alerts.rules import AlertRule
from tests.unit.alerts.alert_harness import AlertHarness, rule


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (rule("comes", "ada"), True),
        (rule("comes", "@ADA"), True),
        (rule("leaves", "Ada", conversation="nowhere"), True),
        (rule("comes", "bo"), False),
        (rule("comes"), False),
        (rule("comes", role="member"), False),
    ],
)
def test_a_rule_names_people_and_not_roles_or_everybody(asked: AlertRule, named: bool) -> None:
    harness = AlertHarness()
    assert RuleSelector(asked, harness.store).names(harness.record("ada")) is named
