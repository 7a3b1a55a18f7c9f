"""A store with people, rules that watch it, and short ways to let things happen."""

from collections.abc import Iterable
from typing import Any

from presence_tui.alerts.alert import RuleMatch
from presence_tui.alerts.rule_engine import RuleEngine
from presence_tui.alerts.rules import DEFAULT_AFTER_S, AlertRule, Trigger
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
    """A rule with the usual span of its kind, and no cool-down unless told otherwise."""
    kind = Trigger(kind)
    fields = {"after_s": DEFAULT_AFTER_S.get(kind, 0.0), "cooldown_s": 0.0, **fields}
    return AlertRule(kind, who, **fields)


class AlertHarness(StoreHarness):
    """Everybody is offline, read, and the link vouches for it, unless told otherwise."""

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
        """What rang, as kind and key, since this was asked last."""
        matches, self.rings = self.rings, []
        return [(str(ring.kind), ring.key) for ring in matches]

    def read_rosters(self) -> None:
        """Moderators and plain members of Harbour, one of Lighthouse, all offline."""
        members = [Participant(key, key.title(), f"@{key}"[1:], "moderator") for key in SUPPORT]
        members += [Participant(key, key.title(), key, "member") for key in OTHERS]
        self.store.set_participants(members, HARBOUR)
        self.store.set_participants([Participant("zoe", "Zoé Béranger", "zb", "admin")], LIGHTHOUSE)
        keys = (*SUPPORT, *OTHERS, "zoe")
        self.snapshot(*(PresenceRow(key, False) for key in keys))

    def online(self, *keys: str) -> None:
        """Events tell that these are online, in this order."""
        for key in keys:
            self.event(key, True)

    def offline(self, *keys: str) -> None:
        """Events tell that these are offline, in this order."""
        for key in keys:
            self.event(key, False)

    def types(self, key: str) -> None:
        """A typing event arrives, and somewhat later its end."""
        self.store.apply_typing(key, HARBOUR)
        self.clock.advance(1)
        self.store.stop_typing(key)

    def wait(self, seconds: float) -> list[Any]:
        """Time passes, and whoever waits for it is woken just when it is time."""
        end_s = self.clock.monotonic_s + seconds
        while (next_s := self.watching.next_s) is not None and next_s <= end_s:
            super().wait(max(0.0, next_s - self.clock.monotonic_s))
            self.rings += self.watching.due()
        return super().wait(end_s - self.clock.monotonic_s)

    def _listen(self, changed: ChangeSet) -> None:
        self.rings += self.watching.match_changes(changed)


def kinds_of(matches: Iterable[RuleMatch]) -> list[str]:
    return [str(ring.kind) for ring in matches]
