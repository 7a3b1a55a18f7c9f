"""A store with participants, an alert engine over it, and shortcuts for events."""

from collections.abc import Iterable
from typing import Any

from presence_tui.alerts.rule_engine import RuleEngine
from presence_tui.alerts.rules import DEFAULT_AFTER_S, AlertRule, RuleMatch, Trigger
from presence_tui.domain.participants import Conversation, Participant
from presence_tui.domain.rules import FLAG, Rule
from presence_tui.store import ChangeSet
from presence_tui.wire.messages import PresenceRow
from tests.unit.store.store_harness import HARBOUR, LIGHTHOUSE, StoreHarness

CONVERSATIONS = [
    Conversation(HARBOUR, "Harbour crew", "harbour-1"),
    Conversation(LIGHTHOUSE, "Lighthouse", "lighthouse-1"),
]
SUPPORT = ("mia", "noa")
"""Moderators of Harbour."""
OTHERS = ("ada", "bo")


def rule(kind: Trigger | str, *who: str, **fields: Any) -> AlertRule:
    """A rule with its trigger's default span, and without cooldown by default."""
    kind = Trigger(kind)
    fields = {"after_s": DEFAULT_AFTER_S.get(kind, 0.0), "cooldown_s": 0.0, **fields}
    return AlertRule(kind, who, **fields)


class AlertHarness(StoreHarness):
    """All participants are offline, their rosters read and the link synced, by default."""

    def __init__(
        self, *rules: AlertRule, states_by: Rule = FLAG, synced: bool = True, people: bool = True
    ) -> None:
        super().__init__(rule=states_by)
        self.watching = RuleEngine(self.store, rules)
        self.rings: list[RuleMatch] = []
        self.store.subscribe(self._listen)
        if people:
            self.read_rosters()
        self.watching.set_conversations(CONVERSATIONS)
        if synced:
            self.watching.set_synced(True)

    @property
    def alerts(self) -> list[tuple[str, str]]:
        """Drain the matches, as trigger and key."""
        matches, self.rings = self.rings, []
        return [(str(ring.kind), ring.key) for ring in matches]

    def read_rosters(self) -> None:
        """Read rosters: moderators and members of Harbour, one member of Lighthouse, all offline."""
        members = [Participant(key, key.title(), f"@{key}"[1:], "moderator") for key in SUPPORT]
        members += [Participant(key, key.title(), key, "member") for key in OTHERS]
        self.store.set_participants(members, HARBOUR)
        self.store.set_participants([Participant("zoe", "Zoé Béranger", "zb", "admin")], LIGHTHOUSE)
        keys = (*SUPPORT, *OTHERS, "zoe")
        self.snapshot(*(PresenceRow(key, False) for key in keys))

    def online(self, *keys: str) -> None:
        """Receive events: these keys come online, in order."""
        for key in keys:
            self.event(key, True)

    def offline(self, *keys: str) -> None:
        """Receive events: these keys go offline, in order."""
        for key in keys:
            self.event(key, False)

    def types(self, key: str) -> None:
        """Receive a typing event, and later its end."""
        self.store.apply_typing(key, HARBOUR)
        self.clock.advance(1)
        self.store.stop_typing(key)

    def wait(self, seconds: float) -> list[Any]:
        """Advance time, and run timers exactly when they are due."""
        end_s = self.clock.monotonic_s + seconds
        while (next_s := self.watching.next_s) is not None and next_s <= end_s:
            super().wait(max(0.0, next_s - self.clock.monotonic_s))
            self.rings += self.watching.due()
        return super().wait(end_s - self.clock.monotonic_s)

    def _listen(self, changed: ChangeSet) -> None:
        self.rings += self.watching.match_changes(changed)


def kinds_of(matches: Iterable[RuleMatch]) -> list[str]:
    return [str(ring.kind) for ring in matches]
