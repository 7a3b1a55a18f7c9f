"""Estimates the offset between the gateway's clock and ours, as an interval that contains it.

Two kinds of times bound the offset:

- A *measured* time answers a request of ours. The gateway read its clock between our sending and our
  receiving, which bounds the offset on both sides.
- A *told* time arrives unasked, such as the emission time of an event. The gateway read its clock before we
  received it, which gives a lower bound. Messages of one connection arrive in order, and a ping without an
  answer ends the connection, so the delay is limited. That gives an upper bound.

The intervals of all correct times contain the offset, so the estimate is their intersection. Where a new
measurement excludes older intervals, the gateway's clock was set in between, and the older ones are dropped.
A single told time may be wrong, so a bound counts only if ``QUORUM`` of them support it.
"""

import math
from collections import deque
from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from presence_tui.domain.evidence import EARLIEST_S, LATEST_S

QUORUM: Final = 3
"""Emission times that must support a bound; a time that the gateway reports as its clock's does alone."""

MOST_TOLD: Final = 15
"""Told times that are kept, the latest ones."""

DRIFT: Final = 0.0005
"""Maximum drift between two clocks, as a share of the time that passes."""

NOISE_S: Final = 0.25
"""A skew of at most this is taken for 0 if the interval allows it."""


class ClockSource(StrEnum):
    """Where a time comes from."""

    HEALTH = "health"
    DATE = "date"
    """The ``Date`` header of an answer."""
    HEARTBEAT = "heartbeat"
    EMISSION = "emission"


class ClockEstimate(NamedTuple):
    """The gateway's clock minus ours, in seconds."""

    skew_s: float
    low_s: float
    high_s: float
    """The offset is in this interval if all times are correct; ``inf`` without an upper bound."""
    sources: tuple[ClockSource, ...]
    """Where the bounds come from."""

    @property
    def error_s(self) -> float | None:
        """Maximum error of the skew; ``None`` without an upper bound."""
        error_s = max(self.skew_s - self.low_s, self.high_s - self.skew_s)
        return error_s if error_s < math.inf else None

    def allows(self, skew_s: float) -> bool:
        """True if this skew is in the interval, with a tolerance of ``NOISE_S``."""
        return self.low_s - NOISE_S <= skew_s <= self.high_s + NOISE_S


class _Told(NamedTuple):
    low_s: float
    high_s: float
    source: ClockSource

    @property
    def is_plain(self) -> bool:
        """True if the gateway reports it as the time of its clock."""
        return self.source is not ClockSource.EMISSION


class ClockOffset:
    """Combines measurements and told times. Their times are Unix seconds by our clock."""

    def __init__(self) -> None:
        self._measured: ClockEstimate | None = None
        self._measured_at_s = 0.0
        self._told: deque[_Told] = deque(maxlen=MOST_TOLD)

    @property
    def lacks_told(self) -> int:
        """How many more told times are needed for a bound."""
        return max(0, QUORUM - len(self._told))

    def measure(self, source: ClockSource, skew_s: float, error_s: float, at_s: float) -> None:
        """Add a measurement with an error of at most ``error_s``."""
        low_s, high_s = skew_s - error_s, skew_s + error_s
        sources: tuple[ClockSource, ...] = (source,)
        before = self._measured
        if before is not None:
            parted_s = DRIFT * abs(at_s - self._measured_at_s)
            before_low_s, before_high_s = before.low_s - parted_s, before.high_s + parted_s
            if before_low_s <= high_s and low_s <= before_high_s:
                narrows = before_low_s > low_s or before_high_s < high_s
                sources = _united(sources, before.sources if narrows else ())
                low_s, high_s = max(low_s, before_low_s), min(high_s, before_high_s)
            else:
                self._told.clear()
        self._measured = ClockEstimate(min(max(skew_s, low_s), high_s), low_s, high_s, sources)
        self._measured_at_s = at_s
        agreed = _agreed(self._told)
        if agreed is not None and not _overlap(agreed, self._measured):
            # They are older, most likely from before the clock was set.
            self._told.clear()

    def tell(
        self, source: ClockSource, told_s: float, received_s: float, longest_delay_s: float | None
    ) -> None:
        """Add a told time that was sent at most ``longest_delay_s`` before, if that is known."""
        if EARLIEST_S <= told_s <= LATEST_S:
            low_s = told_s - received_s
            high_s = math.inf if longest_delay_s is None else low_s + longest_delay_s
            self._told.append(_Told(low_s, high_s, source))

    def set_back(self, by_s: float) -> None:
        """Shift everything after our clock was set back and the gateway's was not."""
        if self._measured is not None:
            skew_s, low_s, high_s, sources = self._measured
            self._measured = ClockEstimate(skew_s + by_s, low_s + by_s, high_s + by_s, sources)
            self._measured_at_s -= by_s
        told = [_Told(each.low_s + by_s, each.high_s + by_s, each.source) for each in self._told]
        self._told = deque(told, maxlen=MOST_TOLD)

    @property
    def estimate(self) -> ClockEstimate | None:
        """The intersection of measured and told intervals; ``None`` if there are none."""
        measured, told = self._measured, _agreed(self._told)
        if told is None:
            return measured
        if measured is None:
            return told
        if _overlap(told, measured):
            low_s, high_s = max(told.low_s, measured.low_s), min(told.high_s, measured.high_s)
            narrows = low_s > measured.low_s or high_s < measured.high_s
            sources = _united(measured.sources, told.sources if narrows else ())
            return ClockEstimate(min(max(measured.skew_s, low_s), high_s), low_s, high_s, sources)
        # A delay cannot explain times in the future: the gateway's clock was set forward since.
        return told if told.low_s > measured.high_s else measured


def _overlap(one: ClockEstimate, other: ClockEstimate) -> bool:
    return one.low_s <= other.high_s and other.low_s <= one.high_s


def _agreed(told: Iterable[_Told]) -> ClockEstimate | None:
    """The interval that ``QUORUM`` of them support; ``None`` if they are too few or contradict each other."""
    voices = [each for each in told for _ in range(QUORUM if each.is_plain else 1)]
    if len(voices) < QUORUM:
        return None
    low_s = sorted((each.low_s for each in voices), reverse=True)[QUORUM - 1]
    high_s = sorted(each.high_s for each in voices)[QUORUM - 1]
    if low_s > high_s:
        return None
    # Most delays are short, so the offset is near the lower bound.
    skew_s = 0.0 if abs(low_s) <= NOISE_S and high_s >= 0.0 else low_s
    return ClockEstimate(skew_s, min(low_s, skew_s), high_s, _united((), [each.source for each in voices]))


def _united(some: Iterable[ClockSource], more: Iterable[ClockSource]) -> tuple[ClockSource, ...]:
    named = {*some, *more}
    return tuple(source for source in ClockSource if source in named)
