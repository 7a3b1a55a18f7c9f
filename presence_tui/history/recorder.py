"""Turns changes of the store and the link into entries. Runs in the thread of the store."""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import msgspec

from presence_tui.domain.enums import Cause, Source
from presence_tui.domain.participants import Conversation
from presence_tui.history.entries import (
    AccountEntry,
    ConversationsEntry,
    CoverageEntry,
    Entry,
    LinkEntry,
    PersonEntry,
)
from presence_tui.store import ChangeSet, PresenceStore, Record

MIN_EXTENSION_S: Final = 1.0
"""The end of what was watched is moved on no more often than this by events."""

# Python 3.11 takes longer to find a member of an enumeration than to compare with it.
_CACHE, _MOVED = Source.CACHE, Cause.MOVED


class LinkRecord(NamedTuple):
    """What is to be known of the link after something changed in it. Times are Unix seconds."""

    at_s: float
    state: str
    reason: str
    epoch: int
    watched_since_s: float | None
    """Since when nothing can have escaped us; ``None`` while something can."""
    fresh_until_s: float | None
    """Up to when nothing can have, where it can now."""


class Recorder:
    """Posts what happens. People are posted when asked to: who changes often is written once."""

    def __init__(self, store: PresenceStore, hint: str, post: Callable[[Iterable[Entry]], None]) -> None:
        self._store = store
        self._hint = hint
        self._post = post
        self._account_key = ""
        self._state = ""
        self._coverage: CoverageEntry | None = None
        self._dirty: set[str] = set()
        """Keys of those of whom anything is new since they were posted last."""
        self._texts: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}
        """Memberships and roles as written: few differ, however many people there are."""
        self._unsubscribe = store.subscribe(self._on_changes)

    @property
    def unsaved_people(self) -> int:
        """How many are to be posted; nobody is before the account is known."""
        return len(self._dirty) if self._account_key else 0

    def record_account(self, key: str) -> None:
        """The gateway says who we are; said again, it is no news."""
        if key and key != self._account_key:
            self._account_key = key
            self._post([AccountEntry(key, self._hint)])

    def record_conversations(self, conversations: Iterable[Conversation]) -> None:
        """All conversations of the account. To be called once the account is known."""
        if self._account_key:
            self._post([ConversationsEntry(tuple(conversations))])

    def record_link(self, note: LinkRecord) -> None:
        """Something changed in the link."""
        if note.state != self._state:
            self._state = note.state
            self._post([LinkEntry(note.at_s, note.state, note.reason, note.epoch)])
        if note.watched_since_s is None:
            self._extend_coverage(note.at_s if note.fresh_until_s is None else note.fresh_until_s)
            self._coverage = None
        elif self._coverage is None:
            self._coverage = CoverageEntry(note.watched_since_s, max(note.at_s, note.watched_since_s))
            self._post([self._coverage])

    def record_heard(self, heard_s: float | None) -> None:
        """Up to this moment the line certainly was alive."""
        if heard_s is not None:
            self._extend_coverage(heard_s)

    def save_people(self, limit: int) -> None:
        """Post so many of those of whom anything is new."""
        if not self.unsaved_people:
            return
        keys = [self._dirty.pop() for _ in range(min(limit, len(self._dirty)))]
        records = map(self._store.get_user_by_id, keys)
        self._post([self._person(record) for record in records if record is not None])

    def save_all_people(self) -> None:
        """Nobody is on the disk: another file was begun."""
        self._dirty.update(self._store.participants)

    def close(self) -> None:
        """Follow the store no longer."""
        self._unsubscribe()

    def _on_changes(self, changed: ChangeSet) -> None:
        # What the cache says has been written before.
        self._post([change for change in changed.changes if change.source is not _CACHE])
        self._dirty |= changed.touched
        if changed.changes and changed.changes[-1].cause is _MOVED:
            # An event is a sign of life of the line, too.
            self._extend_coverage(changed.changes[-1].at_s, at_least_later_s=MIN_EXTENSION_S)

    def _extend_coverage(self, until_s: float, *, at_least_later_s: float = float("-inf")) -> None:
        if self._coverage is not None and until_s - self._coverage.until_s >= at_least_later_s:
            self._coverage = CoverageEntry(self._coverage.began_s, max(self._coverage.began_s, until_s))
            self._post([self._coverage])

    def _person(self, record: Record) -> PersonEntry:
        told_s = None
        if record.source is not None:
            told_s = max(record.received_s, record.checked_s or 0.0)
        return PersonEntry(
            record.key,
            record.name,
            record.handle,
            record.guest,
            record.flag,
            record.last_active_s,
            told_s,
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
