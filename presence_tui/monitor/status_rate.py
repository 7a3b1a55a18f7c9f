"""The rate of status events in the last minutes that were watched, to estimate what a gap has hidden."""

from collections import deque
from typing import Final

WINDOW_S: Final = 600.0
_SLOT_S: Final = 10.0


class StatusRate:
    """Counts events while the link vouches for them. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._slots: deque[tuple[float, int]] = deque()
        """Seconds and events of each closed slot, oldest first. All but the last one have their full length,
        so that their number is bounded, however often a link ends at once.
        """
        self._slots_s = 0.0
        self._began_s: float | None = None
        """Start of the open slot; ``None`` during a gap."""
        self._count = 0

    def resume(self, now_s: float) -> None:
        """Events are complete from now on."""
        if self._began_s is None:
            self._began_s, self._count = now_s, 0

    def add(self, count: int, now_s: float) -> None:
        """So many events arrived. During a gap they are not counted."""
        if self._began_s is not None:
            if now_s - self._began_s >= _SLOT_S:
                self._close_slot(self._began_s, now_s)
            self._count += count

    def pause(self, now_s: float) -> None:
        """Events were complete until then."""
        if self._began_s is not None:
            self._close_slot(self._began_s, now_s)
            self._began_s = None

    @property
    def observed(self) -> tuple[int, float]:
        """Events and seconds of the closed slots."""
        return sum(count for _, count in self._slots), self._slots_s

    def _close_slot(self, began_s: float, now_s: float) -> None:
        lasted_s = max(0.0, now_s - began_s)
        self._slots_s += lasted_s
        count = self._count
        if self._slots and self._slots[-1][0] < _SLOT_S:
            short_s, short_count = self._slots.pop()
            lasted_s, count = lasted_s + short_s, count + short_count
        self._slots.append((lasted_s, count))
        self._began_s, self._count = now_s, 0
        while self._slots_s - self._slots[0][0] >= WINDOW_S:
            self._slots_s -= self._slots.popleft()[0]
