"""Reads the rosters that are shown: the watched one, and those beside it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from presence_tui.domain.enums import Source
from presence_tui.domain.participants import Conversation
from presence_tui.monitor.conversation_choice import ConversationChoice
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.gateway_clock import GatewayClock
from presence_tui.monitor.link import LinkState
from presence_tui.monitor.resync_state import Target
from presence_tui.monitor.roster_refresh import Progress, Reading, RefreshReport, RosterRefresh
from presence_tui.monitor.signals import Signal
from presence_tui.store import PresenceStore
from presence_tui.transport.errors import (
    PASSING,
    AccessDenied,
    GatewayError,
    NoConversation,
    NotFound,
    UnexpectedAnswer,
)
from presence_tui.transport.presence_source import PresenceSource, Timing
from presence_tui.wire.messages import PresenceRow

MAX_SECONDARY_ROSTERS: Final = 12
MAX_SECONDARY_MEMBERS: Final = 200
"""Limits for rosters read only for their counts: conversations, and members of each."""


class WatchedRoster:
    """Reads the watched conversation, for a resync or a refresh, and keeps the last report."""

    def __init__(
        self,
        reading: Reading,
        choice: ConversationChoice,
        clock: GatewayClock,
    ) -> None:
        self._reading = reading
        self._source = reading.source
        self._store = reading.store
        self._link = reading.link
        self._account = reading.account
        self._limit_warnings = reading.limit_warnings
        self._choice = choice
        self._clock = clock
        self._uptime_s: float | None = None
        """Uptime of the gateway as last reported."""
        self.last_report: RefreshReport | None = None
        """The last read of the watched conversation; ``None`` before that."""
        self.confirmed: Signal[Target] = Signal()
        """Emits what was read without error."""
        self.reported: Signal[tuple[str, RefreshReport]] = Signal()
        """Emits every report that the gateway answered for, with the id of its conversation."""
        choice.changed.subscribe(lambda _: self._forget_report())

    @property
    def target(self) -> Target:
        """What a read that starts now confirms."""
        return Target(self._store.epochs.current, self._choice.watched_id)

    async def read(
        self,
        *,
        ask_runtime: bool,
        on_progress: Callable[[Progress], None] = lambda progress: None,
        is_measured: bool = True,
    ) -> RefreshReport:
        """Read; errors are in the report. ``is_measured`` is true if the clock skew was just measured."""
        report = await self._read(ask_runtime, on_progress, is_measured=is_measured)
        if isinstance(report.error, NotFound | UnexpectedAnswer) and await self._source.rediscover():
            # The gateway was replaced by one of the other contract version.
            self._account.forget()
            report = await self._read(True, on_progress, is_measured=True)
        return report

    def fail(self, error: GatewayError) -> RefreshReport:
        """Make and keep the report of a read that could not begin."""
        self._limit_warnings.check_errors(error)
        self.last_report = RefreshReport(roster_error=error)
        return self.last_report

    def keep_report(self, conversation_id: str, report: RefreshReport) -> None:
        """Keep a report made elsewhere, if it is about the watched conversation."""
        if self._choice.is_watched(conversation_id):
            self.last_report = report

    async def measure_clock(self) -> None:
        """Measure the clock skew again, because clocks are adjusted."""
        try:
            health, timing = await self._source.health()
        except PASSING:
            return
        except GatewayError:
            # Not every gateway has a health route.
            self._keep_timing(self._source.time_of_answers())
            return
        self._keep_timing(timing)
        self._uptime_s = health.uptime_s
        if health.uptime_s is not None:
            self._store.epochs.record_boot(self._store.clock.stamp().wall_s - health.uptime_s)

    def _keep_timing(self, timing: Timing | None) -> None:
        """Without a measured time, no skew is assumed."""
        if timing is not None:
            self._clock.on_timing(timing)

    async def _read(
        self, ask_runtime: bool, on_progress: Callable[[Progress], None], *, is_measured: bool
    ) -> RefreshReport:
        try:
            await self._account.prepare()
        except GatewayError as error:
            return self.fail(error)
        if self._choice.watched is None:
            return self.fail(NoConversation())
        if not is_measured:
            await self.measure_clock()
        asked_s, target = self._store.clock.stamp().wall_s, self.target
        refresh = self._reading.refresh(on_progress, uptime_s=self._uptime_s)
        report = await refresh.run(target.conversation_id, ask_runtime=ask_runtime)
        if report.error is None:
            self.confirmed.emit(target)
            self._link.synced(asked_s)
        self._confirm_ourselves()
        self.reported.emit((target.conversation_id, report))
        self._limit_warnings.check_errors(report.roster_error, report.runtime_error)
        self.last_report = report
        return report

    def _confirm_ourselves(self) -> None:
        """While live we are online, even if the account is hidden and nobody is notified."""
        record = self._store.get_user_by_id(self._account.key)
        if record is None or self._link.status.state is not LinkState.LIVE:
            return
        if record.flag is None or self._store.epochs.unconfirmed_since_s(record) is not None:
            self._store.apply_answers(
                [PresenceRow(self._account.key, True)], Source.SNAPSHOT, self._store.clock.stamp()
            )

    def _forget_report(self) -> None:
        self.last_report = None


class SecondaryRosters:
    """Reads the rosters beside the watched one, and small others for their counts, after each possible gap.

    Errors are emitted and leave the known state unchanged.
    """

    def __init__(self, source: PresenceSource, store: PresenceStore, counters: EventCounters) -> None:
        self._source = source
        self._store = store
        self._counters = counters
        self._refresh_lock = asyncio.Lock()
        self._read_epochs: dict[str, int] = {}
        """Conversation id to the epoch in which its roster was read."""
        self.beside: list[Conversation] = []
        self.reports: dict[str, RefreshReport] = {}
        """Conversation id to the last report, for secondary conversations."""
        self.refreshed: Signal[Conversation] = Signal()
        """Emits a secondary conversation after it was read, successfully or not."""
        self.failed: Signal[GatewayError] = Signal()
        self.reported: Signal[tuple[str, RefreshReport]] = Signal()
        """Emits every report with the id of its conversation."""

    def select(self, conversations: Sequence[Conversation]) -> None:
        """Replace the secondary conversations; rosters already read stay in the store."""
        self.beside = list(conversations)
        selected = {each.id for each in conversations}
        self.reports = {key: report for key, report in self.reports.items() if key in selected}

    def mark_read(self, conversation_id: str, epoch: int) -> None:
        """Record that a roster was read elsewhere in this epoch."""
        self._read_epochs[conversation_id] = epoch

    def is_current(self, conversation_id: str) -> bool:
        """True if it was read whole since the current connection began."""
        return self._read_epochs.get(conversation_id) == self._store.epochs.current

    async def refresh_stale(self, known: Sequence[Conversation], *, ask_runtime: bool) -> None:
        """Read the rosters not yet read in the current epoch; cached ones count as unread."""
        async with self._refresh_lock:
            epoch = self._store.epochs.current
            for each in tuple(self.beside):
                if self._read_epochs.get(each.id) != epoch:
                    await self._read(each, epoch, ask_runtime=ask_runtime)
            for other in known[:MAX_SECONDARY_ROSTERS]:
                if self._read_epochs.get(other.id) == epoch or other.member_count > MAX_SECONDARY_MEMBERS:
                    continue
                if not await self._count(other, epoch, ask_of_untold=not ask_runtime):
                    return

    async def refresh_all(self) -> list[RefreshReport]:
        """Read the secondary conversations again, for a refresh."""
        async with self._refresh_lock:
            epoch = self._store.epochs.current
            return [await self._read(each, epoch, ask_runtime=True) for each in tuple(self.beside)]

    async def _read(self, conversation: Conversation, epoch: int, *, ask_runtime: bool) -> RefreshReport:
        report = await self._report_on(conversation, epoch, ask_runtime=ask_runtime)
        if conversation in self.beside:
            self.reports[conversation.id] = report
        self.refreshed.emit(conversation)
        return report

    async def _count(self, conversation: Conversation, epoch: int, *, ask_of_untold: bool) -> bool:
        """Read the members; false if the gateway should not be asked for the next one."""
        report = await self._report_on(conversation, epoch, ask_runtime=False, ask_of_untold=ask_of_untold)
        return report.error is None or isinstance(report.error, AccessDenied)

    async def _report_on(
        self, conversation: Conversation, epoch: int, *, ask_runtime: bool, ask_of_untold: bool = True
    ) -> RefreshReport:
        refresh = RosterRefresh(self._source, self._store, counters=self._counters)
        report = await refresh.run(conversation.id, ask_runtime=ask_runtime, ask_of_untold=ask_of_untold)
        if report.error is None:
            self._read_epochs[conversation.id] = epoch
        elif not isinstance(report.error, AccessDenied):
            self.failed.emit(report.error)
        self.reported.emit((conversation.id, report))
        return report
