"""Selects the participants of a rule, or of all rules at once. O(1) per participant."""

from collections.abc import Iterable, Sequence
from itertools import chain
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
        if not self.keys:
            return False
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


class MarkedPeople:
    """The participants of all rules at once, asked for each painted row: O(1) for rules that only name them.

    Rules about everyone, or about all of a conversation, mark no one: the mark would be on every row.
    """

    def __init__(self, rules: Sequence[AlertRule], store: PresenceStore) -> None:
        self.you = ""
        """Our own presence key, whose changes match no rule."""
        narrowed = [rule for rule in rules if rule.role or rule.conversation]
        self._named = NamedPeople(chain.from_iterable(rule.who for rule in rules))
        self._named_alone = NamedPeople(
            chain.from_iterable(rule.who for rule in rules if not (rule.role or rule.conversation))
        )
        self._selectors = [RuleSelector(rule, store) for rule in narrowed if rule.who or rule.role]

    def set_conversations(self, known: Sequence[Conversation]) -> None:
        """Set the account's conversations, by which rules find theirs."""
        for selector in self._selectors:
            selector.resolve_conversation(known)

    @property
    def names_anybody(self) -> bool:
        """True if a rule names somebody."""
        return bool(self._named)

    def are_named(self, record: Record) -> bool:
        """True if a rule names this participant, whatever else it asks."""
        return self._named.includes(record)

    def include(self, record: Record) -> bool:
        """True if a rule names or selects this participant."""
        if record.key == self.you:
            return False
        return self._named_alone.includes(record) or any(each.matches(record) for each in self._selectors)
