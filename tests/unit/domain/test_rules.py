"""Rules on and between all limits of the wire contract, section 4.1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.domain.enums import State
from presence_tui.domain.evidence import UNREADABLE_S
from presence_tui.domain.rules import (
    FLAG,
    INSTANT_S,
    RULES,
    Ladder,
    Rule,
    flag_rule,
    meeshy_2025,
    meeshy_2026,
)
from tests.unit.domain.hypothesis_profile import repeatable

ON, AWAY, IDLE, OFF, NEVER_TOLD = State.ONLINE, State.AWAY, State.IDLE, State.OFFLINE, State.UNKNOWN

# Flag, age in seconds, meeshy-2025, meeshy-2026: the vectors of section 4.1, in order.
CONTRACT_VECTORS = [
    (True, None, ON, ON),
    (True, -30, ON, ON),
    (True, 60, ON, ON),
    (True, 299, ON, ON),
    (True, 300, AWAY, ON),
    (True, 301, AWAY, OFF),
    (True, 1800, OFF, OFF),
    (False, None, OFF, OFF),
    (False, 0, OFF, ON),
    (False, 60, OFF, ON),
    (False, 61, OFF, AWAY),
    (False, 180, OFF, AWAY),
    (False, 181, OFF, IDLE),
    (False, 300, OFF, IDLE),
    (False, 301, OFF, OFF),
    (None, None, OFF, OFF),
    (None, 299, ON, IDLE),
    (None, 1799, AWAY, OFF),
]

# From the table of the section, beside its vectors.
FURTHER_2025 = [
    (True, 299.999, ON),
    (True, 1799.999, AWAY),
    (True, 10**9, OFF),
    (False, -30, OFF),
    (False, 10**9, OFF),
    (None, -30, ON),
    (None, 300, AWAY),
    (None, 1800, OFF),
]
FURTHER_2026 = [
    (True, 0, ON),
    (True, 300.001, OFF),
    (False, -30, ON),
    (False, 60.001, AWAY),
    (False, 180.001, IDLE),
    (False, 300.001, OFF),
    (None, -30, ON),
    (None, 60, ON),
    (None, 61, AWAY),
    (None, 300, IDLE),
    (None, 301, OFF),
]
FLAG_VECTORS = [
    (True, None, ON),
    (True, -30, ON),
    (True, 0, ON),
    (True, 60, ON),
    (True, 60.001, AWAY),
    (True, 180, AWAY),
    (True, 180.001, IDLE),
    (True, 10**9, IDLE),
    (False, None, OFF),
    (False, -30, OFF),
    (False, 0, OFF),
    (False, 10**9, OFF),
    (None, None, NEVER_TOLD),
    (None, 0, NEVER_TOLD),
    (None, 10**9, NEVER_TOLD),
]

CASES = [
    *[("meeshy-2025", flag, age_s, old) for flag, age_s, old, _ in CONTRACT_VECTORS],
    *[("meeshy-2026", flag, age_s, new) for flag, age_s, _, new in CONTRACT_VECTORS],
    *[("meeshy-2025", *case) for case in FURTHER_2025],
    *[("meeshy-2026", *case) for case in FURTHER_2026],
    *[("flag", *case) for case in FLAG_VECTORS],
]


@pytest.mark.parametrize(("rule", "flag", "age_s", "state"), CASES)
def test_state_of_flag_and_age(rule: str, flag: bool | None, age_s: float | None, state: State) -> None:
    assert RULES[rule].derive(flag, age_s) is state


@pytest.mark.parametrize(
    ("rule", "flag", "age_s", "wait_s"),
    [
        # An inclusive limit is exceeded one tick of the gateways' clocks later.
        ("flag", True, 0, 60 + INSTANT_S),
        ("flag", True, 60, INSTANT_S),
        ("flag", True, 61, 119 + INSTANT_S),
        ("flag", True, 181, None),
        ("flag", True, None, None),
        ("flag", False, 0, None),
        ("flag", None, 0, None),
        ("flag", True, -30, 90 + INSTANT_S),
        ("meeshy-2026", True, 0, 300 + INSTANT_S),
        ("meeshy-2026", True, 300, INSTANT_S),
        ("meeshy-2026", True, 301, None),
        ("meeshy-2026", False, 0, 60 + INSTANT_S),
        ("meeshy-2026", False, 61, 119 + INSTANT_S),
        ("meeshy-2026", False, 181, 119 + INSTANT_S),
        ("meeshy-2026", None, 301, None),
        # An exclusive limit is exceeded when it is reached.
        ("meeshy-2025", True, 0, 300),
        ("meeshy-2025", True, 299, 1),
        ("meeshy-2025", True, 300, 1500),
        ("meeshy-2025", True, 1800, None),
        ("meeshy-2025", False, 0, None),
        ("meeshy-2025", None, 299, 1),
    ],
)
def test_wait_until_time_alone_changes_the_state(
    rule: str, flag: bool | None, age_s: float | None, wait_s: float | None
) -> None:
    answer = RULES[rule].next_transition_s(flag, age_s)

    assert answer == (None if wait_s is None else pytest.approx(wait_s, abs=1e-9))


def thresholds(count: int) -> st.SearchStrategy[list[int]]:
    """Ascending whole seconds."""
    return st.lists(st.integers(1, 4_000), min_size=count, max_size=count, unique=True).map(sorted)


def custom_rules() -> st.SearchStrategy[Rule]:
    """Rules with custom limits, and the standard ones."""
    return st.one_of(
        st.sampled_from(list(RULES.values())),
        thresholds(2).map(lambda limits: flag_rule(*limits)),
        thresholds(2).map(lambda limits: meeshy_2025(*limits)),
        st.tuples(thresholds(3), st.integers(0, 5_000)).map(
            lambda drawn: meeshy_2026(drawn[0][0], drawn[0][1], drawn[0][2], drawn[0][0] + drawn[1])
        ),
    )


flags = st.sampled_from([True, False, None])
ages_ms = st.integers(-60_000, 6_000_000)


@repeatable
@given(rule=custom_rules(), flag=flags, age_ms=ages_ms, share=st.floats(0, 1))
def test_state_is_constant_until_the_next_transition_and_different_at_it(
    rule: Rule, flag: bool | None, age_ms: int, share: float
) -> None:
    state = rule.derive(flag, age_ms / 1000)
    wait_s = rule.next_transition_s(flag, age_ms / 1000)
    if wait_s is None:
        assert rule.derive(flag, age_ms / 1000 + share * 10**9) is state
        return

    wait_ms = round(wait_s * 1000)

    assert wait_ms >= 1
    assert rule.derive(flag, (age_ms + int(share * (wait_ms - 1))) / 1000) is state
    assert rule.derive(flag, (age_ms + wait_ms - 1) / 1000) is state
    assert rule.derive(flag, (age_ms + wait_ms) / 1000) is not state


@repeatable
@given(rule=custom_rules(), flag=flags, younger_ms=ages_ms, older_ms=ages_ms)
def test_nobody_comes_back_by_getting_older(
    rule: Rule, flag: bool | None, younger_ms: int, older_ms: int
) -> None:
    younger_ms, older_ms = sorted((younger_ms, older_ms))
    order = list(State)

    before = rule.derive(flag, younger_ms / 1000)
    after = rule.derive(flag, older_ms / 1000)

    assert order.index(before) <= order.index(after)


def test_flag_rule_takes_other_thresholds() -> None:
    rule = flag_rule(online_s=10, away_s=20)

    assert [rule.derive(True, age_s) for age_s in (10, 11, 20, 21)] == [ON, AWAY, AWAY, IDLE]


def test_2025_takes_other_thresholds() -> None:
    rule = meeshy_2025(online_s=10, away_s=20)

    assert [rule.derive(True, age_s) for age_s in (9, 10, 19, 20)] == [ON, AWAY, AWAY, OFF]


@pytest.mark.parametrize(
    ("trust_s", "age_s", "state"),
    [
        (15, 15, ON),
        (15, 16, AWAY),
        (15, 21, IDLE),
        (15, 31, OFF),
        (25, 25, ON),
        (25, 26, IDLE),
        (30, 30, ON),
        (30, 31, OFF),
        (99, 99, ON),
        (99, 100, OFF),
    ],
)
def test_2026_trusts_a_true_flag_for_as_long_as_it_is_told_to(
    trust_s: float, age_s: float, state: State
) -> None:
    rule = meeshy_2026(online_s=10, away_s=20, idle_s=30, trust_s=trust_s)

    assert rule.derive(True, age_s) is state
    assert rule.derive(True, None) is ON


def test_trust_shorter_than_the_first_limit_announces_no_transition_that_changes_nothing() -> None:
    rule = meeshy_2026(online_s=60, away_s=180, idle_s=300, trust_s=30)

    assert rule.derive(True, 59) is ON
    assert rule.next_transition_s(True, 0) == pytest.approx(60 + INSTANT_S)


@pytest.mark.parametrize(
    "make",
    [
        lambda: flag_rule(online_s=60, away_s=60),
        lambda: flag_rule(online_s=180, away_s=60),
        lambda: meeshy_2025(online_s=1800, away_s=300),
        lambda: meeshy_2026(online_s=60, away_s=30),
        lambda: meeshy_2026(away_s=400),
    ],
)
def test_thresholds_that_do_not_rise_are_refused(make: object) -> None:
    with pytest.raises(ValueError, match="must rise"):
        make()  # type: ignore[operator]


@pytest.mark.parametrize("states", [(ON,), (ON, AWAY, OFF)])
def test_ladder_has_one_state_more_than_limits(states: tuple[State, ...]) -> None:
    with pytest.raises(ValueError, match="one state more"):
        Ladder((60,), states, ageless=ON)


def test_rules_are_found_by_name_and_flag_is_one_of_them() -> None:
    assert {"flag": flag_rule(), "meeshy-2025": meeshy_2025(), "meeshy-2026": meeshy_2026()} == RULES
    assert RULES["flag"] is FLAG


@pytest.mark.parametrize(
    ("rule", "invalid_s", "aged_from_s"),
    [
        ("flag", None, 50.0),
        ("flag", 9e9, 50.0),
        ("flag", UNREADABLE_S, 50.0),
        ("meeshy-2026", None, 50.0),
        ("meeshy-2026", 9e9, 9e9),
        ("meeshy-2026", UNREADABLE_S, None),
        ("meeshy-2025", None, 50.0),
        ("meeshy-2025", 9e9, 9e9),
        ("meeshy-2025", UNREADABLE_S, UNREADABLE_S),
    ],
)
def test_which_time_decides(rule: str, invalid_s: float | None, aged_from_s: float | None) -> None:
    assert RULES[rule].aged_from_s(50.0, invalid_s) == aged_from_s
    if invalid_s is None:
        assert RULES[rule].aged_from_s(None, None) is None
