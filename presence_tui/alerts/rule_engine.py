"""Watch rules over a store: a state machine that is handed change sets and moments, and answers what rings.

It knows no timer, no screen and no event loop. Nothing in it looks at everybody, but for a group that is new
and named by something else than keys.
"""

from collections.abc import Iterable, Sequence

from presence_tui.alerts.alert import RuleMatch
from presence_tui.alerts.empty_rules import EmptyRules
from presence_tui.alerts.presence_rules import KINDS, PresenceRules
from presence_tui.alerts.rule_selector import RuleSelector
from presence_tui.alerts.rules import AlertRule, Trigger
from presence_tui.alerts.throttle import CooldownTracker
from presence_tui.alerts.typing_rules import TypingRules
from presence_tui.domain.participants import Conversation
from presence_tui.store import ChangeSet, PresenceStore


class RuleEngine:
    """All rules of one store, whose clock tells the time."""

    def __init__(self, store: PresenceStore, rules: Iterable[AlertRule] = ()) -> None:
        self._store = store
        self._people = PresenceRules(store)
        self._groups = EmptyRules(store)
        self._typists = TypingRules(store)
        self._cool_downs = CooldownTracker()
        self._rules: tuple[AlertRule, ...] = ()
        self.watch(rules)

    @property
    def rules(self) -> tuple[AlertRule, ...]:
        return self._rules

    @property
    def next_s(self) -> float | None:
        """When ``due`` has something to say next, by the monotonic clock; ``None`` if never."""
        return self._groups.next_s

    def watch(self, rules: Iterable[AlertRule]) -> None:
        """Watch for these from now on; what the same rule has seen before is kept."""
        self._rules = tuple(rules)
        self._people.watch(rule for rule in self._rules if rule.kind in KINDS)
        self._groups.watch(rule for rule in self._rules if rule.kind is Trigger.EMPTY)
        self._typists.watch(rule for rule in self._rules if rule.kind is Trigger.TYPING)

    def know_conversations(self, known: Sequence[Conversation]) -> list[AlertRule]:
        """These are all there are; answers the rules whose conversation is none of them."""
        for part in (self._people, self._groups, self._typists):
            part.know_conversations(known)
        return [rule for rule in self._rules if not RuleSelector(rule, self._store).find_conversation(known)]

    def note_link(self, is_vouched: bool) -> None:
        """Whether the link vouches for what is shown: live, and read again after every gap."""
        now = self._store.clock.stamp()
        self._people.note_link(is_vouched, now.wall_s)
        self._typists.note_link(is_vouched, now.wall_s)
        self._groups.note_link(is_vouched, now.monotonic_s)

    def take(self, changed: ChangeSet) -> list[RuleMatch]:
        """What rings of a change set. A listener of the store calls this for each."""
        if not self._rules:
            return []
        self._groups.take(changed, self._store.clock.stamp().monotonic_s)
        return self._after_cooling_down(
            [*self._people.take(changed.changes), *self._typists.take(changed.touched)]
        )

    def due(self) -> list[RuleMatch]:
        """What rings because time has passed."""
        now = self._store.clock.stamp()
        return self._after_cooling_down(self._groups.due(now.monotonic_s, now.wall_s))

    def _after_cooling_down(self, rings: list[RuleMatch]) -> list[RuleMatch]:
        if not rings:
            return rings
        now_s = self._store.clock.stamp().monotonic_s
        return [ring for ring in rings if self._cool_downs.begin(ring.rule, ring.key, now_s)]
