"""The entries to write, and their queue: limited, because the disk may be unwritable for a long time."""

import threading
from collections.abc import Iterable
from typing import Final, NamedTuple

from presence_tui.domain.changes import Change
from presence_tui.domain.missed_events import MissedEvents
from presence_tui.domain.participants import Conversation


class AccountEntry(NamedTuple):
    """The account of the run, which applies to its earlier entries too."""

    key: str
    hint: str
    """A hint at the credential's owner: a user id or a digest, never the credential."""


class LinkEntry(NamedTuple):
    """A transition of the link."""

    at_s: float
    state: str
    reason: str
    epoch: int


class CoverageEntry(NamedTuple):
    """A time span without gaps. An entry with the same start extends it."""

    began_s: float
    until_s: float


class UnrecordedEntry(NamedTuple):
    """Number of changes lost between two times, because the disk was unwritable and the queue full."""

    began_s: float
    until_s: float
    changes: int


class PersonEntry(NamedTuple):
    """The current record of a participant, for the roster cache."""

    key: str
    name: str
    handle: str
    guest: bool
    flag: bool | None
    last_active_s: float | None
    told_s: float | None
    rosters: str
    """JSON: conversation id to role."""


class ConversationsEntry(NamedTuple):
    """All conversations of the account, in the gateway's order."""

    conversations: tuple[Conversation, ...]


Entry = (
    AccountEntry
    | LinkEntry
    | CoverageEntry
    | UnrecordedEntry
    | PersonEntry
    | ConversationsEntry
    | MissedEvents
    | Change
)


_DROPPED_SHARE: Final = 8
"""This fraction of the limit is freed at once."""


class WriteQueue:
    """Entries in order, posted by one thread and drained by another.

    Beyond ``most`` the oldest changes are dropped and replaced by an entry with their number. Other
    entries are few, and kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._wake_event = threading.Event()
        self._written = threading.Event()
        self._written.set()

    def post(self, entries: Iterable[Entry]) -> None:
        """Append entries. Only waits for the lock."""
        with self._lock:
            self._entries += entries
            self._drop_oldest()
            self._written.clear()
        self._wake_event.set()

    def wake(self) -> None:
        """Wake the waiting thread, even if there are no entries."""
        self._wake_event.set()

    def wait(self, limit_s: float) -> None:
        """Wait for entries, at most ``limit_s``."""
        self._wake_event.wait(limit_s)

    def drain(self) -> list[Entry]:
        """Return all entries. Call ``done`` or ``requeue`` afterwards."""
        self._wake_event.clear()
        with self._lock:
            taken, self._entries = self._entries, []
        return taken

    def done(self) -> None:
        """The drained entries were written."""
        with self._lock:
            if not self._entries:
                self._written.set()

    def requeue(self, taken: list[Entry]) -> None:
        """Put back drained entries that were not written."""
        with self._lock:
            self._entries = taken + self._entries
            self._drop_oldest()
        self._wake_event.set()

    def wait_until_written(self, limit_s: float) -> bool:
        """Wait until all posted entries are written; false if that takes longer."""
        return self._written.wait(limit_s)

    def _drop_oldest(self) -> None:
        surplus = len(self._entries) - self._most
        if surplus <= 0:
            return
        # Drop some more than needed, so that the next post need not, but not so many that the posting event
        # loop is delayed.
        surplus += self._most // _DROPPED_SHARE
        began_s, until_s, lost, looked_at = float("inf"), float("-inf"), 0, 0
        retained: list[Entry] = []
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
                retained.append(entry)
        losses = [UnrecordedEntry(began_s, until_s, lost)] if lost else []
        self._entries = [*losses, *retained, *self._entries[looked_at:]]
