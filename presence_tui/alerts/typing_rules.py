"""Rules that match when a participant types after a silence.

Silence counts from the last typing seen, or from the last sync if none was seen since.
"""

from collections.abc import Iterable, Sequence

from presence_tui.alerts.alert import RuleMatch
from presence_tui.alerts.rule_selector import RuleSelector
from presence_tui.alerts.rules import AlertRule
from presence_tui.domain.participants import Conversation
from presence_tui.store import PresenceStore


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
