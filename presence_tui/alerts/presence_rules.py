"""Rules about participants who come, leave, return or type. O(1) per change and rule."""

from collections.abc import Iterable, Sequence
from typing import Final

from presence_tui.alerts.rule_selector import RuleSelector
from presence_tui.alerts.rules import AlertRule, RuleMatch, Trigger
from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause
from presence_tui.domain.participants import Conversation
from presence_tui.store import PresenceStore, Record
from presence_tui.store.strangers import StrangerChanges


class TypingRules:
    """Rules about typing."""

    def __init__(self, store: PresenceStore) -> None:
        self._store = store
        self._selectors: list[RuleSelector] = []
        self._known: Sequence[Conversation] = ()
        self._typed_s: dict[str, float] = {}
        """Presence key to the last typing seen, in Unix seconds."""
        self._seeing_since_s: float | None = None

    def set_rules(self, rules: Iterable[AlertRule]) -> None:
        """Replace the rules."""
        self._selectors = [RuleSelector(rule, self._store) for rule in rules]
        self.set_conversations(self._known)

    def set_conversations(self, known: Sequence[Conversation]) -> None:
        """Resolve conversation titles once the list of conversations is known."""
        self._known = known
        for selector in self._selectors:
            selector.resolve_conversation(known)

    def set_synced(self, is_synced: bool, at_s: float) -> None:
        """Set whether the link is synced, at ``at_s`` (Unix)."""
        if not is_synced:
            self._seeing_since_s = None
        elif self._seeing_since_s is None:
            self._seeing_since_s = at_s

    def match_changes(self, touched: Iterable[str]) -> list[RuleMatch]:
        """Return the matches for the touched keys. O(1) each."""
        if not self._selectors:
            return []
        return [match for key in touched for match in self._matches(key)]

    def _matches(self, key: str) -> Iterable[RuleMatch]:
        record = self._store.get_user_by_id(key)
        if record is None or record.typing_s is None:
            return
        before_s, now_s = self._typed_s.get(key), record.typing_s
        self._typed_s[key] = now_s
        if before_s == now_s or self._seeing_since_s is None:
            return
        was_seen = before_s is not None and before_s >= self._seeing_since_s
        silent_s = now_s - (before_s if was_seen and before_s is not None else self._seeing_since_s)
        for selector in self._selectors:
            if silent_s > selector.rule.after_s and selector.matches(record):
                yield RuleMatch(selector.rule, now_s, key, record.shown_name, silent_s, not was_seen)


PRESENCE_TRIGGERS: Final = frozenset({Trigger.COMES, Trigger.LEAVES, Trigger.RETURNS})
_MOVED = Cause.MOVED


class PresenceRules:
    """Rules about single participants. Only changes with cause ``moved`` match."""

    def __init__(self, store: PresenceStore) -> None:
        self._store = store
        self.own_key = ""
        """Our own presence key, whose changes match no rule."""
        self._strangers = StrangerChanges(store)
        self._arrival_selectors: list[RuleSelector] = []
        self._departure_selectors: list[RuleSelector] = []
        self._known: Sequence[Conversation] = ()
        self._watching_since_s: float | None = None
        """Unix seconds of the first sync; before it there is no baseline."""
        self._is_synced = False

    def set_rules(self, rules: Iterable[AlertRule]) -> None:
        """Replace the rules."""
        self._arrival_selectors, self._departure_selectors = [], []
        for rule in rules:
            of_kind = self._departure_selectors if rule.kind is Trigger.LEAVES else self._arrival_selectors
            of_kind.append(RuleSelector(rule, self._store))
        self.set_conversations(self._known)

    def set_conversations(self, known: Sequence[Conversation]) -> None:
        """Resolve conversation titles once the list of conversations is known."""
        self._known = known
        for selector in (*self._arrival_selectors, *self._departure_selectors):
            selector.resolve_conversation(known)

    def set_synced(self, is_synced: bool, at_s: float) -> None:
        """Set whether the link is synced, at ``at_s`` (Unix)."""
        self._is_synced = is_synced
        if is_synced and self._watching_since_s is None:
            self._watching_since_s = at_s

    def match_changes(self, changes: Sequence[Change]) -> list[RuleMatch]:
        """Return the matches of these changes.

        Before the first sync there is no baseline, so arrivals are ignored. For participants without any
        earlier evidence, this holds whenever the link is not synced.
        """
        if self._watching_since_s is None or not (self._arrival_selectors or self._departure_selectors):
            return []
        self._strangers.hold(changes)
        # A stranger can match a rule with a conversation only once a roster lists them.
        placed = [match for match in self._rings(self._strangers.placed()) if match.rule.conversation]
        return [*placed, *self._rings(changes)]

    def _rings(self, changes: Iterable[Change]) -> list[RuleMatch]:
        matches: list[RuleMatch] = []
        for change in changes:
            flag, before = change.flag, change.flag_before
            if flag is before or change.cause is not _MOVED or change.key == self.own_key:
                continue
            if flag:
                asked = self._arrival_selectors
            elif before:
                asked = self._departure_selectors
            else:
                continue
            if asked and (self._is_synced or not change.first_told):
                record = self._store.get_user_by_id(change.key)
                matches += [
                    match for selector in asked if record and (match := self._match(selector, record, change))
                ]
        return matches

    def _match(self, selector: RuleSelector, record: Record, change: Change) -> RuleMatch | None:
        if not selector.matches(record):
            return None
        rule, held_s, at_least = selector.rule, change.held_s, False
        if rule.kind is Trigger.RETURNS:
            if change.first_told:
                return None
            if held_s is None and change.noticed_s is not None:
                held_s, at_least = change.noticed_s, True
            elif held_s is None and self._watching_since_s is not None:
                held_s, at_least = change.at_s - self._watching_since_s, True
            if held_s is None or held_s <= rule.after_s:
                return None
        return RuleMatch(rule, change.at_s, change.key, change.name, held_s, at_least)
