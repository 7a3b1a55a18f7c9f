"""One timer for all rules of a store, set to the next due time, and the grouping of matches into alerts."""

from collections.abc import Callable, Iterable
from typing import Final, Protocol

from presence_tui.alerts.rule_engine import RuleEngine
from presence_tui.alerts.rules import Alert, AlertRule, RuleMatch, Trigger, without_repeats
from presence_tui.store import ChangeSet, PresenceStore

GATHER_S: Final = 1.0
"""People who lose a connection together come back within about a second."""
PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 60.0
ONE_BY_ONE: Final = 3
"""More matches than this in one alert are a burst."""


class AlertGrouper:
    """Collects matches: those within a second form one alert, and alerts keep a minimum distance.

    In a long burst the distance doubles, up to a minute. Times are monotonic seconds, except those in alerts.
    """

    def __init__(self) -> None:
        self._waiting: list[RuleMatch] = []
        self._due_s: float | None = None
        self._quiet_until_s = float("-inf")
        self._pause_s = PAUSE_S

    @property
    def next_s(self) -> float | None:
        """When the next alert is due; ``None`` if nothing is queued."""
        return self._due_s

    def add(self, matches: list[RuleMatch], now_s: float) -> None:
        """Add matches of ``now_s``."""
        if not matches:
            return
        self._waiting += matches
        if self._due_s is None:
            if now_s >= self._quiet_until_s + self._pause_s:
                self._pause_s = PAUSE_S
            self._due_s = max(now_s + GATHER_S, self._quiet_until_s)
        if any(match.kind is Trigger.EMPTY for match in matches):
            # The rule has already waited for its own time.
            self._due_s = min(self._due_s, now_s + GATHER_S)

    def drain(self, now_s: float, at_s: float) -> Alert | None:
        """Return the alert due at ``now_s`` (``at_s`` in Unix seconds), or ``None``."""
        if self._due_s is None or now_s < self._due_s:
            return None
        matches, self._waiting, self._due_s = without_repeats(self._waiting), [], None
        is_busy = len(matches) > ONE_BY_ONE
        self._pause_s = min(LONGEST_PAUSE_S, self._pause_s * 2) if is_busy else PAUSE_S
        self._quiet_until_s = now_s + self._pause_s
        return Alert(at_s, matches)


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
        self.engine = RuleEngine(store, rules)
        """Replace its rules and set its link by the methods here, which also set the timer."""
        self._grouper = AlertGrouper()
        self._deliver = deliver
        self._call_later = call_later
        self._timer: Timer | None = None
        self._timer_due_s: float | None = None
        self._unsubscribe = store.subscribe(self._on_changes)

    def set_rules(self, rules: Iterable[AlertRule]) -> None:
        """Replace the rules."""
        self.engine.set_rules(rules)
        self._set_timer()

    def set_synced(self, is_synced: bool) -> None:
        """Set whether the link is synced."""
        # Changes before the link changed are evaluated with its old state.
        self._store.flush()
        self.engine.set_synced(is_synced)
        self._set_timer()

    def close(self) -> None:
        """Unsubscribe from the store and drop matches not yet delivered."""
        self._unsubscribe()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_changes(self, changed: ChangeSet) -> None:
        self._grouper.add(self.engine.match_changes(changed), self._now_s())
        self._set_timer()

    def _set_timer(self) -> None:
        moments = [each for each in (self.engine.next_s, self._grouper.next_s) if each is not None]
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
        if self.engine.is_holding:
            # What has not been delivered yet counts too.
            self._store.flush()
        self._grouper.add(self.engine.due(), self._now_s())
        now = self._store.clock.stamp()
        alert = self._grouper.drain(now.monotonic_s, now.wall_s)
        self._set_timer()
        if alert is not None:
            self._deliver(alert)

    def _now_s(self) -> float:
        return self._store.clock.stamp().monotonic_s
