"""Requests the watched roster when a participant appears who is in no known roster."""

from presence_tui.monitor.rereads import Rereads
from presence_tui.monitor.resync import Resync
from presence_tui.monitor.watched_roster import WatchedRoster
from presence_tui.store import PresenceStore


class StrangerRereads:
    """Compares the store's count of strangers; ``check`` is called after its changes."""

    def __init__(self, store: PresenceStore, rereads: Rereads, roster: WatchedRoster, resync: Resync) -> None:
        self._store = store
        self._rereads = rereads
        self._roster = roster
        self._resync = resync
        self._strangers_met = store.strangers_met

    def check(self) -> None:
        """Request the roster once for all strangers met since the last check."""
        if self._store.strangers_met == self._strangers_met:
            return
        self._strangers_met = self._store.strangers_met
        conversation_id, report = self._roster.target.conversation_id, self._roster.last_report
        # A roster that is still to be read will list them if they belong to it.
        if conversation_id and report is not None and self._resync.status.is_synced:
            self._rereads.want_roster_of_stranger(conversation_id, is_whole=report.is_whole)
