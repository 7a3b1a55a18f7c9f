"""Records durations at ten thousand a second and more, and tells percentiles and a small histogram.

A record of the HDR histogram costs several microseconds, an entry of a dictionary a tenth of one. Durations
are therefore cut to its precision and counted first, and recorded together when somebody reads: between a
microsecond and an hour there are a few thousand different ones then.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from typing import Final

import msgspec
from hdrh.histogram import HdrHistogram

PERCENTILES: Final = (50.0, 99.0, 99.9)

LONGEST_S: Final = 3_600
"""A longer duration is recorded as this."""

_SIGNIFICANT_DIGITS: Final = 2
_KEPT_BITS: Final = 8
"""Of a duration in microseconds, which is then exact to one part in 128."""
_EXACT_BELOW: Final = 2**_KEPT_BITS
_US: Final = 1_000_000


class Bucket(msgspec.Struct, frozen=True):
    """Durations of at most ``le`` seconds, and longer than those of the bucket before."""

    le: float | None
    """Upper bound in seconds, inclusive; null for the rest."""
    count: int


class DurationSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Durations in seconds. Failures are in none of the figures but their own."""

    count: int
    sum_s: float
    p50_s: float | None
    """Null without a duration, as the next ones."""
    p99_s: float | None
    p999_s: float | None
    max_s: float | None
    histogram: list[Bucket]
    failures: dict[str, int]
    """What failed instead of taking a time, by reason."""


class DurationRecorder:
    """Durations of one kind. ``bounds_s`` are the upper bounds of the small histogram, ascending."""

    def __init__(self, bounds_s: Iterable[float]) -> None:
        self.bounds_s: Final = tuple(bounds_s)
        self.failures: Counter[str] = Counter()
        self._bounds_us = [round(bound * _US) for bound in self.bounds_s]
        self._waiting: dict[int, int] = {}
        self._histogram = HdrHistogram(1, LONGEST_S * _US, _SIGNIFICANT_DIGITS)
        self._buckets = [0] * (len(self._bounds_us) + 1)
        self._count = 0
        self._sum_s = self._max_s = 0.0

    def add(self, seconds: float, count: int = 1) -> None:
        """Record a duration, ``count`` times. A negative one, as of clocks that differ, counts as none."""
        if not seconds > 0:
            seconds = 0.0
        elif seconds > LONGEST_S:
            seconds = float(LONGEST_S)
        self._sum_s += seconds * count
        if seconds > self._max_s:
            self._max_s = seconds
        us = int(seconds * _US)
        if us >= _EXACT_BELOW:
            shift = us.bit_length() - _KEPT_BITS
            us = us >> shift << shift
        waiting = self._waiting
        waiting[us] = waiting.get(us, 0) + count

    def summary(self) -> DurationSummary:
        """All durations since the start."""
        self._record()
        p50, p99, p999 = (self._percentile_s(percent) for percent in PERCENTILES)
        return DurationSummary(
            count=self._count,
            sum_s=round(self._sum_s, 6),
            p50_s=p50,
            p99_s=p99,
            p999_s=p999,
            max_s=round(self._max_s, 6) if self._count else None,
            histogram=[
                Bucket(bound, count)
                for bound, count in zip((*self.bounds_s, None), self._buckets, strict=True)
            ],
            failures=dict(self.failures),
        )

    def _percentile_s(self, percent: float) -> float | None:
        if not self._count:
            return None
        # The histogram tells the upper end of a step, which may be above the longest duration.
        value_s = int(self._histogram.get_value_at_percentile(percent)) / _US
        return min(value_s, round(self._max_s, 6))

    def _record(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for us, count in waiting.items():
            self._histogram.record_value(us, count)
            self._buckets[bisect_left(self._bounds_us, us)] += count
            self._count += count
