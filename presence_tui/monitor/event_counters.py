"""Counts that add up: every event that arrived is in exactly one of them."""

from collections import Counter, deque
from collections.abc import Sequence
from statistics import median
from typing import Final

from presence_tui.domain.enums import Outcome

_MAX_LATENCIES: Final = 200


class EventCounters:
    """What became of the events of one watch."""

    def __init__(self) -> None:
        self._outcomes: dict[Outcome, int] = dict.fromkeys(Outcome, 0)
        self._latencies_ms: deque[float] = deque(maxlen=_MAX_LATENCIES)
        self.malformed_rows = 0
        """Rows of lists that could not be read, in events and in answers; such events count as applied."""
        self.too_large = 0
        """Frames and answers that were given up, because they were over the bound."""

        self.ends: Counter[str] = Counter()
        """Connections that ended and attempts that failed, by the kind of their error."""

    def count(self, outcomes: Sequence[Outcome]) -> None:
        """Events arrived, and this became of each."""
        left = len(outcomes)
        for outcome in self._outcomes:
            if not left:
                return
            found = outcomes.count(outcome)
            self._outcomes[outcome] += found
            left -= found

    def record_latency(self, latency_s: float) -> None:
        """An event told when it was sent; this long later it arrived."""
        self._latencies_ms.append(latency_s * 1000)

    def of(self, outcome: Outcome) -> int:
        return self._outcomes[outcome]

    @property
    def received(self) -> int:
        """Every event that arrived."""
        return sum(self._outcomes.values())

    @property
    def latency_ms(self) -> float | None:
        """Median time from emission to arrival of the last events that told their emission."""
        return max(0.0, median(self._latencies_ms)) if self._latencies_ms else None
