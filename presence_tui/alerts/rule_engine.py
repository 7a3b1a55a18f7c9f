"""Evaluate alert rules: change sets and times in, matches out, with a cooldown after each.

No timers, screen or event loop. Nothing scans the whole store, except a new group that is not listed by keys.
"""

import heapq
from collections.abc import Iterable, Sequence

from presence_tui.alerts.rule_selector import RuleSelector
from presence_tui.alerts.rules import AlertRule, RuleMatch, Trigger
from presence_tui.alerts.triggers import PRESENCE_TRIGGERS, EmptyRules, PresenceRules, TypingRules
from presence_tui.domain.changes import FEW, RECONNECT_S, Change, is_with_reconnect
from presence_tui.domain.enums import Cause
from presence_tui.domain.participants import Conversation
from presence_tui.store import ChangeSet, PresenceStore
from presence_tui.store.clock import Stamp

_MOVED = Cause.MOVED


class ReconnectHold:
    """Holds back matches that may come from our own reconnect rather than from people.

    When a gateway or a network comes back, everybody does within a moment, and so do we. Matches of changes
    within two seconds of our own reconnect wait until then: if many changed, nobody is told of any. Times are
    Unix seconds, except ``next_s``.
    """

    def __init__(self) -> None:
        self._held: list[RuleMatch] = []
        self._changed: set[str] = set()
        """Presence keys of those who came or left with our last reconnect."""
        self._reconnected_s: float | None = None
        self.next_s: float | None = None
        """Monotonic time when it is known how many changed; ``None`` if nothing is held."""

    def without_held(
        self,
        changes: Iterable[Change],
        matches: list[RuleMatch],
        reconnected_s: float | None,
        now: Stamp,
    ) -> list[RuleMatch]:
        """Take in the changes and return the matches that need not wait."""
        if reconnected_s is None:
            return matches
        if reconnected_s != self._reconnected_s:
            self._reconnected_s = reconnected_s
            if self.next_s is None:
                self._changed = set()
        for change in changes:
            is_arrival_or_departure = change.flag is not change.flag_before and change.cause is _MOVED
            if is_arrival_or_departure and is_with_reconnect(change.at_s, reconnected_s):
                self._changed.add(change.key)
                self.next_s = now.monotonic_s + max(0.0, reconnected_s + RECONNECT_S - now.wall_s)
        ours = [match for match in matches if is_with_reconnect(match.at_s, reconnected_s)]
        if self.next_s is not None:
            self._held += ours
        elif len(self._changed) <= FEW:
            # A roster may list a stranger only after it is known how many changed.
            return matches
        return [match for match in matches if match not in ours] if ours else matches

    def due(self, now_s: float) -> list[RuleMatch]:
        """The held matches, once it is known that few changed; none if many did."""
        if self.next_s is None or now_s < self.next_s:
            return []
        released = self._held if len(self._changed) <= FEW else []
        self._held, self.next_s = [], None
        return released


_RuleAndKey = tuple[AlertRule, str]


class CooldownTracker:
    """Active cooldowns by rule and key. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._until: dict[_RuleAndKey, float] = {}
        self._ends: list[tuple[float, int, _RuleAndKey]] = []
        self._begun = 0

    def __len__(self) -> int:
        return len(self._until)

    def begin(self, rule: AlertRule, key: str, now_s: float) -> bool:
        """Start a cooldown and return true; false while one is active. O(log n)."""
        while self._ends and self._ends[0][0] <= now_s:
            del self._until[heapq.heappop(self._ends)[2]]
        rule_and_key = (rule, key)
        if rule_and_key in self._until:
            return False
        if rule.cooldown_s > 0:
            self._begun += 1
            end_s = self._until[rule_and_key] = now_s + rule.cooldown_s
            heapq.heappush(self._ends, (end_s, self._begun, rule_and_key))
        return True


class RuleEngine:
    """All rules of one store, using the store's clock."""

    def __init__(self, store: PresenceStore, rules: Iterable[AlertRule] = ()) -> None:
        self._store = store
        self._presence_rules = PresenceRules(store)
        self._empty_rules = EmptyRules(store)
        self._typing_rules = TypingRules(store)
        self._reconnect_hold = ReconnectHold()
        self._cooldowns = CooldownTracker()
        self._rules: tuple[AlertRule, ...] = ()
        self.set_rules(rules)

    @property
    def rules(self) -> tuple[AlertRule, ...]:
        return self._rules

    @property
    def next_s(self) -> float | None:
        """Monotonic time of the next match by ``due``; ``None`` if there is none."""
        moments = (self._empty_rules.next_s, self._reconnect_hold.next_s)
        return min((each for each in moments if each is not None), default=None)

    @property
    def is_holding(self) -> bool:
        """True while matches wait until it is known how many changed with our own reconnect."""
        return self._reconnect_hold.next_s is not None

    def set_rules(self, rules: Iterable[AlertRule]) -> None:
        """Replace the rules; unchanged rules keep their state."""
        self._rules = tuple(rules)
        self._presence_rules.set_rules(rule for rule in self._rules if rule.kind in PRESENCE_TRIGGERS)
        self._empty_rules.set_rules(rule for rule in self._rules if rule.kind is Trigger.EMPTY)
        self._typing_rules.set_rules(rule for rule in self._rules if rule.kind is Trigger.TYPING)

    def set_conversations(self, known: Sequence[Conversation]) -> list[AlertRule]:
        """Set all conversations and return the rules whose conversation is not among them."""
        for part in (self._presence_rules, self._empty_rules, self._typing_rules):
            part.set_conversations(known)
        return [
            rule for rule in self._rules if not RuleSelector(rule, self._store).resolve_conversation(known)
        ]

    def set_own_key(self, key: str) -> None:
        """Set our own presence key, whose changes match no rule."""
        self._presence_rules.own_key = key

    def set_synced(self, is_synced: bool) -> None:
        """Set whether the link is synced: live, and resynced after every gap."""
        now = self._store.clock.stamp()
        self._presence_rules.set_synced(is_synced, now.wall_s)
        self._typing_rules.set_synced(is_synced, now.wall_s)
        self._empty_rules.set_synced(is_synced, now.monotonic_s)

    def match_changes(self, changed: ChangeSet) -> list[RuleMatch]:
        """Return the matches of a change set. Call it for every change set of the store."""
        if not self._rules:
            return []
        now = self._store.clock.stamp()
        self._empty_rules.apply_changes(changed, now.monotonic_s)
        matches = self._reconnect_hold.without_held(
            changed.changes,
            self._presence_rules.match_changes(changed.changes),
            self._store.epochs.reconnected_s,
            now,
        )
        return self._without_cooling_down([*matches, *self._typing_rules.match_changes(changed.touched)])

    def due(self) -> list[RuleMatch]:
        """Return the matches that are due because time has passed."""
        now = self._store.clock.stamp()
        return self._without_cooling_down(
            [
                *self._reconnect_hold.due(now.monotonic_s),
                *self._empty_rules.due(now.monotonic_s, now.wall_s),
            ]
        )

    def _without_cooling_down(self, matches: list[RuleMatch]) -> list[RuleMatch]:
        if not matches:
            return matches
        now_s = self._store.clock.stamp().monotonic_s
        return [match for match in matches if self._cooldowns.begin(match.rule, match.key, now_s)]
