"""People that somebody wants to be told of when they come, leave or come back. O(1) a change and rule."""

from collections.abc import Iterable, Sequence
from typing import Final

from presence_tui.alerts.alert import RuleMatch
from presence_tui.alerts.rule_selector import RuleSelector
from presence_tui.alerts.rules import AlertRule, Trigger
from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause
from presence_tui.domain.participants import Conversation
from presence_tui.store import PresenceStore, Record

KINDS: Final = frozenset({Trigger.COMES, Trigger.LEAVES, Trigger.RETURNS})
_MOVED = Cause.MOVED


class PresenceRules:
    """Rules about single people. Only changes whose cause is ``moved`` ring."""

    def __init__(self, store: PresenceStore) -> None:
        self._store = store
        self._of_arrivals: list[RuleSelector] = []
        self._of_departures: list[RuleSelector] = []
        self._known: Sequence[Conversation] = ()
        self._watching_since_s: float | None = None
        """Unix seconds; since when there has been anything to compare with."""
        self._is_vouched = False

    def watch(self, rules: Iterable[AlertRule]) -> None:
        """Watch for these."""
        self._of_arrivals, self._of_departures = [], []
        for rule in rules:
            of_kind = self._of_departures if rule.kind is Trigger.LEAVES else self._of_arrivals
            of_kind.append(RuleSelector(rule, self._store))
        self.know_conversations(self._known)

    def know_conversations(self, known: Sequence[Conversation]) -> None:
        """Whom a rule means may be told only now."""
        self._known = known
        for meant in (*self._of_arrivals, *self._of_departures):
            meant.find_conversation(known)

    def note_link(self, is_vouched: bool, at_s: float) -> None:
        """Whether the link vouches for what is shown, at ``at_s`` (Unix)."""
        self._is_vouched = is_vouched
        if is_vouched and self._watching_since_s is None:
            self._watching_since_s = at_s

    def take(self, changes: Iterable[Change]) -> list[RuleMatch]:
        """What rings of these.

        Before the link has vouched for anything, what an event says is compared with what was remembered
        or with nothing, so that everybody who is here would seem to come. Of whom nothing was known, that
        holds for every time without a vouched link.
        """
        rings: list[RuleMatch] = []
        if self._watching_since_s is None or not (self._of_arrivals or self._of_departures):
            return rings
        for change in changes:
            flag, before = change.flag, change.flag_before
            if flag is before or change.cause is not _MOVED:
                continue
            if flag:
                asked = self._of_arrivals
            elif before:
                asked = self._of_departures
            else:
                continue
            if asked and (self._is_vouched or not change.first_told):
                record = self._store.get_user_by_id(change.key)
                rings += [ring for meant in asked if record and (ring := self._ring(meant, record, change))]
        return rings

    def _ring(self, meant: RuleSelector, record: Record, change: Change) -> RuleMatch | None:
        if not meant.means(record):
            return None
        rule, held_s, at_least = meant.rule, change.held_s, False
        if rule.kind is Trigger.RETURNS:
            if change.first_told:
                return None
            if held_s is None and self._watching_since_s is not None:
                held_s, at_least = change.at_s - self._watching_since_s, True
            if held_s is None or held_s <= rule.after_s:
                return None
        return RuleMatch(rule, change.at_s, change.key, change.name, held_s, at_least)
