"""Compares how much events told with how much a refresh had to correct, on one connection."""

from presence_tui.domain.enums import Source
from presence_tui.store import PresenceStore


class FeedRecord:
    """A connection corrects nothing at its start: what was missed before it is a gap, which is no fault."""

    def __init__(self, store: PresenceStore) -> None:
        self._store = store
        self._epoch = 0
        self._since_s = 0.0
        self._heard = 0
        self.corrected = 0
        """Participants whom the last requested refresh corrected."""

    def record_refresh(self, conversation_id: str, corrected: int) -> None:
        """Record the result of a refresh. What events told before it counts with it."""
        now_s = self._store.clock.stamp().wall_s
        self._follow_epoch()
        self._heard = self._told_since(conversation_id, self._since_s)
        self.corrected, self._since_s = corrected, now_s

    def heard(self, conversation_id: str) -> int:
        """Members about whom events told, before the last refresh and since."""
        self._follow_epoch()
        return self._heard + (self._told_since(conversation_id, self._since_s) if self._since_s else 0)

    def begin_epoch(self) -> None:
        """Forget what was before a new connection."""
        self._epoch, self._since_s = self._store.epochs.current, self._store.clock.stamp().wall_s
        self._heard = self.corrected = 0

    def _follow_epoch(self) -> None:
        if self._epoch != self._store.epochs.current:
            self.begin_epoch()

    def _told_since(self, conversation_id: str, since_s: float) -> int:
        return sum(
            record.source is Source.EVENT and record.received_s >= since_s
            for record in self._store.rosters.records(conversation_id)
        )
