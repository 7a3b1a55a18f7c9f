"""Validation of rules, and their cooldowns."""

from typing import Any

import pytest

from presence_tui.alerts.rule_engine import CooldownTracker
from presence_tui.alerts.rules import MAX_AFTER_S, AlertRule, BadRule, Trigger
from tests.unit.alerts.alert_harness import rule


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"kind": Trigger.RETURNS}, "after_s must be more than 0"),
        ({"kind": Trigger.EMPTY, "who": ("a",), "after_s": -1.0}, "after_s must be more than 0"),
        ({"kind": Trigger.TYPING, "after_s": float("nan")}, "after_s must be more than 0"),
        ({"kind": Trigger.TYPING, "after_s": float("inf")}, "a week"),
        ({"kind": Trigger.COMES, "after_s": 5.0}, "comes has no after_s"),
        ({"kind": Trigger.COMES, "cooldown_s": -1.0}, "cooldown_s"),
        ({"kind": Trigger.EMPTY, "after_s": 5.0}, "who, role or conversation"),
        ({"kind": Trigger.COMES, "who": ("",)}, "means nobody"),
        ({"kind": Trigger.COMES, "name": "a\x1b]0;b"}, "cannot be shown"),
        ({"kind": Trigger.COMES, "who": ("a\nb",)}, "cannot be shown"),
    ],
)
def test_a_rule_that_cannot_be_meant_says_why(fields: dict[str, Any], why: str) -> None:
    with pytest.raises(BadRule, match=why) as refused:
        AlertRule(**fields)
    assert "\x1b" not in str(refused.value)


def test_the_longest_cooldown_is_a_week() -> None:
    assert rule("comes", cooldown_s=MAX_AFTER_S).cooldown_s == MAX_AFTER_S
    with pytest.raises(BadRule, match="cooldown_s must be from 0 to 604800"):
        rule("comes", cooldown_s=MAX_AFTER_S + 1)


def test_cool_downs_forget_what_has_cooled_down() -> None:
    cooling, wish = CooldownTracker(), rule("comes", cooldown_s=10.0)
    assert all(cooling.begin(wish, f"u{number}", float(number)) for number in range(1_000))
    assert len(cooling) <= 10
    assert not cooling.begin(wish, "u999", 1_000.0)
    assert cooling.begin(wish, "u999", 1_009.0)


@pytest.mark.parametrize("cooldown_s", [0.5, 1.0, 60.0])
def test_a_cool_down_lasts_exactly_as_long_as_it_is_to(cooldown_s: float) -> None:
    cooling, wish = CooldownTracker(), rule("comes", cooldown_s=cooldown_s)
    assert cooling.begin(wish, "ada", 100.0)
    assert not cooling.begin(wish, "ada", 100.0 + cooldown_s - 0.25)
    assert cooling.begin(wish, "ben", 100.0 + cooldown_s - 0.25)
    assert cooling.begin(wish, "ada", 100.0 + cooldown_s)
    assert len(cooling) == 2
    assert all(CooldownTracker().begin(rule("comes"), "ada", 100.0) for _ in range(2))
