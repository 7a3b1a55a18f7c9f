"""A heap of the moments at which someone's state changes by time alone.

Each record has at most one entry. Newer evidence does not move it: when the entry is due, the record
is checked and, if its time has not come, scheduled again. So an event costs nothing here.
"""

import heapq

from presence_tui.store.records import Record


class Transitions:
    """Wake-up times of records, by Unix seconds of our wall clock."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, str]] = []

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def next_s(self) -> float | None:
        """When the first entry falls due; ``None`` if there is none."""
        return self._heap[0][0] if self._heap else None

    def schedule(self, record: Record, at_s: float) -> None:
        """Make sure that the record is looked at by ``at_s``."""
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
