"""Reads what a gap may have hidden: at the start, after each reconnect, for each new conversation."""

import asyncio
from contextlib import suppress
from random import Random
from typing import Final

from presence_tui.monitor.background_tasks import run_together
from presence_tui.monitor.backoff import delay_s
from presence_tui.monitor.connection import Connection
from presence_tui.monitor.conversation_choice import ConversationChoice
from presence_tui.monitor.link import LinkState
from presence_tui.monitor.memberships import Memberships
from presence_tui.monitor.resync_state import (
    Contacted,
    Failed,
    FailedForNow,
    PauseEnded,
    Prepared,
    ResyncEvent,
    ResyncState,
    ResyncStatus,
    SnapshotDecided,
    Started,
    step,
)
from presence_tui.monitor.roster_refresh import Reading, RefreshReport
from presence_tui.monitor.rosters import WatchedRoster
from presence_tui.monitor.signals import Signal
from presence_tui.transport.credentials import Credential, CredentialHolder
from presence_tui.transport.errors import PASSING, GatewayError, RefusedForNow, SignInNeeded

FIRST_CONTACT_LIMIT_S: Final = 2.0
"""How long the first read waits for the socket, so that the roster need not be read twice."""

SNAPSHOT_LIMIT_S: Final = 3.0
"""How long to wait for a snapshot before asking by REST; there may be none (wire contract, section 2.2)."""


class SnapshotWait:
    """Waits for the snapshot of a connection. A complete one makes asking the runtime superfluous."""

    def __init__(
        self, reading: Reading, connection: Connection, choice: ConversationChoice, memberships: Memberships
    ) -> None:
        self._link = reading.link
        self._store = reading.store
        self._source = reading.source
        self._connection = connection
        self._choice = choice
        self._memberships = memberships
        self._left_out_before = 0
        """Participants dropped for lack of room before the current connection."""
        self._has_arrived = False
        self.was_complete = False
        """True if the snapshot last waited for told the state of every member."""
        connection.went_live.subscribe(lambda _: self._on_live())

    async def wait(self) -> None:
        """Wait for the snapshot, if one is to come, and mark the link as synced."""
        self._has_arrived = await self._arrived()
        if self._has_arrived:
            self._link.synced(self._store.clock.stamp().wall_s)

    def check_completeness(self) -> None:
        """Set ``was_complete``, after the wait and before the roster is read."""
        # A snapshot that exceeded the limit may lack participants whom the roster lists.
        is_whole = self._store.limit_counters.left_out == self._left_out_before
        # Without membership, no events about the members arrived.
        is_member = self._memberships.end_of(self._choice.watched_id) is None
        self.was_complete = self._has_arrived and is_whole and is_member

    async def _arrived(self) -> bool:
        attempt = self._connection.attempt
        if self._link.status.state is not LinkState.LIVE or attempt is None:
            return False
        if not self._source.profile.sends_snapshot:
            return False
        with suppress(TimeoutError):
            async with asyncio.timeout(SNAPSHOT_LIMIT_S):
                await attempt.snapshot_arrived.wait()
        return attempt.snapshot_arrived.is_set()

    def _on_live(self) -> None:
        self._left_out_before = self._store.limit_counters.left_out


class Resync:
    """Performs what the state machine in ``monitor.resync_state`` asks for."""

    def __init__(
        self,
        reading: Reading,
        connection: Connection,
        credentials: CredentialHolder,
        roster: WatchedRoster,
        snapshot: SnapshotWait,
        random: Random,
    ) -> None:
        self._link = reading.link
        self._account = reading.account
        self._lock = reading.lock
        self._connection = connection
        self._credentials = credentials
        self._roster = roster
        self._snapshot = snapshot
        self._random = random
        self._changed = asyncio.Event()
        self._contacted = asyncio.Event()
        self._pause_s = 0.0
        self.status = ResyncStatus()
        self.ended: Signal[RefreshReport] = Signal()
        """Emits the report of every resync."""
        connection.went_live.subscribe(lambda _: self._contacted.set())
        connection.failed.subscribe(lambda _: self._contacted.set())

    def apply(self, event: ResyncEvent) -> None:
        """Take a transition of the state machine."""
        self.status = step(self.status, event)
        self._changed.set()

    async def next_report(self) -> RefreshReport:
        """Wait until a resync is due, and perform it. Returns its report, which was emitted."""
        await self._until_due()
        self.apply(Started())
        async with self._lock:
            asked_with = self._credentials.current
            report = await self._read()
            await self._judge_refusals(report, asked_with)
            self._record_failure(report.error)
        self.ended.emit(report)
        return report

    async def _until_due(self) -> None:
        """Wait for events; a pause after a temporary failure ends by itself."""
        pause_until_s = asyncio.get_running_loop().time() + self._pause_s
        while self.status.state is not ResyncState.DUE:
            self._changed.clear()
            is_paused = self.status.state is ResyncState.PAUSED
            try:
                async with asyncio.timeout_at(pause_until_s if is_paused else None):
                    await self._changed.wait()
            except TimeoutError:
                # Another event may have ended the pause in the same iteration of the loop.
                if self.status.state is ResyncState.PAUSED:
                    self.apply(PauseEnded(is_live=self._link.status.state is LinkState.LIVE))

    async def _read(self) -> RefreshReport:
        try:
            await self._account.prepare()
        except GatewayError as error:
            return self._roster.fail(error)
        self.apply(Prepared())
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_CONTACT_LIMIT_S):
                await self._contacted.wait()
        self.apply(Contacted())
        # Parallel to the snapshot: a restart of the gateway must be known before participants come back.
        await run_together(self._roster.measure_clock(), self._snapshot.wait())
        self._snapshot.check_completeness()
        self.apply(SnapshotDecided())
        return await self._roster.read(ask_runtime=not self._snapshot.was_complete)

    async def _judge_refusals(self, report: RefreshReport, asked_with: Credential) -> None:
        """Replace the error of a refused token by one that says whether it is retried."""
        for field in ("roster_error", "runtime_error"):
            refusal = getattr(report, field)
            if isinstance(refusal, SignInNeeded):
                verdict = await self._connection.sign_in.judge(refusal, asked_with)
                error = verdict.error
                if not verdict.is_final and isinstance(error, SignInNeeded):
                    error = RefusedForNow(error)
                setattr(report, field, error)

    def _record_failure(self, error: GatewayError | None) -> None:
        """Without an error, the read has confirmed its target already."""
        if isinstance(error, PASSING):
            self.apply(FailedForNow())
            # On top of the pause that is asked for, which may be none.
            self._pause_s = (error.retry_after_s or 0.0) + delay_s(self.status.failures, self._random)
        elif error is not None:
            self.apply(Failed())
