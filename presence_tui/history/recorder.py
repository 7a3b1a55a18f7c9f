"""Converts changes of the store and the link to entries. Runs in the store's thread."""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import msgspec

from presence_tui.domain.enums import Cause, Source
from presence_tui.domain.missed_events import MissedEvents
from presence_tui.domain.participants import Conversation
from presence_tui.history.write_queue import (
    AccountEntry,
    ConversationsEntry,
    CoverageEntry,
    Entry,
    LinkEntry,
    PersonEntry,
)
from presence_tui.store import ChangeSet, PresenceStore, Record

MIN_EXTENSION_S: Final = 1.0
"""Minimum interval between extensions of coverage by events."""

# Reading an enum member takes longer than comparing with it on Python 3.11.
_CACHE, _MOVED = Source.CACHE, Cause.MOVED


class LinkRecord(NamedTuple):
    """Status of the link after a change. Times are Unix seconds."""

    at_s: float
    state: str
    reason: str
    epoch: int
    watched_since_s: float | None
    """Start of coverage; ``None`` during a gap."""
    fresh_until_s: float | None
    """End of coverage, if there is a gap now."""


class Recorder:
    """Posts entries. Participants are posted on request, so that frequent changes are written once."""

    def __init__(self, store: PresenceStore, hint: str, post: Callable[[Iterable[Entry]], None]) -> None:
        self._store = store
        self._hint = hint
        self._post = post
        self._account_key = ""
        self._state = ""
        self._coverage: CoverageEntry | None = None
        self._dirty: set[str] = set()
        """Presence keys updated since they were last posted."""
        self._texts: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}
        """Cache of encoded memberships and roles, of which there are few different ones."""
        self._unsubscribe = store.subscribe(self._on_changes)

    @property
    def unsaved_people(self) -> int:
        """Number of participants to post; 0 before the account is known."""
        return len(self._dirty) if self._account_key else 0

    def record_account(self, key: str) -> None:
        """Record our own presence key, if it changed."""
        if key and key != self._account_key:
            self._account_key = key
            self._post([AccountEntry(key, self._hint)])

    def record_conversations(self, conversations: Iterable[Conversation]) -> None:
        """Record all conversations. Call it once the account is known."""
        if self._account_key:
            self._post([ConversationsEntry(tuple(conversations))])

    def record_link(self, note: LinkRecord) -> None:
        """Record a change of the link."""
        if note.state != self._state:
            self._state = note.state
            self._post([LinkEntry(note.at_s, note.state, note.reason, note.epoch)])
        if note.watched_since_s is None:
            self._extend_coverage(note.at_s if note.fresh_until_s is None else note.fresh_until_s)
            self._coverage = None
        elif self._coverage is None:
            self._coverage = CoverageEntry(note.watched_since_s, max(note.at_s, note.watched_since_s))
            self._post([self._coverage])

    def record_missed(self, missed: MissedEvents) -> None:
        """Record what a gap has hidden."""
        self._post([missed])

    def record_heard(self, heard_s: float | None) -> None:
        """Extend coverage to the time when data was last received."""
        if heard_s is not None:
            self._extend_coverage(heard_s)

    def save_people(self, limit: int) -> None:
        """Post at most ``limit`` updated participants."""
        if not self.unsaved_people:
            return
        keys = [self._dirty.pop() for _ in range(min(limit, len(self._dirty)))]
        records = map(self._store.get_user_by_id, keys)
        self._post([self._person(record) for record in records if record is not None])

    def save_all_people(self) -> None:
        """Mark all participants as updated, after another file was started."""
        self._dirty.update(self._store.participants)

    def close(self) -> None:
        """Unsubscribe from the store."""
        self._unsubscribe()

    def _on_changes(self, changed: ChangeSet) -> None:
        # Cached evidence is already stored.
        self._post([change for change in changed.changes if change.source is not _CACHE])
        self._dirty |= changed.touched
        if changed.changes and changed.changes[-1].cause is _MOVED:
            # An event also proves that the link is alive.
            self._extend_coverage(changed.changes[-1].at_s, at_least_later_s=MIN_EXTENSION_S)

    def _extend_coverage(self, until_s: float, *, at_least_later_s: float = float("-inf")) -> None:
        if self._coverage is not None and until_s - self._coverage.until_s >= at_least_later_s:
            self._coverage = CoverageEntry(self._coverage.began_s, max(self._coverage.began_s, until_s))
            self._post([self._coverage])

    def _person(self, record: Record) -> PersonEntry:
        confirmed_s = None
        if record.source is not None:
            confirmed_s = max(record.received_s, record.checked_s or 0.0)
        return PersonEntry(
            record.key,
            record.name,
            record.handle,
            record.guest,
            record.flag,
            record.last_active_s,
            confirmed_s,
            self._rosters_of(record),
        )

    def _rosters_of(self, record: Record) -> str:
        conversations, rosters = record.conversations, self._store.rosters
        roles = tuple(rosters.role(conversation_id, record.key) for conversation_id in conversations)
        text = self._texts.get((conversations, roles))
        if text is None:
            text = msgspec.json.encode(dict(zip(conversations, roles, strict=True))).decode()
            self._texts[conversations, roles] = text
        return text
