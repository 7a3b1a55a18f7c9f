"""The queue of entries to write. Bounded, because the disk may be unwritable for a day."""

import threading
from collections.abc import Iterable
from typing import Final

from presence_tui.domain.changes import Change
from presence_tui.history.entries import Entry, UnrecordedEntry

_DROPPED_SHARE: Final = 8
"""A part of so many of the bound is made free at once."""


class WriteQueue:
    """Entries in their order, posted by one thread and taken by another.

    Beyond ``most`` the oldest changes make room, and how many they were is an entry of its own. What else
    there is, is little, and kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._wake_event = threading.Event()
        self._written = threading.Event()
        self._written.set()

    def post(self, entries: Iterable[Entry]) -> None:
        """Add to the end. Never waits for longer than it takes to copy."""
        with self._lock:
            self._entries += entries
            self._drop_oldest()
            self._written.clear()
        self._wake_event.set()

    def wake(self) -> None:
        """Let whoever waits for entries look, though there may be none."""
        self._wake_event.set()

    def wait(self, limit_s: float) -> None:
        """Wait until there is something to take, at most for so long."""
        self._wake_event.wait(limit_s)

    def drain(self) -> list[Entry]:
        """Everything; to be told by ``done`` or ``requeue`` what became of it."""
        self._wake_event.clear()
        with self._lock:
            taken, self._entries = self._entries, []
        return taken

    def done(self) -> None:
        """What was taken is on the disk."""
        with self._lock:
            if not self._entries:
                self._written.set()

    def requeue(self, taken: list[Entry]) -> None:
        """What was taken is not on the disk, and waits again."""
        with self._lock:
            self._entries = taken + self._entries
            self._drop_oldest()
        self._wake_event.set()

    def wait_until_written(self, limit_s: float) -> bool:
        """Wait until everything posted is on the disk; false if it is not by then."""
        return self._written.wait(limit_s)

    def _drop_oldest(self) -> None:
        surplus = len(self._entries) - self._most
        if surplus <= 0:
            return
        # Some more than there must be, so that it is not looked for again at once, and not so many that the
        # loop, which posts, would stand still meanwhile.
        surplus += self._most // _DROPPED_SHARE
        began_s, until_s, lost, looked_at = float("inf"), float("-inf"), 0, 0
        kept: list[Entry] = []
        for entry in self._entries:
            if not surplus:
                break
            looked_at += 1
            if isinstance(entry, UnrecordedEntry):
                began_s, until_s = min(began_s, entry.began_s), max(until_s, entry.until_s)
                lost += entry.changes
            elif isinstance(entry, Change):
                surplus -= 1
                began_s, until_s = min(began_s, entry.at_s), max(until_s, entry.at_s)
                lost += 1
            else:
                kept.append(entry)
        losses = [UnrecordedEntry(began_s, until_s, lost)] if lost else []
        self._entries = [*losses, *kept, *self._entries[looked_at:]]
