"""Counters of events, and their rate over the last ten minutes that were watched."""

import pytest

from presence_tui.domain.enums import Outcome
from presence_tui.monitor.event_counters import RATE_WINDOW_S, EventCounters, StatusRate


def test_outcome_counts_sum_to_received_events() -> None:
    tally = EventCounters()
    assert tally.received == 0
    for times, outcome in enumerate(Outcome, 1):
        for _ in range(times):
            tally.count([outcome])
    assert [tally.of(outcome) for outcome in Outcome] == [1, 2, 3, 4, 5, 6]
    assert tally.received == 21


def test_latency_is_nonnegative_median_of_last_events() -> None:
    tally = EventCounters()
    assert tally.latency_ms is None
    for latency_s in (0.010, 0.030, 5.0):
        tally.record_latency(latency_s)
    assert tally.latency_ms == pytest.approx(30)
    for _ in range(200):
        tally.record_latency(0.002)
    assert tally.latency_ms == pytest.approx(2)
    for _ in range(200):
        tally.record_latency(-3)
    assert tally.latency_ms == 0


@pytest.fixture
def rate() -> StatusRate:
    return StatusRate()


def test_events_are_counted_while_live_only(rate: StatusRate) -> None:
    rate.add(5, 0)
    rate.resume(10)
    rate.add(3, 12)
    rate.resume(13)
    rate.add(4, 15)
    rate.pause(30)
    rate.add(9, 31)
    rate.pause(40)
    assert rate.observed == (7, 20)


def test_live_times_add_up_without_the_gap_between(rate: StatusRate) -> None:
    for start_s in (0, 1_000):
        rate.resume(start_s)
        rate.add(2, start_s + 3)
        rate.pause(start_s + 6)
    assert rate.observed == (4, 12)


def test_the_last_ten_minutes_count(rate: StatusRate) -> None:
    rate.resume(0)
    for second in range(3_000):
        rate.add(1 if second < 2_000 else 3, second)
    rate.pause(3_000)
    count, seconds = rate.observed
    assert RATE_WINDOW_S <= seconds < RATE_WINDOW_S + 11
    assert count == pytest.approx(3 * seconds, abs=3)


def test_a_link_that_ends_at_once_again_and_again_fills_no_memory(rate: StatusRate) -> None:
    for start_s in range(10_000):
        rate.resume(start_s)
        rate.add(1, start_s)
        rate.pause(start_s)
    assert len(rate._slots) == 1
    assert rate.observed == (10_000, 0), "what came in no time is not lost"
    for start_s in range(0, 4_000, 7):
        rate.resume(10_000 + start_s)
        rate.add(1, 10_000 + start_s)
        rate.pause(10_000 + start_s + 3)
    assert len(rate._slots) <= RATE_WINDOW_S / 10 + 2
    count, seconds = rate.observed
    assert RATE_WINDOW_S <= seconds < RATE_WINDOW_S + 20
    assert count == pytest.approx(seconds / 3, abs=4)


def test_a_quiet_time_counts_as_well(rate: StatusRate) -> None:
    rate.resume(0)
    rate.pause(1_800)
    assert rate.observed == (0, 1_800)
    rate.resume(2_000)
    rate.pause(1_999)
    assert rate.observed == (0, 1_800), "the last data may be older than the return"
