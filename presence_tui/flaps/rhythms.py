"""The likely cause of one participant's returns, from the lengths of stays and absences.

Each cause is a model: a probability density of stays and absences. Bayes' rule compares the models, so the
confidence is the probability of the cause among them. Each model is mixed with a broad density, so that one
outlier decides nothing.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from presence_tui.flaps.report import FlapCause, Pings, Return

ODD_SHARE: Final = 0.1
"""Share of returns that are outliers."""
CERTAIN: Final = 0.99
"""Maximum confidence, because there are causes without a model."""

MINUTE_S: Final = 60.0
EVICTION_S: Final = 3.0
"""The web client of 2025 checks every three seconds whether its socket is open."""

_MOMENT_S: Final = 0.01
"""Typical time between the two events of an eviction."""
_LEAST: Final = 1e-300
"""Minimum density, so that its logarithm is finite."""

_ROOT: Final = math.sqrt(math.tau)

_PRIORS: Final[Mapping[FlapCause, float]] = {
    FlapCause.PING_TIMEOUT: 0.1,
    FlapCause.BACKGROUND_TAB: 0.1,
    FlapCause.TABS_EVICTING: 0.1,
    FlapCause.MOBILE_SWITCHING: 0.2,
    FlapCause.UNCLEAR: 0.5,
}

Model = Callable[[float, float, float | None], float]
"""Density of a stay and an absence; the third argument is the length of the previous cycle, if known."""


def likely_cause(returns: Iterable[Return], pings: Pings) -> tuple[FlapCause, float]:
    """The likely cause and its confidence; ``UNCLEAR`` for few returns and for long stays."""
    models = _models(pings)
    logs = {cause: math.log(_PRIORS[cause]) for cause in models}
    cycle_s: float | None = None
    seen = 0
    for each in returns:
        if each.stay_s is None:
            # Without the stay, the length of the cycle is unknown.
            cycle_s = None
            continue
        seen, stay_s, away_s = seen + 1, each.stay_s, each.away_s
        odd = ODD_SHARE * _anything(stay_s, away_s)
        for cause, model in models.items():
            logs[cause] += math.log(max(_LEAST, (1 - ODD_SHARE) * model(stay_s, away_s, cycle_s) + odd))
        cycle_s = stay_s + away_s
    best = max(logs, key=lambda cause: logs[cause])
    total = sum(math.exp(value - logs[best]) for value in logs.values())
    # A few returns may match a beat by chance.
    doubt = 0.0 if best is FlapCause.UNCLEAR else 0.5**seen
    return best, min(CERTAIN, (1 - doubt) / total)


def _models(pings: Pings) -> dict[FlapCause, Model]:
    return {
        FlapCause.PING_TIMEOUT: lambda stay_s, away_s, _: _ping_timeout(stay_s, away_s, pings),
        FlapCause.BACKGROUND_TAB: lambda stay_s, away_s, _: _background_tab(stay_s, away_s),
        FlapCause.TABS_EVICTING: _tabs_evicting,
        FlapCause.MOBILE_SWITCHING: lambda stay_s, away_s, _: _phone(stay_s, away_s),
        FlapCause.UNCLEAR: lambda stay_s, away_s, _: _no_rhythm(stay_s, away_s),
    }


def _anything(stay_s: float, away_s: float) -> float:
    return _spread(stay_s, 30.0, 2.2) * _spread(away_s, 8.0, 1.8)


def _no_rhythm(stay_s: float, away_s: float) -> float:
    """Visits of minutes, a client that reconnects continually, or anything else."""
    visit = _spread(stay_s, 600.0, 1.2) * _spread(away_s, 40.0, 0.9)
    restless = _spread(stay_s, 1.5, 1.5) * _spread(away_s, 1.0, 1.5)
    return (visit + restless + _anything(stay_s, away_s)) / 3


def _phone(stay_s: float, away_s: float) -> float:
    return _spread(stay_s, 25.0, 1.2) * _spread(away_s, 8.0, 1.1)


def _ping_timeout(stay_s: float, away_s: float, pings: Pings) -> float:
    """The gateway closes the socket one time-out after an unanswered ping: after 45 s, 70 s, 95 s, …"""
    number = max(1, round((stay_s - pings.timeout_s) / pings.interval_s))
    # Each answered ping moves the next one by a round trip.
    expected_s, error_s = number * (pings.interval_s + 0.1) + pings.timeout_s, 0.4 + 0.1 * number
    return 0.5**number * _peak(stay_s, expected_s, error_s) * _spread(away_s, 3.0, 1.2)


def _background_tab(stay_s: float, away_s: float) -> float:
    """Cycles of one minute, or of several if a reconnect failed."""
    cycle_s = stay_s + away_s
    number = max(1, round(cycle_s / MINUTE_S))
    beat = 0.8 * 0.2 ** (number - 1) * _peak(cycle_s, number * MINUTE_S, 0.8)
    return beat * _spread(away_s, 5.0, 1.2)


def _tabs_evicting(stay_s: float, away_s: float, before_s: float | None) -> float:
    """Each tab reconnects every three seconds: one cycle, or two consecutive ones together, take that long.

    At an eviction, the older gateway sends two contradicting events within a moment.
    """
    moment = _spread(stay_s, _MOMENT_S, 1.2) + _spread(away_s, _MOMENT_S, 1.2)
    return _eviction_beat(stay_s + away_s, before_s) * moment / 2


def _eviction_beat(cycle_s: float, before_s: float | None) -> float:
    if before_s is not None:
        alternating = _peak(cycle_s, EVICTION_S - before_s, 0.2)
    else:
        alternating = 1 / EVICTION_S if cycle_s <= EVICTION_S else 0.0
    return (_peak(cycle_s, EVICTION_S, 0.3) + alternating) / 2


def _peak(value: float, expected: float, error: float) -> float:
    """Density of the normal distribution."""
    deviation = (value - expected) / error
    return math.exp(-0.5 * deviation * deviation) / (error * _ROOT)


def _spread(seconds: float, median_s: float, spread: float) -> float:
    """Density of the log-normal distribution."""
    # Written out, because a report computes hundreds of thousands of them.
    seconds = seconds if seconds > 0.001 else 0.001
    deviation = math.log(seconds / median_s) / spread
    return math.exp(-0.5 * deviation * deviation) / (seconds * spread * _ROOT)
