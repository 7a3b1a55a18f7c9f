"""Impossible times are counted by kind, and possible ones are told by their bounds."""

import pytest

from presence_tui.domain.evidence import (
    CLOCK_BOUND_S,
    EARLIEST_S,
    UNREADABLE_S,
    InvalidTimes,
    is_possible,
)
from tests.unit.clock import START_S


def test_impossible_and_unreadable_times_add_up_each() -> None:
    times = InvalidTimes()
    for reported_s in (EARLIEST_S - 1, UNREADABLE_S, 9e12, UNREADABLE_S, 0.0):
        times.count(reported_s)
    assert (times.impossible, times.unreadable, times.total) == (3, 2, 5)


@pytest.mark.parametrize(
    ("reported_s", "possible"),
    [
        (EARLIEST_S - 1, False),
        (EARLIEST_S, True),
        (START_S + CLOCK_BOUND_S, True),
        (START_S + CLOCK_BOUND_S + 1, False),
        (UNREADABLE_S, False),
    ],
)
def test_a_time_is_possible_up_to_and_with_its_bounds(reported_s: float, possible: bool) -> None:
    assert is_possible(reported_s, START_S) is possible
