"""One timer for all rules of a store, set to the next due time."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from presence_tui.alerts.alert import Alert
from presence_tui.alerts.grouping import AlertGrouper
from presence_tui.alerts.rule_engine import RuleEngine
from presence_tui.alerts.rules import AlertRule
from presence_tui.domain.participants import Conversation
from presence_tui.store import ChangeSet, PresenceStore


class Timer(Protocol):
    """A handle as returned by ``CallLater``."""

    def cancel(self) -> None:
        """Cancel the call."""
        ...


CallLater = Callable[[float, Callable[[], object]], Timer]
"""Like ``call_later`` of an event loop: delay in seconds and callback."""


class AlertScheduler:
    """Subscribes to a store and delivers each alert when it is due. Close it when done."""

    def __init__(
        self,
        store: PresenceStore,
        rules: Iterable[AlertRule],
        deliver: Callable[[Alert], None],
        call_later: CallLater,
    ) -> None:
        self._store = store
        self._engine = RuleEngine(store, rules)
        self._grouper = AlertGrouper()
        self._deliver = deliver
        self._call_later = call_later
        self._timer: Timer | None = None
        self._timer_due_s: float | None = None
        self._unsubscribe = store.subscribe(self._on_changes)

    @property
    def rules(self) -> tuple[AlertRule, ...]:
        return self._engine.rules

    def set_rules(self, rules: Iterable[AlertRule]) -> None:
        """Replace the rules."""
        self._engine.set_rules(rules)
        self._set_timer()

    def set_conversations(self, known: Sequence[Conversation]) -> list[AlertRule]:
        """Set all conversations and return the rules whose conversation is not among them."""
        return self._engine.set_conversations(known)

    def know_self(self, key: str) -> None:
        """Set our own presence key, whose changes match no rule."""
        self._engine.know_self(key)

    def set_synced(self, is_synced: bool) -> None:
        """Set whether the link is synced."""
        # Changes before the link changed are evaluated with its old state.
        self._store.flush()
        self._engine.set_synced(is_synced)
        self._set_timer()

    def close(self) -> None:
        """Unsubscribe from the store and drop matches not yet delivered."""
        self._unsubscribe()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_changes(self, changed: ChangeSet) -> None:
        self._grouper.add(self._engine.match_changes(changed), self._now_s())
        self._set_timer()

    def _set_timer(self) -> None:
        moments = [each for each in (self._engine.next_s, self._grouper.next_s) if each is not None]
        next_s = min(moments, default=None)
        if next_s == self._timer_due_s:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._timer_due_s = next_s
        if next_s is not None:
            self._timer = self._call_later(max(0.0, next_s - self._now_s()), self._fire)

    def _fire(self) -> None:
        self._timer = self._timer_due_s = None
        if self._engine.is_holding:
            # What has not been delivered yet counts too.
            self._store.flush()
        self._grouper.add(self._engine.due(), self._now_s())
        now = self._store.clock.stamp()
        alert = self._grouper.drain(now.monotonic_s, now.wall_s)
        self._set_timer()
        if alert is not None:
            self._deliver(alert)

    def _now_s(self) -> float:
        return self._store.clock.stamp().monotonic_s
