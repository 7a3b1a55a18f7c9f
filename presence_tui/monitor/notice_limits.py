"""Notices for the user that could come with every event, and how often they do."""

from collections.abc import Callable
from typing import Final

from presence_tui.domain.limits import limit_texts
from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.signals import Signal
from presence_tui.store import PresenceStore
from presence_tui.store.clock import Clock
from presence_tui.transport.errors import BoundExceeded, GatewayError

MOST_NOTICES: Final = 5
"""Notices in ``NOTICE_WINDOW_S``; the next one is replaced by a sentence, further ones are dropped."""
NOTICE_WINDOW_S: Final = 60.0

_AGAIN: Final = 10
"""Some counters grow with every event, so warning each time would flood the feed."""


class NoticeLimit:
    """Passes on the first notices of each window."""

    def __init__(self, clock: Clock, emit: Callable[[Phrase], None]) -> None:
        self._clock = clock
        self._emit = emit
        self._began_s = clock.stamp().monotonic_s
        self._count = 0

    def emit(self, notice: Phrase) -> None:
        """Emit the notice, unless there were too many of late."""
        now_s = self._clock.stamp().monotonic_s
        if now_s - self._began_s >= NOTICE_WINDOW_S:
            self._began_s, self._count = now_s, 0
        self._count += 1
        if self._count <= MOST_NOTICES:
            self._emit(notice)
        elif self._count == MOST_NOTICES + 1:
            self._emit(phrase("The gateway says more than is shown here; tail --raw has all of it."))


class LimitWarnings:
    """Emits a warning when a limit of the store is first reached, and again at each tenfold count."""

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
