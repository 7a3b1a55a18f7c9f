"""The audit that a user requests."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from presence_tui.audit.deaf_feed import FeedRecord
from presence_tui.domain.enums import Source
from presence_tui.monitor.conversation_choice import ConversationChoice
from presence_tui.monitor.link import LinkState
from presence_tui.monitor.memberships import Memberships
from presence_tui.monitor.resync import Resync
from presence_tui.monitor.roster_refresh import Progress, Reading, RefreshReport
from presence_tui.monitor.rosters import WatchedRoster

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.audit.findings import AuditReport


class RequestedAudit:
    """Compares the watched conversation with the gateway's runtime, one pass at a time."""

    def __init__(
        self,
        reading: Reading,
        choice: ConversationChoice,
        roster: WatchedRoster,
        resync: Resync,
        memberships: Memberships,
    ) -> None:
        self._reading = reading
        self._store = reading.store
        self._choice = choice
        self._roster = roster
        self._resync = resync
        self._memberships = memberships
        self._feed_record = FeedRecord(reading.store)
        self._is_running = False
        self.sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
        """Makes the pauses between answers; replaced in tests."""

    def on_live(self) -> None:
        """A connection began, which knows nothing of the corrections of an earlier one."""
        self._feed_record.begin_epoch()

    def on_refreshed(self, report: RefreshReport) -> None:
        """A requested refresh has ended; flags that it corrected were missed events.

        A newer sign of life is none: gateways do not tell each of them.
        """
        if report.runtime_asked:
            watched_id = self._choice.watched_id
            turned = {change.key: change for change in report.changes if change.has_turned}
            self._feed_record.record_refresh(watched_id, turned.values())

    async def run(self, on_progress: Callable[[Progress], None]) -> "AuditReport | None":
        """Wait for the end of other reads, then compare; ``None`` if an audit is already running.

        Errors are in the report. May be cancelled, and corrects nothing.
        """
        if self._is_running:
            return None
        self._is_running = True
        try:
            async with self._reading.lock:
                return await self._compare(on_progress)
        finally:
            self._is_running = False

    async def _compare(self, on_progress: Callable[[Progress], None]) -> "AuditReport":
        from presence_tui.audit.audit_pass import AuditPass
        from presence_tui.audit.findings import AuditReport

        conversation_id = self._choice.watched_id
        if not self._is_current():
            return AuditReport(self._store.clock.stamp().wall_s, was_interrupted=True)
        last = self._roster.last_report
        audit = AuditPass(
            self._reading.source,
            self._store,
            self._feed_record,
            own_key=self._reading.account.key,
            rosters_are_known=len(self._choice.listed) == 1 and last is not None and last.is_whole,
            sleep=self.sleep,
            on_progress=lambda done, total: on_progress(Progress(Source.RUNTIME, done, total)),
        )
        report = await audit.run(conversation_id)
        if not self._is_current() or self._choice.watched_id != conversation_id:
            report.was_interrupted = True
            report.findings.clear()
        return report

    def _is_current(self) -> bool:
        """True while events arrive and everybody was read since the connection began."""
        status = self._reading.link.status
        is_synced = status.state is LinkState.LIVE and self._resync.status.is_synced
        # Of a conversation that is not ours the runtime says false about everybody.
        return is_synced and self._memberships.end_of(self._choice.watched_id) is None
