"""Waits for the snapshot of a connection, and tells whether it was complete."""

import asyncio
from contextlib import suppress
from typing import Final

from presence_tui.monitor.connection import Connection
from presence_tui.monitor.conversation_choice import ConversationChoice
from presence_tui.monitor.link import Link, LinkState
from presence_tui.monitor.memberships import Memberships
from presence_tui.store import PresenceStore
from presence_tui.transport.presence_source import PresenceSource

SNAPSHOT_LIMIT_S: Final = 3.0
"""How long to wait for a snapshot before asking by REST; there may be none (wire contract, section 2.2)."""


class SnapshotWait:
    """A complete snapshot makes asking the runtime superfluous."""

    def __init__(
        self,
        connection: Connection,
        link: Link,
        store: PresenceStore,
        source: PresenceSource,
        choice: ConversationChoice,
        memberships: Memberships,
    ) -> None:
        self._connection = connection
        self._link = link
        self._store = store
        self._source = source
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
