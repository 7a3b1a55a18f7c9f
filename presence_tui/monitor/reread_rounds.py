"""Performs the rereads that events requested, in rounds."""

from collections.abc import Sequence

from presence_tui.monitor.link import LinkState
from presence_tui.monitor.refresh import Reading, RefreshReport
from presence_tui.monitor.rereads import Rereads, Round
from presence_tui.monitor.signals import Signal
from presence_tui.monitor.watched_roster import WatchedRoster
from presence_tui.store import Record
from presence_tui.store.evidence import lacks_copies
from presence_tui.store.rosters import NEWCOMERS
from presence_tui.transport.errors import PASSING, AccessDenied, GatewayError


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
