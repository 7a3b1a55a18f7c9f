"""A heap of the times at which states change without evidence.

Each record has at most one entry. Newer evidence does not move it: when it is due, the record
is checked and, if too early, scheduled again. So an event costs nothing here.
"""

import heapq

from presence_tui.store.records import Record


class Transitions:
    """Transition times of records, in Unix seconds by our clock."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, str]] = []

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def next_s(self) -> float | None:
        """When the first entry is due; ``None`` if there is none."""
        return self._heap[0][0] if self._heap else None

    def schedule(self, record: Record, at_s: float) -> None:
        """Schedule a check of the record by ``at_s``."""
        if record.wakes_s is not None and record.wakes_s <= at_s:
            return
        record.wakes_s = at_s
        heapq.heappush(self._heap, (at_s, record.key))

    def due(self, now_s: float) -> list[tuple[float, str]]:
        """Remove and return every entry that is due, as (time, key)."""
        entries: list[tuple[float, str]] = []
        while self._heap and self._heap[0][0] <= now_s:
            entries.append(heapq.heappop(self._heap))
        return entries

    def clear(self) -> None:
        self._heap.clear()
