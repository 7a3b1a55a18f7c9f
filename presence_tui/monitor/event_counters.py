"""Counters of received events: each event is counted in exactly one outcome."""

from collections import Counter, deque
from collections.abc import Sequence
from statistics import median
from typing import Final

from presence_tui.domain.enums import Outcome

_MAX_LATENCIES: Final = 200


class EventCounters:
    """Counters of one monitor's events."""

    def __init__(self) -> None:
        self._outcomes: dict[Outcome, int] = dict.fromkeys(Outcome, 0)
        self._latencies_ms: deque[float] = deque(maxlen=_MAX_LATENCIES)
        self.malformed_rows = 0
        """Unreadable rows of lists, in events and answers; their events count as applied."""
        self.too_large = 0
        """Frames and answers rejected because they exceeded the size limit."""

        self.ends: Counter[str] = Counter()
        """Ended connections and failed attempts, by the kind of their error."""

    def count(self, outcomes: Sequence[Outcome]) -> None:
        """Count one event for each outcome."""
        left = len(outcomes)
        for outcome in self._outcomes:
            if not left:
                return
            found = outcomes.count(outcome)
            self._outcomes[outcome] += found
            left -= found

    def record_latency(self, latency_s: float) -> None:
        """Record the latency of an event with an emission time."""
        self._latencies_ms.append(latency_s * 1000)

    def of(self, outcome: Outcome) -> int:
        return self._outcomes[outcome]

    @property
    def received(self) -> int:
        """All received events."""
        return sum(self._outcomes.values())

    @property
    def latency_ms(self) -> float | None:
        """Median latency of the last events with an emission time."""
        return max(0.0, median(self._latencies_ms)) if self._latencies_ms else None
