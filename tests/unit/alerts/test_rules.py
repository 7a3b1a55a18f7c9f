"""Validation of rules and quiet hours."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.alerts.router import BadHours, QuietHours
from presence_tui.alerts.rule_engine import CooldownTracker
from presence_tui.alerts.rules import MAX_AFTER_S, AlertRule, BadRule, Trigger
from tests.unit.alerts.alert_harness import rule
from tests.unit.domain.hypothesis_profile import repeatable


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


NO_HOURS = "[notifications]: quiet must be two times of day such as 22:00-07:00."
NO_LENGTH = "[notifications]: quiet begins when it ends; leave it out for no quiet hours."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        *((text, NO_HOURS) for text in ("", "22:00", "22-7", "24:00-07:00", "22:60-07:00", "a-b")),
        ("07:00-07:00", NO_LENGTH),
    ],
)
def test_hours_that_are_none_are_refused(text: str, sentence: str) -> None:
    with pytest.raises(BadHours) as refused:
        QuietHours.parse(text)
    assert str(refused.value) == sentence


def at_s(clock: str) -> float:
    return datetime.fromisoformat(f"2026-11-23T{clock}").timestamp()


def test_hours_may_go_over_midnight() -> None:
    night, noon = QuietHours.parse("22:00-07:00"), QuietHours.parse(" 12:00 - 13:30 ")
    quiet = ["22:00:00", "23:59:59", "00:00:00", "06:59:59"]
    loud = ["07:00:00", "12:00:00", "21:59:59"]
    assert [night.cover(at_s(clock)) for clock in (*quiet, *loud)] == [True] * 4 + [False] * 3
    assert [noon.cover(at_s(c)) for c in ("11:59:59", "12:00:00", "13:29:59", "13:30:00")] == [
        False,
        True,
        True,
        False,
    ]


@repeatable
@given(st.times(), st.times(), st.datetimes(datetime(2026, 1, 10), datetime(2026, 1, 20)))
def test_a_moment_is_in_the_hours_or_in_those_that_are_left(begin: Any, end: Any, moment: datetime) -> None:
    begin, end = begin.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)
    if begin == end:
        return
    hours, rest = QuietHours(begin, end), QuietHours(end, begin)
    assert hours.cover(moment.timestamp()) is not rest.cover(moment.timestamp())
    assert hours.cover(moment.timestamp()) is hours.cover((moment + timedelta(days=1)).timestamp())


def test_cool_downs_forget_what_has_cooled_down() -> None:
    cooling, wish = CooldownTracker(), rule("comes", cooldown_s=10.0)
    assert all(cooling.begin(wish, f"u{number}", float(number)) for number in range(1_000))
    assert len(cooling) <= 10
    assert not cooling.begin(wish, "u999", 1_000.0)
    assert cooling.begin(wish, "u999", 1_009.0)
