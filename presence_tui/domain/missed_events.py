"""Estimates how many events a gap has hidden.

The lower bound is the number of corrections by the resync: each stands for an event that did not arrive.
Participants who changed and changed back leave no correction, so the total is estimated as rate × gap, with
the rate before the gap.

The interval is the central 95 % of the predictive distribution for a Poisson process whose rate is only known
from ``count`` events in ``observed_s`` seconds: a negative binomial distribution (Jeffreys prior). After
a long observation it equals the Poisson interval, after a short one it is wider.
"""

import math
from typing import Final, NamedTuple

LEAST_OBSERVED_S: Final = 10.0
"""After a shorter observation, the rate is unknown."""

COVERAGE: Final = 0.95
_SIGMAS: Final = 1.959964
_SUMMED_UP: Final = 1_000.0
"""Up to this mean the distribution is summed; above, it is normal within a part in a thousand."""


class Estimate(NamedTuple):
    """Expected number of events, and the interval in which it is with a probability of ``COVERAGE``."""

    expected: float
    low: int
    high: int


class MissedEvents(NamedTuple):
    """What a gap has hidden. Times are Unix seconds."""

    since_s: float
    until_s: float
    """When events arrived again."""
    at_least: int
    """Participants whose flag the resync corrected."""
    estimate: Estimate | None = None
    """``None`` if the rate is unknown, or if the gap was recovered."""
    is_recovered: bool = False
    """True if the gateway sent again what was missed, so that nothing is left to estimate."""
    replayed: int = 0
    """How many events it sent again."""

    @property
    def gap_s(self) -> float:
        return max(0.0, self.until_s - self.since_s)


def estimate_missed(count: int, observed_s: float, gap_s: float) -> Estimate | None:
    """Events expected in a gap, after ``count`` in ``observed_s`` seconds; ``None`` if those are too few."""
    if observed_s < LEAST_OBSERVED_S:
        return None
    expected = count / observed_s * gap_s
    shape, mean = count + 0.5, (count + 0.5) / observed_s * gap_s
    if mean > _SUMMED_UP:
        deviation = _SIGMAS * math.sqrt(mean * (1 + gap_s / observed_s))
        return Estimate(expected, max(0, math.floor(mean - deviation)), math.ceil(mean + deviation))
    low, high = _interval(shape, observed_s / (observed_s + gap_s))
    # After few events the interval of a long gap may begin above the rate that was seen.
    return Estimate(expected, min(low, math.floor(expected)), high)


def _interval(shape: float, success: float) -> tuple[int, int]:
    """Lower and upper quantile of a negative binomial distribution."""
    # In logarithms, because the probability of none may be too small for a float.
    log_probability = shape * math.log(success)
    failure = 1 - success
    below, number, low = 0.0, 0, -1
    while True:
        below += math.exp(log_probability)
        if low < 0 and below >= (1 - COVERAGE) / 2:
            low = number
        if below >= (1 + COVERAGE) / 2:
            return low, number
        log_probability += math.log((number + shape) / (number + 1) * failure)
        number += 1
