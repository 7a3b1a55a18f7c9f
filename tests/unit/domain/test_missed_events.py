"""The estimate of missed events holds for simulated Poisson processes, and says when it knows nothing."""

from random import Random

import pytest

from presence_tui.domain.missed_events import Estimate, MissedEvents, estimate_missed

SEED = 7


@pytest.mark.parametrize("observed_s", [0.0, 9.9])
def test_without_enough_time_before_the_rate_is_unknown(observed_s: float) -> None:
    assert estimate_missed(100, observed_s, 30) is None


def test_the_expectation_is_rate_times_gap() -> None:
    found = estimate_missed(120, 600, 30)
    assert found is not None
    assert found.expected == pytest.approx(6)
    assert (found.low, found.high) == (2, 11)
    shorter = estimate_missed(12, 60, 30)
    assert shorter is not None
    assert (shorter.low, shorter.high) == (1, 13), "the same rate, known less exactly"


def test_no_events_before_still_allow_some() -> None:
    assert estimate_missed(0, 600, 1) == Estimate(0.0, 0, 0)
    assert estimate_missed(0, 10, 60) == Estimate(0.0, 0, 16)
    assert estimate_missed(50, 600, 0) == Estimate(0.0, 0, 0)


def test_a_rate_observed_for_long_gives_the_poisson_interval() -> None:
    found = estimate_missed(10_000_000, 10_000_000, 10)
    assert found is not None
    assert (found.low, found.high) == (4, 17)


def test_large_numbers_are_estimated_at_once_and_continue_the_small_ones() -> None:
    below, above = estimate_missed(6_000, 600, 99.9), estimate_missed(6_000, 600, 100.1)
    assert below is not None and above is not None
    assert abs(below.low - above.low) < 8 and abs(below.high - above.high) < 8
    huge = estimate_missed(6_000_000, 600, 120)
    assert huge is not None
    assert huge.low < huge.expected == 1_200_000 < huge.high < huge.expected * 1.01


@pytest.mark.parametrize(("rate", "observed_s", "gap_s"), [(0.05, 60, 60), (0.5, 20, 40), (3, 30, 30)])
def test_the_interval_holds_in_nineteen_of_twenty_gaps(rate: float, observed_s: float, gap_s: float) -> None:
    random, runs, held = Random(SEED), 2_000, 0
    for _ in range(runs):
        found = estimate_missed(events_in(random, rate, observed_s), observed_s, gap_s)
        assert found is not None
        held += found.low <= events_in(random, rate, gap_s) <= found.high
    assert 0.93 <= held / runs <= 0.995, "a whole number cannot be bounded more exactly"


def events_in(random: Random, rate: float, seconds: float) -> int:
    """Number of events of a Poisson process."""
    count, at_s = 0, random.expovariate(rate)
    while at_s < seconds:
        count, at_s = count + 1, at_s + random.expovariate(rate)
    return count


def test_a_gap_has_no_negative_length() -> None:
    assert MissedEvents(100.0, 112.5, 0).gap_s == 12.5
    assert MissedEvents(100.0, 99.0, 0).gap_s == 0.0


@pytest.mark.parametrize(("count", "gap_s"), [(0, 19_000.0), (0, 1e6), (1, 1e6), (50, 30.0)])
def test_the_expected_number_is_within_the_interval(count: int, gap_s: float) -> None:
    """Ten quiet seconds before a gap of hours gave "0 expected, between 1 and 4774"."""
    found = estimate_missed(count, 10.0, gap_s)
    assert found is not None
    assert found.low <= found.expected <= found.high


@pytest.mark.parametrize(
    ("count", "observed_s", "gap_s", "expected", "low", "high"),
    [
        (1, 10, 1, 0.1, 0, 1),
        (3, 10, 5, 1.5, 0, 6),
        (30, 20, 40, 60.0, 37, 90),
        (500, 100, 100, 500.0, 440, 564),
        (6_000, 600, 99.9, 999.0, 933, 1_067),
        (6_000, 600, 100.1, 1_001.0, 934, 1_069),
        (5, 10, 3_000, 1_500.0, 268, 3_032),
        (0, 10, 6_000, 0.0, 0, 1_508),
    ],
)
def test_the_interval_is_exact(
    count: int, observed_s: float, gap_s: float, expected: float, low: int, high: int
) -> None:
    assert estimate_missed(count, observed_s, gap_s) == pytest.approx((expected, low, high))
