"""Who is named or selected by role in the rules. Asked for each painted row."""

from collections.abc import Sequence
from itertools import chain

from presence_tui.alerts.rule_selector import NamedPeople, RuleSelector
from presence_tui.alerts.rules import AlertRule
from presence_tui.domain.participants import Conversation
from presence_tui.store import PresenceStore, Record


class MarkedPeople:
    """The participants of all rules at once: O(1) for rules that only name them.

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

    def are_named(self, record: Record) -> bool:
        """True if a rule names this participant, whatever else it asks."""
        return self._named.includes(record)

    def include(self, record: Record) -> bool:
        """True if a rule names or selects this participant."""
        if record.key == self.you:
            return False
        return self._named_alone.includes(record) or any(each.matches(record) for each in self._selectors)
