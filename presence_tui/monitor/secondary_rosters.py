"""Rosters of conversations beside the watched one, to keep their counts and columns live."""

import asyncio
from collections.abc import Sequence
from typing import Final

from presence_tui.domain.participants import Conversation
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.refresh import RefreshReport, RosterRefresh
from presence_tui.monitor.signals import Signal
from presence_tui.store import PresenceStore
from presence_tui.transport.errors import AccessDenied, GatewayError
from presence_tui.transport.presence_source import PresenceSource

MAX_SECONDARY_ROSTERS: Final = 12
MAX_SECONDARY_MEMBERS: Final = 200
"""Limits for rosters read only for their counts: conversations, and members of each."""


class SecondaryRosters:
    """Reads the rosters of the secondary conversations and of small others after each possible gap.

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
