"""Collects what must be read again because of events, to read it once."""

import asyncio
from dataclasses import dataclass
from typing import Final

from presence_tui.monitor.resync import Resync
from presence_tui.monitor.watched_roster import WatchedRoster
from presence_tui.store import PresenceStore

SETTLE_S: Final = 0.5
"""Requests within this time are read together."""

PAUSE_S: Final = 5.0
"""Minimum time between two rounds."""

IN_PART_PAUSE_S: Final = 60.0

MOST_DOUBLINGS: Final = 6
"""After rounds that failed, the pause is doubled up to this often."""

DUTY: Final = 10
"""The pause after a round, as a multiple of its duration: a large roster takes many requests."""


@dataclass(frozen=True, slots=True)
class Round:
    """What to read in one round."""

    rosters: tuple[str, ...]
    people: tuple[str, ...]
    """Presence keys whose presence is to be read."""
    overtaken: tuple[str, ...]
    """Presence keys whose last event was taken for a copy, to be read if it was none."""
    conversations: bool
    """True if the list of conversations is to be read."""
    resync: bool
    """True if everything about the watched conversation is to be read, as after a gap."""


class Rereads:
    """Collects requests until the next round."""

    def __init__(self) -> None:
        self._rosters: dict[str, None] = {}
        self._people: dict[str, None] = {}
        self._overtaken: dict[str, None] = {}
        self._conversations = self._resync = False
        self._wanted = asyncio.Event()
        self._patient: asyncio.TimerHandle | None = None

    def want_roster(self, conversation_id: str) -> None:
        """Request a roster, because its members may have changed."""
        self._rosters[conversation_id] = None
        self._wanted.set()

    def want_roster_of_stranger(self, conversation_id: str, *, is_whole: bool) -> None:
        """Request a roster that may list a participant who is in no known roster.

        If the gateway lists only some of the members, strangers are usual: then it is read at most
        once in ``IN_PART_PAUSE_S``.
        """
        if is_whole:
            self.want_roster(conversation_id)
        elif self._patient is None:
            loop = asyncio.get_running_loop()
            self._patient = loop.call_later(IN_PART_PAUSE_S, self._want_patiently, conversation_id)

    def close(self) -> None:
        """Cancel the timer."""
        if self._patient is not None:
            self._patient.cancel()

    def _want_patiently(self, conversation_id: str) -> None:
        self._patient = None
        self.want_roster(conversation_id)

    def want_presence(self, key: str) -> None:
        """Request the presence of a participant, because no event reports it."""
        self._people[key] = None
        self._wanted.set()

    def want_check_of_copies(self, key: str) -> None:
        """Request what is true of a participant, unless the copies that an event lacks arrive."""
        self._overtaken[key] = None
        self._wanted.set()

    def want_conversations(self) -> None:
        """Request the list of conversations, because it may be outdated."""
        self._conversations = True
        self._wanted.set()

    def want_resync(self) -> None:
        """Request a resync, because the account may be a member of the watched conversation again."""
        self._resync = True
        self._wanted.set()

    async def next_round(self) -> Round:
        """Wait for requests, and ``SETTLE_S`` for more; return and clear them."""
        await self._wanted.wait()
        await asyncio.sleep(SETTLE_S)
        due = Round(
            tuple(self._rosters),
            tuple(self._people),
            tuple(self._overtaken),
            self._conversations,
            self._resync,
        )
        for collected in (self._rosters, self._people, self._overtaken):
            collected.clear()
        self._conversations = self._resync = False
        self._wanted.clear()
        return due

    async def pause(self, took_s: float, failures: int) -> None:
        """Wait before the next round, depending on the duration of the last one, and on how many failed in
        a row.
        """
        await asyncio.sleep(max(PAUSE_S * 2.0 ** min(failures, MOST_DOUBLINGS), DUTY * took_s))


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
