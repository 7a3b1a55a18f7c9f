"""Emits a warning when a limit of the store is first reached, and again at each tenfold count."""

from presence_tui.domain.limits import limit_texts
from presence_tui.domain.translatable import Phrase
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.signals import Signal
from presence_tui.store import PresenceStore
from presence_tui.transport.errors import BoundExceeded, GatewayError

_AGAIN = 10
"""Some counters grow with every event, so warning each time would flood the feed."""


class LimitWarnings:
    """Checks the store's limit counters; ``warned`` emits the sentences."""

    def __init__(self, store: PresenceStore, counters: EventCounters | None = None) -> None:
        self._store = store
        self._counters = counters or EventCounters()
        self._seen = 0
        self._next: dict[str, int] = {}
        self.warned: Signal[Phrase] = Signal()

    def check_errors(self, *errors: GatewayError | None) -> None:
        """Count the answers and frames among these that exceeded a limit, and check."""
        self._counters.too_large += sum(isinstance(error, BoundExceeded) for error in errors)
        self.check()

    def check(self) -> None:
        """Check after each change of the store. Cheap while no limit is reached."""
        total = self._store.limit_counters.total
        if total == self._seen:
            return
        self._seen = total
        for setting, (count, sentence) in limit_texts(self._store.limit_counters, self._store.bounds).items():
            if count >= self._next.get(setting, 1):
                self._next[setting] = count * _AGAIN
                self.warned.emit(sentence)
