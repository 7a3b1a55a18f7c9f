"""Keeps of whom events told, and what a refresh had to correct, on one connection."""

from collections.abc import Iterable

from presence_tui.audit.deaf_feed import Missed, missed_change
from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Source
from presence_tui.store import PresenceStore


class FeedRecord:
    """A connection corrects nothing at its start: what was missed before it is a gap, which is no fault."""

    def __init__(self, store: PresenceStore) -> None:
        self._store = store
        self._epoch = 0
        self._since_s = 0.0
        self._heard_s: tuple[float, ...] = ()
        self.corrected: tuple[Missed, ...] = ()
        """What the last requested refresh corrected."""

    def record_refresh(self, conversation_id: str, corrections: Iterable[Change]) -> None:
        """Record what a refresh corrected. What events told before it counts with it."""
        now_s = self._store.clock.stamp().wall_s
        self._follow_epoch()
        self._heard_s = self._told_since(conversation_id, self._since_s)
        self.corrected, self._since_s = tuple(map(self._missed, corrections)), now_s

    def heard_s(self, conversation_id: str) -> tuple[float, ...]:
        """When events told last of each member of whom one told, before the last refresh and since."""
        self._follow_epoch()
        return self._heard_s + (self._told_since(conversation_id, self._since_s) if self._since_s else ())

    def begin_epoch(self) -> None:
        """Forget what was before a new connection."""
        self._epoch, self._since_s = self._store.epochs.current, self._store.clock.stamp().wall_s
        self._heard_s, self.corrected = (), ()

    def _follow_epoch(self) -> None:
        if self._epoch != self._store.epochs.current:
            self.begin_epoch()

    def _missed(self, change: Change) -> Missed:
        told_s = 0.0 if change.known_s is None else change.at_s - change.known_s
        skew_s = self._store.states.skew_s
        return missed_change(bool(change.flag), told_s, change.last_active_s, skew_s, change.at_s)

    def _told_since(self, conversation_id: str, since_s: float) -> tuple[float, ...]:
        return tuple(
            record.received_s
            for record in self._store.rosters.records(conversation_id)
            if record.source is Source.EVENT and record.received_s >= since_s
        )
