"""The likely cause of stays and absences."""

from random import Random

import pytest

from presence_tui.flaps.report import FlapCause, Pings, Return
from presence_tui.flaps.rhythms import CERTAIN, likely_cause

PINGS = Pings()


def random_returns(seed: int, stay_s: float, away_s: float) -> list[Return]:
    """Twelve returns without a beat, of these mean lengths."""
    rng = Random(seed)
    return returns(*[(rng.expovariate(1 / stay_s), rng.expovariate(1 / away_s)) for _ in range(12)])


def returns(*stays_and_absences: tuple[float | None, float]) -> list[Return]:
    found, now_s = [], 1_000.0
    for stay_s, away_s in stays_and_absences:
        now_s += (stay_s or 0.0) + away_s
        found.append(Return(now_s, away_s, stay_s))
    return found


@pytest.mark.parametrize(
    ("cause", "seen"),
    [
        (FlapCause.PING_TIMEOUT, [(45.1, 1.2), (45.0, 4.0), (70.3, 1.5), (45.2, 2.0)]),
        (FlapCause.BACKGROUND_TAB, [(57.0, 3.0), (57.2, 2.9), (117.0, 3.0), (56.9, 3.1)]),
        (FlapCause.BACKGROUND_TAB, [(45.0, 15.1), (45.0, 14.9), (45.1, 15.0), (45.0, 15.0)]),
        (FlapCause.BACKGROUND_TAB, [(20.0, 40.1), (50.0, 9.9), (33.0, 27.0), (41.0, 19.0)]),
        (FlapCause.TABS_EVICTING, [(0.005, 3.0), (0.006, 2.9), (0.005, 3.1), (0.005, 3.0)]),
        (FlapCause.TABS_EVICTING, [(0.005, 1.0), (0.006, 2.0), (0.005, 1.0), (0.005, 2.0)]),
        (FlapCause.TABS_EVICTING, [(3.0, 0.005), (2.9, 0.006), (3.1, 0.005), (3.0, 0.005)]),
        (FlapCause.MOBILE_SWITCHING, [(12.0, 20.0), (40.0, 3.0), (7.0, 9.0), (28.0, 2.0), (19.0, 14.0)]),
        (FlapCause.UNCLEAR, [(700.0, 60.0), (300.0, 100.0), (1_500.0, 45.0)]),
        (FlapCause.UNCLEAR, [(0.2, 0.7), (0.6, 0.5), (1.9, 0.2), (0.3, 1.5), (2.5, 0.6)]),
        (FlapCause.UNCLEAR, []),
    ],
)
def test_a_rhythm_has_its_cause(cause: FlapCause, seen: list[tuple[float | None, float]]) -> None:
    found, confidence = likely_cause(returns(*seen), PINGS)
    assert found is cause
    assert 0.3 < confidence <= CERTAIN


@pytest.mark.parametrize(("stay_s", "away_s"), [(1.0, 1.0), (0.5, 2.0), (5.0, 1.0), (0.05, 0.05)])
def test_coming_and_going_all_the_time_is_no_rhythm(stay_s: float, away_s: float) -> None:
    causes = [likely_cause(random_returns(seed, stay_s, away_s), PINGS)[0] for seed in range(20)]
    assert causes.count(FlapCause.UNCLEAR) >= 18


def test_one_odd_return_changes_nothing() -> None:
    steady = returns(*[(57.0, 3.0)] * 6, (11.0, 70.0), *[(57.0, 3.0)] * 3)
    assert likely_cause(steady, PINGS) == (FlapCause.BACKGROUND_TAB, CERTAIN)


def test_the_beat_of_pings_is_that_of_the_gateway() -> None:
    steady = returns(*[(35.1, 1.5)] * 6)
    assert likely_cause(steady, Pings(25.0, 10.0))[0] is FlapCause.PING_TIMEOUT
    assert likely_cause(steady, PINGS)[0] is not FlapCause.PING_TIMEOUT


def test_more_returns_make_surer() -> None:
    sure = [likely_cause(returns(*[(45.1, 1.5)] * count), PINGS)[1] for count in (1, 2, 3)]
    assert sure == sorted(sure) and sure[0] < 0.5 < sure[1] < 0.8 < sure[2]


def test_a_return_without_a_stay_says_little() -> None:
    found, confidence = likely_cause(returns((None, 3.0)), PINGS)
    assert found is FlapCause.UNCLEAR
    assert confidence < 0.6


@pytest.mark.parametrize("stay_s", [0.0, 1e9])
def test_no_length_is_too_odd(stay_s: float) -> None:
    found, confidence = likely_cause(returns(*[(stay_s, 0.0)] * 3), PINGS)
    assert found in FlapCause
    assert 0 < confidence <= CERTAIN
