"""Where alerts of one store come together: whose rules there are, and who is told by which way.

Whoever shows or writes something (a screen, a log) brings its own ways along and opens the desk with them;
commands and webhooks are the desk's own.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from presence_tui.alerts.alarm import Alarm
from presence_tui.alerts.alert import Alert, Ring
from presence_tui.alerts.courier import Courier, Sender, Tally
from presence_tui.alerts.deliveries import Deliver, Deliveries
from presence_tui.alerts.own_rules import OwnRule, OwnRules
from presence_tui.alerts.quiet_hours import QuietHours
from presence_tui.alerts.rules import WatchRule, Way
from presence_tui.domain.participants import Conversation
from presence_tui.domain.phrases import Phrase, phrase
from presence_tui.store import PresenceStore


@dataclass(frozen=True, slots=True)
class Front:
    """What a screen, or whatever stands in its place, brings along."""

    ways: Mapping[Way, Deliver]
    say: Callable[[Alert], str]
    tell: Callable[[Phrase], None]
    """Told of troubles, once each."""
    note: Callable[[Alert], None] = lambda alert: None
    """Told of every alert, whatever its ways and the hour."""
    is_seen: Callable[[Ring], bool] = lambda ring: False


class Desk:
    """Watches for rules over a store. Inside of a running event loop; close it when done."""

    def __init__(
        self,
        store: PresenceStore,
        given: Sequence[WatchRule],
        own: OwnRules,
        gateway: str,
        *,
        quiet_hours: QuietHours | None = None,
        senders: Mapping[Way, Sender] | None = None,
    ) -> None:
        """``given`` are the rules of the configuration; ``senders`` take notices to where they go."""
        self.given = tuple(given)
        self.own = own
        self._gateway = gateway
        self._quiet_hours = quiet_hours
        self._couriers = {way: Courier(sender, self._tell) for way, sender in (senders or {}).items()}
        self._front: Front | None = None
        self._deliveries: Deliveries | None = None
        self._unplaced: set[WatchRule] = set()
        """Rules whose conversation is unknown, and of which that was told."""
        loop = asyncio.get_running_loop()
        self._alarm = Alarm(store, self.given, self._deliver, loop.call_later)

    @property
    def tallies(self) -> dict[Way, Tally]:
        """What became of the notices of each way that may fail."""
        return {way: courier.tally for way, courier in self._couriers.items()}

    async def open(self, front: Front) -> None:
        """Begin to tell. What was kept of rules is read."""
        self._front = front
        ways = {**front.ways, **{way: courier.take for way, courier in self._couriers.items()}}
        self._deliveries = Deliveries(
            ways, front.say, self._gateway, quiet_hours=self._quiet_hours, is_seen=front.is_seen
        )
        trouble = await self.own.load()
        if trouble is not None:
            self._tell(trouble)
        self._watch()

    async def put(self, rule: OwnRule) -> None:
        """Watch for this as well, from now on and the next time."""
        self.own.put(rule)
        await self._follow_own(rule)

    async def drop(self, rule: OwnRule) -> None:
        """Watch for this no longer."""
        self.own.drop(rule)
        await self._follow_own(rule)

    def note_link(self, is_vouched: bool) -> None:
        """Whether the link vouches for what is shown."""
        self._alarm.note_link(is_vouched)

    def know_conversations(self, known: Sequence[Conversation], *, are_all: bool = True) -> None:
        """These are the conversations of the account; a rule about another one is told of, once.

        Not where they may not be all, as those that are remembered; and guests are told of none.
        """
        unplaced = set(self._alarm.know_conversations(known))
        if not (known and are_all):
            return
        for rule in unplaced - self._unplaced:
            self._tell(
                phrase(
                    "A watch rule names {conversation}, which is no conversation of yours.",
                    conversation=rule.conversation,
                )
            )
        self._unplaced = unplaced

    async def close(self) -> None:
        """Watch no longer; what is on its way has a moment left."""
        self._alarm.close()
        await asyncio.gather(*(courier.close() for courier in self._couriers.values()))

    def _watch(self) -> None:
        self._alarm.watch([*self.given, *self.own.as_watched(self.own.all)])

    async def _follow_own(self, changed: OwnRule) -> None:
        # It holds at once, however slow the disk is.
        self._watch()
        trouble = await self.own.keep(changed.slot)
        if trouble is not None:
            self._tell(trouble)

    def _deliver(self, alert: Alert) -> None:
        if self._front is not None and self._deliveries is not None:
            self._front.note(alert)
            self._deliveries.tell(alert)

    def _tell(self, trouble: Phrase) -> None:
        if self._front is not None:
            self._front.tell(trouble)
