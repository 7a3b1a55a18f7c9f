"""Durations are counted to within one percent, and failures are in none of the figures."""

from random import Random

import pytest

from presence_tui.metrics.durations import LONGEST_S, Bucket, DurationRecorder


def test_without_a_duration_nothing_is_said() -> None:
    summary = DurationRecorder([0.1]).summary()
    assert (summary.count, summary.sum_s, summary.p50_s, summary.p999_s, summary.max_s) == (
        0,
        0,
        None,
        None,
        None,
    )
    assert summary.histogram == [Bucket(0.1, 0), Bucket(None, 0)]


@pytest.mark.parametrize("scale_s", [0.0001, 0.003, 0.05, 2.0])
def test_percentiles_are_those_of_the_sorted_list(scale_s: float) -> None:
    recorder, random = DurationRecorder([scale_s]), Random(7)
    durations = [random.expovariate(1 / scale_s) for _ in range(20_000)]
    for duration in durations:
        recorder.add(duration)
    summary, ordered = recorder.summary(), sorted(durations)
    assert summary.count == len(durations)
    assert summary.sum_s == pytest.approx(sum(durations), rel=0.01)
    assert summary.p50_s == pytest.approx(ordered[10_000], rel=0.03, abs=2e-6)
    assert summary.p99_s == pytest.approx(ordered[19_800], rel=0.03, abs=2e-6)
    assert summary.p999_s == pytest.approx(ordered[19_980], rel=0.03, abs=2e-6)
    assert summary.max_s == pytest.approx(ordered[-1], rel=0.01)
    assert summary.p999_s is not None
    assert summary.max_s is not None
    assert summary.p999_s <= summary.max_s


def test_buckets_include_their_bound_and_add_up() -> None:
    recorder = DurationRecorder([0.001, 0.1])
    for duration, count in ((0.001, 2), (0.0011, 3), (0.1, 4), (0.2, 5)):
        recorder.add(duration, count)
    summary = recorder.summary()
    assert summary.histogram == [Bucket(0.001, 2), Bucket(0.1, 7), Bucket(None, 5)]
    assert sum(bucket.count for bucket in summary.histogram) == summary.count == 14


def test_a_summary_is_of_all_since_the_start() -> None:
    recorder = DurationRecorder([1.0])
    recorder.add(0.5)
    assert recorder.summary().count == 1
    recorder.add(2.0)
    summary = recorder.summary()
    assert (summary.count, summary.max_s, summary.sum_s) == (2, 2.0, 2.5)
    assert recorder.summary() == summary


def test_clocks_that_differ_make_no_negative_duration() -> None:
    recorder = DurationRecorder([1.0])
    recorder.add(-3.0)
    summary = recorder.summary()
    assert (summary.count, summary.max_s, summary.p50_s) == (1, 0.0, 0.0)


def test_an_endless_duration_counts_as_the_longest() -> None:
    recorder = DurationRecorder([1.0])
    recorder.add(10.0**9)
    assert recorder.summary().max_s == LONGEST_S


def test_failures_are_counted_beside_the_durations() -> None:
    recorder = DurationRecorder([1.0])
    recorder.add(0.1)
    recorder.failures["time-out"] += 2
    summary = recorder.summary()
    assert (summary.count, summary.failures) == (1, {"time-out": 2})
