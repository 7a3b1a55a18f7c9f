"""A fake with the public interface of ``monitor.watch.PresenceMonitor``, controlled by the test."""

import asyncio
from collections.abc import Callable, Sequence

from presence_tui.audit.findings import AuditReport
from presence_tui.domain.clock_offset import ClockEstimate
from presence_tui.domain.participants import Conversation
from presence_tui.domain.translatable import Phrase
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.gap_summary import GapSummary
from presence_tui.monitor.link import Link, LinkStatus
from presence_tui.monitor.memberships import Memberships
from presence_tui.monitor.metrics import LinkTimes, MergedUpdates, MonitorMetrics
from presence_tui.monitor.packet_log import PacketLog
from presence_tui.monitor.roster_refresh import Progress, RefreshReport
from presence_tui.monitor.signals import Signal
from presence_tui.store import PresenceStore
from presence_tui.transport.rate_limits import RequestCounters
from presence_tui.wire.responses import Account

EPOCH = 4


class FakeSecondaryRosters:
    """The secondary rosters of the fake."""

    def __init__(self) -> None:
        self.beside: list[Conversation] = []
        self.reports: dict[str, RefreshReport] = {}
        self.refreshed: Signal[Conversation] = Signal()


class FakeAuditor:
    """The audit of the fake."""

    def __init__(self) -> None:
        self.passes = 0
        self.progress: Callable[[Progress], None] = lambda progress: None
        """The progress callback of the current pass."""
        self.was_cancelled = False
        self._report: asyncio.Future[AuditReport] | None = None

    async def run(self, on_progress: Callable[[Progress], None]) -> AuditReport:
        self.passes += 1
        self.progress = on_progress
        self._report = asyncio.get_running_loop().create_future()
        try:
            return await self._report
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise

    def answer(self, report: AuditReport) -> None:
        """Complete the current pass."""
        assert self._report is not None, "no audit is running"
        self._report.set_result(report)


class FakeMonitor:
    """Controlled by the test. ``link`` is a real one, so that only valid transitions are possible."""

    def __init__(self, store: PresenceStore) -> None:
        self._store = store
        self.link = Link(store.clock)
        self.counters = EventCounters()
        self.packets = PacketLog(store.bounds)
        self.metrics = MonitorMetrics(
            self.counters,
            RequestCounters(),
            LinkTimes(self.link, store.clock),
            MergedUpdates(store.version),
            clock=lambda: (self.round_trip_s, self.clock_estimate),
        )
        self.clock_estimate: ClockEstimate | None = None
        self.account: Account | None = None
        self.conversation: Conversation | None = None
        self.conversations: list[Conversation] = []
        self.round_trip_s: float | None = None
        self.last_report: RefreshReport | None = None
        self.conversation_changed: Signal[Conversation] = Signal()
        self.conversations_changed: Signal[list[Conversation]] = Signal()
        self.resynced: Signal[RefreshReport] = Signal()
        self.gap_ended: Signal[GapSummary] = Signal()
        self.noticed: Signal[Phrase] = Signal()
        self.secondary_rosters = FakeSecondaryRosters()
        self.auditor = FakeAuditor()
        self.memberships = Memberships()
        self.key = ""
        self.heard_s: float | None = None
        self.is_refreshing = False
        self.profile_name = "meeshy-2026"
        self.token_expires_s: float | None = None

        self.closes_s = 0.0
        """How long ``run`` takes to end once it is cancelled, as closing sockets does."""
        self.last_words: Callable[[], object] = lambda: None
        """Called while ``run`` ends."""
        self.running = asyncio.Event()
        self.ended = asyncio.Event()
        self.crash: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """If an exception is set on it, ``run`` raises that exception."""
        self.selected: list[Conversation] = []
        self.refreshes = 0
        self.refresh_cancelled = False
        self.progress: Callable[[Progress], None] = lambda progress: None
        """The progress callback of the current refresh."""
        self._report: asyncio.Future[RefreshReport] | None = None

    @property
    def store(self) -> PresenceStore:
        return self._store

    @property
    def link_changed(self) -> Signal[LinkStatus]:
        return self.link.changed

    def connection_status(self) -> LinkStatus:
        return self.link.status

    async def run(self) -> None:
        self.running.set()
        try:
            await self.crash
        finally:
            self.last_words()
            await asyncio.sleep(self.closes_s)
            self.ended.set()

    async def refresh(
        self, on_progress: Callable[[Progress], None] = lambda progress: None
    ) -> RefreshReport | None:
        if self.is_refreshing:
            return None
        self.refreshes += 1
        self.is_refreshing = True
        self.progress = on_progress
        self._report = asyncio.get_running_loop().create_future()
        try:
            report = await self._report
        except asyncio.CancelledError:
            self.refresh_cancelled = True
            raise
        finally:
            self.is_refreshing = False
        self.last_report = report
        return report

    def restore(self, known: Sequence[Conversation], key: str, as_of_s: float) -> None:
        self.key = key
        self.set_conversations(list(known))
        self.link.cached(as_of_s)

    def select(self, conversation: Conversation) -> None:
        self.selected.append(conversation)
        self.watch(conversation)

    def watch_beside(self, conversations: Sequence[Conversation]) -> None:
        self.secondary_rosters.beside = list(conversations)

    # Methods for the test.

    def read_beside(self, conversation: Conversation, report: RefreshReport) -> None:
        """Complete the reading of a secondary roster."""
        self.secondary_rosters.reports[conversation.id] = report
        self.secondary_rosters.refreshed.emit(conversation)

    def watch(self, conversation: Conversation) -> None:
        """Set the watched conversation."""
        self.conversation = conversation
        self.last_report = None
        self.conversation_changed.emit(conversation)

    def set_conversations(self, conversations: list[Conversation]) -> None:
        """Set the conversations that the gateway lists."""
        self.conversations = conversations
        self.conversations_changed.emit(conversations)

    def go_live(self) -> None:
        """Move the link to live."""
        self.link.connected("websocket")
        while self._store.epochs.current < EPOCH:
            self._store.epochs.begin()
        # What comes soon after a reconnect is grouped; the tests about that make one of their own.
        self._store.epochs.reconnected_s = None
        self.link.live(self._store.epochs.current)

    def resync(self, report: RefreshReport) -> None:
        """Complete a resync started by the monitor."""
        self.last_report = report
        self.resynced.emit(report)

    def answer_refresh(self, report: RefreshReport) -> None:
        """Complete the current refresh."""
        assert self._report is not None, "no refresh is running"
        self._report.set_result(report)
