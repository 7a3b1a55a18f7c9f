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
        configured_rules: Sequence[AlertRule],
        user_rules: UserRules,
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
        self.configured_rules = tuple(configured_rules)
        self.user_rules = user_rules
        self._quiet_hours = quiet_hours
        self._on_alert = on_alert
        self._on_trouble = on_trouble
        self._queues = {
            channel: DeliveryQueue(sender, on_trouble) for channel, sender in (senders or {}).items()
        }
        channels = {channel: queue.enqueue for channel, queue in self._queues.items()}
        self._router = AlertRouter(channels, sentence_of, gateway)
        self._unresolved: set[AlertRule] = set()
        """Rules whose conversation is unknown, and of which that was told."""
        loop = asyncio.get_running_loop()
        self._scheduler = AlertScheduler(store, self.configured_rules, self._deliver, loop.call_later)

    @property
    def counters(self) -> dict[Channel, DeliveryCounters]:
        """What became of the notices of each way that may fail."""
        return {channel: queue.counters for channel, queue in self._queues.items()}

    async def open(self) -> None:
        """Load the rules made by the user, and watch for all of them from now on."""
        trouble = await self.user_rules.load()
        if trouble is not None:
            self._on_trouble(trouble)
        self._apply_rules()

    async def add_rule(self, rule: UserRule) -> None:
        """Watch for this as well, from now on and the next time."""
        self.user_rules.add(rule)
        await self._apply_and_save(rule)

    async def remove_rule(self, rule: UserRule) -> None:
        """Watch for this no longer."""
        self.user_rules.remove(rule)
        await self._apply_and_save(rule)

    def know_self(self, key: str) -> None:
        """Our own presence key: what we do ourselves rings nothing."""
        self._scheduler.know_self(key)

    def set_synced(self, is_synced: bool) -> None:
        """Whether the link vouches for what is shown."""
        self._scheduler.set_synced(is_synced)

    def set_conversations(self, known: Sequence[Conversation], *, are_all: bool = True) -> None:
        """These are the conversations of the account; a rule about another one is told of, once.

        Not where they may not be all, as those that are remembered; and guests are told of none.
        """
        unresolved = set(self._scheduler.set_conversations(known))
        if not (known and are_all):
            return
        for rule in unresolved - self._unresolved:
            self._on_trouble(
                phrase(
                    "A watch rule names {conversation}, which is no conversation of yours.",
                    conversation=rule.conversation,
                )
            )
        self._unresolved = unresolved

    async def close(self) -> None:
        """Watch no longer; what is on its way has a moment left."""
        self._scheduler.close()
        await asyncio.gather(*(queue.close() for queue in self._queues.values()))

    def _apply_rules(self) -> None:
        self._scheduler.set_rules(
            [*self.configured_rules, *self.user_rules.as_alert_rules(self.user_rules.all)]
        )

    async def _apply_and_save(self, changed: UserRule) -> None:
        # It holds at once, however slow the disk is.
        self._apply_rules()
        trouble = await self.user_rules.save(changed.slot)
        if trouble is not None:
            self._on_trouble(trouble)

    def _deliver(self, alert: Alert) -> None:
        is_quiet = self._quiet_hours is not None and self._quiet_hours.cover(alert.at_s)
        self._on_alert(alert, is_quiet)
        self._router.route(alert, is_quiet)
