"""Tells that a bound of the store was reached: the first time, and again whenever it is ten times as much."""

from presence_tui.domain.limits import limit_texts
from presence_tui.domain.translatable import Phrase
from presence_tui.monitor.signals import Signal
from presence_tui.store import PresenceStore

_AGAIN = 10
"""What is counted by the event would fill the feed if each were told."""


class LimitWarnings:
    """Looks at the store's counts when asked to. ``told`` hears the sentences."""

    def __init__(self, store: PresenceStore) -> None:
        self._store = store
        self._seen = 0
        self._next: dict[str, int] = {}
        self.warned: Signal[Phrase] = Signal()

    def check(self) -> None:
        """To be called after anything was folded in; costs next to nothing while no bound is reached."""
        total = self._store.limit_counters.total
        if total == self._seen:
            return
        self._seen = total
        for setting, (count, sentence) in limit_texts(self._store.limit_counters, self._store.bounds).items():
            if count >= self._next.get(setting, 1):
                self._next[setting] = count * _AGAIN
                self.warned.emit(sentence)
