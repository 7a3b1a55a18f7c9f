"""Rosters of other conversations than the watched one, so that their counts and columns move live as well."""

import asyncio
from collections.abc import Sequence
from typing import Final

from presence_tui.domain.participants import Conversation
from presence_tui.monitor.reading import Reading, ReadingReport
from presence_tui.monitor.signals import Signal
from presence_tui.monitor.tally import EventTally
from presence_tui.store import PresenceStore
from presence_tui.transport.errors import GatewayError
from presence_tui.transport.presence_source import PresenceSource

SIDE_ROSTERS: Final = 12
SIDE_ROSTER_MEMBERS: Final = 200
"""Other conversations whose rosters are read once for their counts: how many, and up to which size."""


class SideRosters:
    """Those watched beside each other are read whenever there may have been a gap; others once, for their
    counts. What fails is told and leaves what was known as it was."""

    def __init__(self, source: PresenceSource, store: PresenceStore, tally: EventTally) -> None:
        self._source = source
        self._store = store
        self._tally = tally
        self._reading_lock = asyncio.Lock()
        self._read_in: dict[str, int] = {}
        """Conversation to the epoch in which its roster was read whole."""
        self.beside: list[Conversation] = []
        self.reports: dict[str, ReadingReport] = {}
        """Of those beside, the last reading by conversation."""
        self.read: Signal[Conversation] = Signal()
        """One of those beside was read, well or not."""
        self.failed: Signal[GatewayError] = Signal()

    def watch(self, conversations: Sequence[Conversation]) -> None:
        """These are beside each other from now on; what was read of the others stays."""
        self.beside = list(conversations)
        kept = {each.id for each in conversations}
        self.reports = {key: report for key, report in self.reports.items() if key in kept}

    def was_read(self, conversation_id: str, epoch: int) -> None:
        """Somebody else has read it in this epoch."""
        self._read_in[conversation_id] = epoch

    async def keep_read(self, known: Sequence[Conversation], *, ask_runtime: bool) -> None:
        """Read what was not read since the connection of now began, and what was never read."""
        async with self._reading_lock:
            epoch = self._store.epoch
            for each in tuple(self.beside):
                if self._read_in.get(each.id) != epoch:
                    await self._read(each, epoch, ask_runtime=ask_runtime)
            for other in known[:SIDE_ROSTERS]:
                is_unread = not self._store.rosters.knows(other.id)
                if is_unread and other.member_count <= SIDE_ROSTER_MEMBERS and not await self._count(other):
                    return

    async def reread(self) -> list[ReadingReport]:
        """Read those beside again, because a person asked for it."""
        async with self._reading_lock:
            epoch = self._store.epoch
            return [await self._read(each, epoch, ask_runtime=True) for each in tuple(self.beside)]

    async def _read(self, conversation: Conversation, epoch: int, *, ask_runtime: bool) -> ReadingReport:
        reading = Reading(self._source, self._store, tally=self._tally)
        report = await reading.read(conversation.id, ask_runtime=ask_runtime)
        if report.error is None:
            self._read_in[conversation.id] = epoch
        else:
            self.failed.tell(report.error)
        if conversation in self.beside:
            self.reports[conversation.id] = report
        self.read.tell(conversation)
        return report

    async def _count(self, conversation: Conversation) -> bool:
        """Read who its members are; false if that failed."""
        try:
            async for asked in self._source.participants(conversation.id):
                self._tally.malformed_rows += asked.page.malformed_rows
                self._store.set_participants(asked.page.rows, conversation.id, asked=asked.asked)
        except GatewayError as error:
            self.failed.tell(error)
            return False
        return True
