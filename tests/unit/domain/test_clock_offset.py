"""The skew of the gateway's clock is between the told bounds, and single lies change nothing."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.domain.clock_offset import (
    DRIFT,
    MOST_TOLD,
    NOISE_S,
    QUORUM,
    ClockEstimate,
    ClockOffset,
    ClockSource,
)
from presence_tui.domain.evidence import EARLIEST_S
from tests.unit.domain.hypothesis_profile import repeatable

NOW_S = 1_800_000_000.0
WINDOW_S = 45.0
SLACK_S = 1e-5
"""Unix seconds have no more digits."""

offsets_s = st.floats(-900, 900)
measured_sources = st.sampled_from([ClockSource.HEALTH, ClockSource.DATE])


class Gateway:
    """Tells its time truly, as far as nobody lies for it."""

    def __init__(self, offset_s: float) -> None:
        self.offset_s = offset_s
        self.now_s = NOW_S
        self.seen = ClockOffset()

    def measure(
        self, round_trip_s: float = 0.02, read_after: float = 0.5, source: ClockSource = ClockSource.HEALTH
    ) -> None:
        """Answer a request, with the clock read after this share of the round trip."""
        told_s = self.now_s + self.offset_s + read_after * round_trip_s
        middle_s = self.now_s + round_trip_s / 2
        self.now_s += round_trip_s
        self.seen.measure(source, told_s - middle_s, round_trip_s / 2, self.now_s)

    def tell(
        self,
        delay_s: float = 0.0,
        source: ClockSource = ClockSource.EMISSION,
        *,
        lie_s: float = 0.0,
        window_s: float | None = WINDOW_S,
    ) -> None:
        told_s = self.now_s + self.offset_s + lie_s
        self.now_s += delay_s
        self.seen.tell(source, told_s, self.now_s, window_s)

    @property
    def estimate(self) -> ClockEstimate:
        estimate = self.seen.estimate
        assert estimate is not None
        return estimate

    def is_right(self) -> bool:
        low_s, high_s = self.estimate.low_s - SLACK_S, self.estimate.high_s + SLACK_S
        return low_s <= self.offset_s <= high_s and low_s <= self.estimate.skew_s <= high_s


steps = st.lists(
    st.one_of(
        st.tuples(st.just("measure"), st.floats(0, 10), st.floats(0, 1), measured_sources),
        st.tuples(st.just("tell"), st.floats(0, WINDOW_S), st.sampled_from(ClockSource)),
        st.tuples(st.just("wait"), st.floats(0, 100)),
        st.tuples(st.just("set back"), st.floats(0, 1_000)),
    ),
    max_size=30,
)


@repeatable
@given(offsets_s, steps)
def test_what_is_told_truly_never_excludes_the_truth(offset_s: float, told: list[tuple[object, ...]]) -> None:
    gateway = Gateway(offset_s)
    for step, *details in told:
        if step == "measure":
            gateway.measure(*details)  # type: ignore[arg-type]
        elif step == "tell":
            gateway.tell(*details)  # type: ignore[arg-type]
        elif step == "wait":
            gateway.now_s += details[0]  # type: ignore[operator]
        else:
            gateway.now_s -= details[0]  # type: ignore[operator]
            gateway.offset_s += details[0]  # type: ignore[operator]
            gateway.seen.set_back(details[0])  # type: ignore[arg-type]
        if gateway.seen.estimate is not None:
            assert gateway.is_right()
            error_s = gateway.estimate.error_s
            assert error_s is not None
            assert abs(gateway.estimate.skew_s - gateway.offset_s) <= error_s + SLACK_S


@repeatable
@given(offsets_s, st.lists(st.floats(-5_000, 5_000), max_size=QUORUM - 1), st.booleans(), st.integers(0, 99))
def test_fewer_lies_than_a_quorum_change_nothing(
    offset_s: float, lies_s: list[float], is_measured: bool, seed: int
) -> None:
    gateway, random = Gateway(offset_s), Random(seed)
    if is_measured:
        gateway.measure()
    told_s = [0.0] * (MOST_TOLD - len(lies_s)) + lies_s
    random.shuffle(told_s)
    for lie_s in told_s:
        gateway.tell(random.uniform(0, 2), lie_s=lie_s)
    assert gateway.is_right()
    assert abs(gateway.estimate.skew_s - offset_s) <= 2 + NOISE_S


@pytest.mark.parametrize("offset_s", [-600.0, 0.0, 600.0])
@pytest.mark.parametrize("source", ClockSource)
def test_every_source_is_enough_alone(source: ClockSource, offset_s: float) -> None:
    gateway = Gateway(offset_s)
    if source in (ClockSource.HEALTH, ClockSource.DATE):
        gateway.measure(source=source)
        assert gateway.estimate.error_s == pytest.approx(0.01, abs=SLACK_S)
    else:
        assert gateway.seen.lacks_told == QUORUM
        for _ in range(1 if source is ClockSource.HEARTBEAT else QUORUM):
            assert gateway.seen.estimate is None
            gateway.tell(0.1, source)
        assert gateway.estimate.error_s == pytest.approx(WINDOW_S, abs=0.2)
    assert gateway.estimate.skew_s == pytest.approx(offset_s, abs=0.2)
    assert gateway.estimate.sources == (source,)
    assert gateway.is_right()


def test_less_than_noise_is_none() -> None:
    gateway = Gateway(0.1)
    for _ in range(QUORUM):
        gateway.tell()
    assert gateway.estimate.skew_s == 0.0
    assert gateway.estimate.low_s == 0.0
    gateway = Gateway(-0.1)
    for _ in range(QUORUM):
        gateway.tell()
    assert gateway.estimate.skew_s == 0.0


def test_without_a_longest_delay_there_is_no_upper_bound() -> None:
    gateway = Gateway(600.0)
    for _ in range(QUORUM):
        gateway.tell(0.1, window_s=None)
    assert gateway.estimate.high_s == math.inf
    assert gateway.estimate.error_s is None
    assert gateway.estimate.skew_s == pytest.approx(599.9, abs=0.2)


def test_told_times_narrow_what_was_measured_and_are_named_only_then() -> None:
    gateway = Gateway(100.0)
    gateway.measure(4.0, source=ClockSource.DATE)
    assert gateway.estimate.error_s == pytest.approx(2, abs=SLACK_S)
    for _ in range(QUORUM):
        gateway.tell(3.0)
    assert gateway.estimate.sources == (ClockSource.DATE,), "a long delay bounds nothing more"
    for _ in range(QUORUM):
        gateway.tell(0.001)
    assert gateway.estimate.low_s == pytest.approx(99.999, abs=SLACK_S)
    assert gateway.estimate.sources == (ClockSource.DATE, ClockSource.EMISSION)
    for _ in range(QUORUM):
        gateway.tell(0.0, window_s=0.001)
    assert gateway.estimate.high_s == pytest.approx(100.001, abs=SLACK_S)
    assert gateway.is_right()


def test_a_measurement_narrows_the_one_before_unless_the_clock_was_set() -> None:
    gateway = Gateway(100.0)
    gateway.measure(0.01, source=ClockSource.HEALTH)
    gateway.now_s += 60
    gateway.measure(8.0, 0.9, source=ClockSource.DATE)
    assert gateway.estimate.sources == (ClockSource.HEALTH, ClockSource.DATE)
    assert gateway.estimate.error_s == pytest.approx(0.005 + 68 * DRIFT, abs=0.04)
    gateway.measure(0.002, source=ClockSource.DATE)
    assert gateway.estimate.sources == (ClockSource.DATE,), "the one before bounds nothing more"
    for _ in range(MOST_TOLD):
        gateway.tell()
    gateway.offset_s = -500.0
    gateway.measure(1.0)
    assert gateway.estimate[:3] == pytest.approx((-500, -500.5, -499.5))
    assert gateway.estimate.sources == (ClockSource.HEALTH,)
    for _ in range(QUORUM):
        gateway.tell()
    assert gateway.is_right()


def test_a_clock_that_is_set_forward_is_noticed_without_a_measurement() -> None:
    gateway = Gateway(0.0)
    gateway.measure()
    for _ in range(MOST_TOLD):
        gateway.tell()
    gateway.offset_s = 600.0
    for _ in range(QUORUM + 1):
        assert gateway.estimate.skew_s == pytest.approx(0)
        gateway.tell()
    # The old ones contradict the new ones until there are enough of these.
    for _ in range(MOST_TOLD):
        gateway.tell()
    assert gateway.estimate.skew_s == pytest.approx(600)
    gateway.offset_s = 700.0
    gateway.measure()
    assert gateway.estimate.sources == (ClockSource.HEALTH,)
    assert gateway.is_right()


def test_a_delay_is_not_taken_for_a_skew_where_the_clock_was_measured() -> None:
    """Gateways behind a queue send late what they emitted long before."""
    gateway = Gateway(0.0)
    gateway.measure()
    for _ in range(MOST_TOLD):
        gateway.tell(lie_s=-300.0)
    assert gateway.estimate.skew_s == pytest.approx(0)
    assert gateway.estimate.sources == (ClockSource.HEALTH,)


def test_told_times_older_than_a_measurement_that_excludes_them_are_forgotten() -> None:
    gateway = Gateway(0.0)
    for _ in range(QUORUM):
        gateway.tell()
    gateway.offset_s = 600.0
    gateway.measure()
    assert gateway.estimate.skew_s == pytest.approx(600)
    assert gateway.seen.lacks_told == QUORUM


@pytest.mark.parametrize("told_s", [0.0, -math.inf, math.inf, math.nan, 1e12])
def test_what_is_no_time_tells_nothing(told_s: float) -> None:
    offset = ClockOffset()
    for _ in range(QUORUM):
        offset.tell(ClockSource.HEARTBEAT, told_s, NOW_S, WINDOW_S)
    assert offset.estimate is None


def test_a_skew_is_possible_up_to_noise() -> None:
    estimate = ClockEstimate(1.0, 0.0, 2.0, ())
    assert estimate.allows(-NOISE_S) and estimate.allows(2 + NOISE_S)
    assert not estimate.allows(-0.3) and not estimate.allows(2.3)


def test_each_step_of_a_long_course_changes_the_estimate_exactly() -> None:
    """Worked out by hand, with seconds that floats hold exactly."""
    offset, now_s = ClockOffset(), NOW_S

    def is_now(skew_s: float, low_s: float, high_s: float, *sources: ClockSource) -> bool:
        return offset.estimate == ClockEstimate(skew_s, low_s, high_s, sources)

    date, emission, health = ClockSource.DATE, ClockSource.EMISSION, ClockSource.HEALTH
    offset.measure(date, 100.0, 4.0, now_s)
    assert is_now(100, 96, 104, date)
    for number, delay_s in enumerate((1.0, 3.0, 2.0)):
        assert (is_now(100, 96, 104, date), offset.lacks_told) == (True, 3 - number)
        offset.tell(emission, now_s + 100 - delay_s, now_s, 8.0)
    assert is_now(100, 97, 104, date, emission), "the third of the lower bounds, the highest first"
    now_s -= 30
    offset.set_back(30.0)
    assert is_now(130, 127, 134, date, emission)
    now_s += 2_000
    offset.measure(health, 134.0, 2.0, now_s)
    assert is_now(134, 132, 135, health, date), "a second of drift since, on either side of 126 to 134"
    now_s -= 2_000
    offset.set_back(2_000.0)
    assert is_now(2_134, 2_132, 2_135, health, date)
    now_s += 4_000
    offset.measure(date, 2_134.0, 8.0, now_s)
    assert is_now(2_134, 2_130, 2_137, health, date), "two seconds of drift"
    offset.tell(ClockSource.HEARTBEAT, now_s + 2_131, now_s, 0.5)
    assert is_now(2_131.5, 2_131, 2_131.5, *ClockSource)
    offset.tell(ClockSource.HEARTBEAT, now_s + 2_150, now_s, 0.5)
    assert is_now(2_134, 2_130, 2_137, health, date), "two that contradict each other say nothing"


@pytest.mark.parametrize(
    ("low_s", "window_s", "estimate"),
    [
        (0.25, 0.5, (0.0, 0.0, 0.75)),
        (0.26, 0.5, (0.26, 0.26, 0.76)),
        (-0.25, 0.25, (0.0, -0.25, 0.0)),
        (-0.25, 0.125, (-0.25, -0.25, -0.125)),
        (-0.25, 1.0, (0.0, -0.25, 0.75)),
        (-0.5, 1.0, (-0.5, -0.5, 0.5)),
    ],
)
def test_told_times_near_ours_are_ours_if_possible(
    low_s: float, window_s: float, estimate: tuple[float, float, float]
) -> None:
    offset = ClockOffset()
    offset.tell(ClockSource.HEARTBEAT, NOW_S + low_s, NOW_S, window_s)
    assert offset.estimate is not None
    assert offset.estimate[:3] == pytest.approx(estimate, abs=SLACK_S)


@pytest.mark.parametrize(
    ("told_s", "lacks"),
    [(EARLIEST_S - 1, 3), (EARLIEST_S, 2), (4_102_444_800.0, 2), (4_102_444_801.0, 3)],
)
def test_a_told_time_is_of_this_century(told_s: float, lacks: int) -> None:
    offset = ClockOffset()
    offset.tell(ClockSource.EMISSION, told_s, NOW_S, None)
    assert offset.lacks_told == lacks
