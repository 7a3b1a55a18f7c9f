"""Collects what must be read again because of events, and reads it in rounds."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from presence_tui.monitor.link import LinkState
from presence_tui.monitor.resync import Resync
from presence_tui.monitor.roster_refresh import Reading, RefreshReport
from presence_tui.monitor.rosters import WatchedRoster
from presence_tui.monitor.signals import Signal
from presence_tui.store import PresenceStore, Record
from presence_tui.store.evidence import lacks_copies
from presence_tui.store.rosters import NEWCOMERS
from presence_tui.transport.errors import PASSING, AccessDenied, GatewayError

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


class RereadRounds:
    """Reads in rounds. Failures leave the known state unchanged; those that may pass are made up for, because
    nothing else tells what changed. The first failure in a row is emitted.
    """

    def __init__(self, reading: Reading, roster: WatchedRoster, rereads: Rereads) -> None:
        self._reading = reading
        self._store = reading.store
        self._account = reading.account
        self._roster = roster
        self._rereads = rereads
        self._failures = 0
        """Rounds in a row that failed."""
        self.unprepared: Signal[None] = Signal()
        """Emitted instead of a round if the account must be read first."""
        self.resync_due: Signal[None] = Signal()
        """Emitted in a round that includes a resync."""
        self.failed: Signal[GatewayError] = Signal()
        self.reported: Signal[tuple[str, RefreshReport]] = Signal()
        """Emits every report with the id of its conversation."""

    async def run(self) -> None:
        """Read round after round, until cancelled. Skipped without a link, whose return reads everything."""
        while True:
            due = await self._rereads.next_round()
            if self._reading.link.status.state is not LinkState.LIVE:
                continue
            if not self._account.is_prepared:
                self.unprepared.emit(None)
                continue
            if due.resync:
                self.resync_due.emit(None)
            began_s = self._store.clock.stamp().monotonic_s
            async with self._reading.lock:
                failed = await self._read(due)
            self._failures = self._failures + 1 if failed else 0
            await self._rereads.pause(self._store.clock.stamp().monotonic_s - began_s, self._failures)

    async def _read(self, due: Round) -> bool:
        """Read; what failed for now is requested again. True if anything did."""
        failed = False
        lacking = self._lacking_copies(due.overtaken)
        people = list(dict.fromkeys([*due.people, *(record.key for record in lacking)]))
        if due.conversations:
            self._account.mark_list_old()
        if isinstance(await self._account.read_list_if_old(), PASSING):
            failed = True
            self._rereads.want_conversations()
        if people and isinstance(await self._read_presence(people), PASSING):
            failed = True
            for key in people:
                self._rereads.want_presence(key)
        errors: dict[str, GatewayError | None] = {}
        for conversation_id in due.rosters:
            errors[conversation_id] = await self._read_roster(conversation_id)
        for record in lacking:
            await self._read_a_roster_of(record, errors)
        for conversation_id, error in errors.items():
            if isinstance(error, PASSING):
                failed = True
                self._rereads.want_roster(conversation_id)
        return failed

    def _lacking_copies(self, keys: Sequence[str]) -> list[Record]:
        found = (self._store.get_user_by_id(key) for key in keys)
        return [record for record in found if record is not None and lacks_copies(record)]

    async def _read_a_roster_of(self, record: Record, errors: dict[str, GatewayError | None]) -> None:
        """Read a roster that lists them, the watched one first. Refused ones are those of former members.

        ``errors`` has what was read in this round already.
        """
        watched = self._roster.target.conversation_id
        shared = [each for each in record.conversations if each != NEWCOMERS]
        for conversation_id in sorted(shared, key=lambda each: each != watched):
            if conversation_id not in errors:
                errors[conversation_id] = await self._read_roster(conversation_id)
            if not isinstance(errors[conversation_id], AccessDenied):
                return

    async def _read_roster(self, conversation_id: str) -> GatewayError | None:
        report = await self._reading.refresh().run(conversation_id, ask_runtime=False)
        self.reported.emit((conversation_id, report))
        self._reading.limit_warnings.check_errors(report.roster_error)
        if report.roster_error is not None:
            self._emit(report.roster_error)
        else:
            self._roster.keep_report(conversation_id, report)
        return report.error

    async def _read_presence(self, keys: Sequence[str]) -> GatewayError | None:
        try:
            await self._reading.refresh().read_presence(keys)
        except GatewayError as error:
            self._reading.limit_warnings.check_errors(error)
            self._emit(error)
            return error
        return None

    def _emit(self, error: GatewayError) -> None:
        if not self._failures:
            self.failed.emit(error)
