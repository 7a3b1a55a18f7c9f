"""The alerts of one store: active rules, and delivery to commands and webhooks.

Front ends receive every alert and display it themselves.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence

from presence_tui.alerts.delivery import DeliveryCounters, DeliveryQueue, Sender
from presence_tui.alerts.router import AlertRouter, QuietHours
from presence_tui.alerts.rule_selector import MarkedPeople
from presence_tui.alerts.rules import Alert, AlertRule, Channel
from presence_tui.alerts.scheduler import AlertScheduler
from presence_tui.alerts.user_rules import UserRule, UserRules
from presence_tui.domain.participants import Conversation
from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.store import PresenceStore, Record

Saving = Coroutine[None, None, None]
"""Writes a file. What it writes applies already."""


class AlertService:
    """Evaluates rules over a store. Needs a running event loop; close it when done."""

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
        """``senders`` deliver notices by command and webhook.

        ``on_alert`` is called with every alert, and true within quiet hours. ``on_trouble`` is called once
        for each error.
        """
        self.configured_rules = tuple(configured_rules)
        self._store = store
        self._marked = MarkedPeople((), store)
        self._conversations: Sequence[Conversation] = ()
        self._you = ""
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
        """Rules with an unknown conversation that were already reported."""
        loop = asyncio.get_running_loop()
        self._scheduler = AlertScheduler(store, self.configured_rules, self._deliver, loop.call_later)

    @property
    def counters(self) -> dict[Channel, DeliveryCounters]:
        """Delivery results of each channel with a queue."""
        return {channel: queue.counters for channel, queue in self._queues.items()}

    async def open(self) -> None:
        """Load the user's rules and start to evaluate all rules."""
        error = await self.user_rules.load()
        if error is not None:
            self._on_trouble(error)
        self._apply_rules()

    @property
    def names_anybody(self) -> bool:
        """True if a rule names somebody."""
        return self._marked.names_anybody

    def has_rule_about(self, key: str) -> bool:
        """True if a rule names this participant."""
        record = self._store.get_user_by_id(key)
        return record is not None and self._marked.are_named(record)

    def marks(self, record: Record) -> bool:
        """True if a rule names this participant, or selects them by role."""
        return self._marked.include(record)

    def add_rule(self, rule: UserRule) -> Saving:
        """Add a user rule; await the result to store it."""
        self.user_rules.add(rule)
        return self._apply_and_save(rule)

    def remove_rule(self, rule: UserRule) -> Saving:
        """Remove a user rule; await the result to store the removal."""
        self.user_rules.remove(rule)
        return self._apply_and_save(rule)

    def restore_removed_rule(self) -> Saving | None:
        """Restore the last removed user rule; await the result to store it. ``None`` if there is none."""
        rule = self.user_rules.restore_removed()
        return None if rule is None else self._apply_and_save(rule)

    def set_own_key(self, key: str) -> None:
        """Set our own presence key, whose changes match no rule."""
        self._you = self._marked.you = key
        self._scheduler.engine.set_own_key(key)

    def set_synced(self, is_synced: bool) -> None:
        """Set whether the link is synced."""
        self._scheduler.set_synced(is_synced)

    def set_conversations(self, known: Sequence[Conversation], *, are_all: bool = True) -> None:
        """Set the account's conversations, and report once each rule about another one.

        Nothing is reported for an incomplete list (``are_all=False``) or an empty one, as guests have.
        """
        self._conversations = known
        self._marked.set_conversations(known)
        unresolved = set(self._scheduler.engine.set_conversations(known))
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
        """Stop; deliveries in progress get a short time to finish."""
        self._scheduler.close()
        await asyncio.gather(*(queue.close() for queue in self._queues.values()))

    def _apply_rules(self) -> None:
        rules = [*self.configured_rules, *self.user_rules.as_alert_rules(self.user_rules.all)]
        self._marked = MarkedPeople(rules, self._store)
        self._marked.you = self._you
        self._marked.set_conversations(self._conversations)
        self._scheduler.set_rules(rules)

    def _apply_and_save(self, changed: UserRule) -> Saving:
        self._apply_rules()
        return self._save(changed)

    async def _save(self, changed: UserRule) -> None:
        error = await self.user_rules.save(changed.slot)
        if error is not None:
            self._on_trouble(error)

    def _deliver(self, alert: Alert) -> None:
        is_quiet = self._quiet_hours is not None and self._quiet_hours.cover(alert.at_s)
        self._on_alert(alert, is_quiet)
        self._router.route(alert, is_quiet)
