"""Delays before connection attempts."""

from random import Random

import pytest

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
