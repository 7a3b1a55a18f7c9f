"""Selects the participants of a rule. O(1) per participant."""

from collections.abc import Iterable, Sequence
from typing import Final

from presence_tui.alerts.rules import AlertRule
from presence_tui.domain.participants import Conversation
from presence_tui.store import PresenceStore, Record
from presence_tui.store.records import folded

GUEST: Final = "guest"
"""Role name in a rule that selects guests, whatever their role."""


class NamedPeople:
    """Participants by presence key, name or handle; names match without case and accents."""

    def __init__(self, who: Iterable[str]) -> None:
        self.keys = frozenset(who)
        self._names = frozenset(folded(each.removeprefix("@")) for each in self.keys) - {""}

    def __bool__(self) -> bool:
        return bool(self.keys)

    def includes(self, record: Record) -> bool:
        if record.key in self.keys:
            return True
        shown, handle, _ = record.sort_key.split("\0")
        return shown in self._names or handle in self._names


class RuleSelector:
    """The participants of one rule. A title matches no one until the conversation list has loaded."""

    def __init__(self, rule: AlertRule, store: PresenceStore) -> None:
        self.rule = rule
        self._store = store
        self._named = NamedPeople(rule.who)
        self._role = rule.role.lower()
        self.conversation_id: str | None = rule.conversation or None

    @property
    def is_listed_by_key(self) -> bool:
        """True if all selected participants are known by key."""
        return bool(self._named) and all(self._store.get_user_by_id(key) for key in self._named.keys)

    def candidates(self) -> list[Record]:
        """Return all participants that may match: those listed by key, otherwise the whole store."""
        records = self._store.participants
        if self.is_listed_by_key:
            return [records[key] for key in self._named.keys]
        return list(records.values())

    def resolve_conversation(self, known: Sequence[Conversation]) -> bool:
        """Find the rule's conversation by id, identifier or title; false if it is not in the list."""
        wanted = self.rule.conversation
        if not wanted:
            return True
        exact = (each.id for each in known if wanted in (each.id, each.identifier))
        by_title = (each.id for each in known if folded(wanted) == folded(each.title))
        self.conversation_id = next(exact, None) or next(by_title, None) or wanted
        return any(each.id == self.conversation_id for each in known)

    def matches(self, record: Record) -> bool:
        """True if the rule selects this participant."""
        if self._named and not self._named.includes(record):
            return False
        rosters = self._store.rosters
        if self.conversation_id is not None and not rosters.is_member(self.conversation_id, record):
            return False
        if not self._role:
            return True
        if self._role == GUEST:
            return record.guest
        if self.conversation_id is not None:
            return rosters.role(self.conversation_id, record.key) == self._role
        return any(rosters.role(held, record.key) == self._role for held in record.conversations)
