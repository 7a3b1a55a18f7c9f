"""Backoff, counters and conversation lookup."""

from random import Random

import pytest

from presence_tui.domain.enums import Outcome
from presence_tui.domain.participants import Conversation
from presence_tui.monitor.backoff import (
    CAP_S,
    FIRST_JITTER,
    FIRST_S,
    PATIENT_ATTEMPTS,
    PATIENT_S,
    REFUSED_CAP_S,
    delay_s,
    refused_delay_s,
)
from presence_tui.monitor.conversation_choice import find_conversation
from presence_tui.monitor.event_counters import EventCounters


class Fixed(Random):
    """Always the same value between the bounds."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self._share = share

    def uniform(self, a: float, b: float) -> float:
        return a + (b - a) * self._share


def longest(attempt: int) -> float:
    return delay_s(attempt, Fixed(1.0))


def test_first_retry_is_soon() -> None:
    assert longest(1) == FIRST_S <= 1.5


def test_backoff_grows_up_to_cap() -> None:
    waits = [longest(attempt) for attempt in range(1, 200)]
    assert waits == sorted(waits)
    assert max(waits) == CAP_S == 30
    assert all(wait <= PATIENT_S for wait in waits[:PATIENT_ATTEMPTS])
    assert longest(10**6) == CAP_S


@pytest.mark.parametrize("attempt", [2, 5, PATIENT_ATTEMPTS, PATIENT_ATTEMPTS + 1, 10**9])
def test_jitter_reduces_delay_by_at_most_half(attempt: int) -> None:
    random = Random(7)
    top = longest(attempt)
    waits = [delay_s(attempt, random) for _ in range(200)]
    assert top / 2 <= min(waits) < max(waits) <= top
    assert delay_s(attempt, Fixed(0.0)) == top / 2


def test_reconnects_of_fifty_kicked_monitors_are_spread_over_a_second() -> None:
    waits = sorted(delay_s(1, Random(monitor)) for monitor in range(50))
    assert waits[-1] - waits[0] > 1.0
    assert delay_s(1, Fixed(0.0)) == FIRST_S * FIRST_JITTER


def test_refused_sign_ins_are_retried_within_a_minute() -> None:
    waits = [refused_delay_s(refusals, Fixed(1.0)) for refusals in range(1, 100)]
    assert waits == sorted(waits)
    assert waits[0] == FIRST_S
    assert waits[-1] == REFUSED_CAP_S == 60
    assert sum(waits[:4]) < 30, "a gateway that returns after 15 s is found soon"


def test_two_monitors_get_different_delays() -> None:
    assert delay_s(3, Random(1)) != delay_s(3, Random(2))


# --- counters ---


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


# --- conversation lookup ---

HARBOUR = Conversation("66dd01", "Harbour crew", "harbour")
NIGHT = Conversation("66dd02", "Night shift", "night-shift")
NAMESAKE = Conversation("66dd03", "harbour", "third")
KNOWN = [HARBOUR, NIGHT, NAMESAKE]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (None, HARBOUR),
        ("66dd02", NIGHT),
        ("night-shift", NIGHT),
        ("Night shift", NIGHT),
        ("NIGHT SHIFT", NIGHT),
        ("harbour", HARBOUR),
        ("Harbour", NAMESAKE),
        ("66dd99", Conversation("66dd99", "66dd99")),
    ],
)
def test_conversation_is_found_by_id_then_identifier_then_title(
    wanted: str | None, expected: Conversation
) -> None:
    assert find_conversation(wanted, KNOWN) == expected


def test_no_conversation_without_list_and_wish() -> None:
    assert find_conversation(None, []) is None
    assert find_conversation("harbour", []) == Conversation("harbour", "harbour")
