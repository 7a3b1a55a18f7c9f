"""The alerts of one store: the rules in force, and their delivery to commands and webhooks.

A front end is handed every alert, and shows or rings it in its own ways.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from presence_tui.alerts.alert import Alert
from presence_tui.alerts.delivery_queue import DeliveryCounters, DeliveryQueue, Sender
from presence_tui.alerts.quiet_hours import QuietHours
from presence_tui.alerts.router import AlertRouter
from presence_tui.alerts.rules import AlertRule, Channel
from presence_tui.alerts.scheduler import AlertScheduler
from presence_tui.alerts.user_rules import UserRule, UserRules
from presence_tui.domain.participants import Conversation
from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.store import PresenceStore


class AlertService:
    """Watches for rules over a store. Inside of a running event loop; close it when done."""

    def __init__(
        self,
        store: PresenceStore,
        given: Sequence[AlertRule],
        own: UserRules,
        gateway: str,
        *,
        sentence_of: Callable[[Alert], str],
        on_alert: Callable[[Alert, bool], object],
        on_trouble: Callable[[Phrase], None],
        quiet_hours: QuietHours | None = None,
        senders: Mapping[Channel, Sender] | None = None,
    ) -> None:
        """``given`` are the rules of the configuration; ``senders`` take notices to where they go.

        ``on_alert`` is called with every alert, and true inside of quiet hours: what a front end shows or
        rings is its own business. ``on_trouble`` is called with each trouble, once.
        """
        self.given = tuple(given)
        self.own = own
        self._quiet_hours = quiet_hours
        self._on_alert = on_alert
        self._on_trouble = on_trouble
        self._couriers = {way: DeliveryQueue(sender, on_trouble) for way, sender in (senders or {}).items()}
        ways = {way: courier.take for way, courier in self._couriers.items()}
        self._deliveries = AlertRouter(ways, sentence_of, gateway)
        self._unplaced: set[AlertRule] = set()
        """Rules whose conversation is unknown, and of which that was told."""
        loop = asyncio.get_running_loop()
        self._alarm = AlertScheduler(store, self.given, self._deliver, loop.call_later)

    @property
    def tallies(self) -> dict[Channel, DeliveryCounters]:
        """What became of the notices of each way that may fail."""
        return {way: courier.tally for way, courier in self._couriers.items()}

    async def open(self) -> None:
        """Load the rules made by the user, and watch for all of them from now on."""
        trouble = await self.own.load()
        if trouble is not None:
            self._on_trouble(trouble)
        self._watch()

    async def put(self, rule: UserRule) -> None:
        """Watch for this as well, from now on and the next time."""
        self.own.put(rule)
        await self._follow_own(rule)

    async def drop(self, rule: UserRule) -> None:
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
            self._on_trouble(
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

    async def _follow_own(self, changed: UserRule) -> None:
        # It holds at once, however slow the disk is.
        self._watch()
        trouble = await self.own.keep(changed.slot)
        if trouble is not None:
            self._on_trouble(trouble)

    def _deliver(self, alert: Alert) -> None:
        is_quiet = self._quiet_hours is not None and self._quiet_hours.cover(alert.at_s)
        self._on_alert(alert, is_quiet)
        self._deliveries.tell(alert, is_quiet)
