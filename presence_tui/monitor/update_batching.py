"""Batches the updates of a long answer, so that it is drawn a few parts at a time."""

import asyncio
from contextlib import ExitStack
from typing import Final

from presence_tui.store import PresenceStore

MAX_DELAY_S: Final = 0.25
"""Maximum delay of updates: drawing after each part takes longer than reading them."""

MAX_UNINDEXED: Final = 10_000
"""Rows indexed at once, in some ten milliseconds. Smaller batches cost more in total, because each goes
through the rows already indexed.
"""


class UpdateBatcher:
    """Defers the change sets of a store while the parts of an answer arrive.

    A timer of the running event loop releases them even if the answer fails.
    """

    def __init__(self, store: PresenceStore) -> None:
        self._store = store
        self._batch = ExitStack()
        self._timer: asyncio.TimerHandle | None = None
        self._room = 0
        """Rows that still fit into the queue of changes."""
        self._unindexed = 0
        """Rows that the next frame would have to index."""

    def defer(self, rows: int) -> None:
        """Defer updates for so many more rows, or release them if the queue of changes is full."""
        if self._unindexed + rows > MAX_UNINDEXED:
            self._store.indexes.reindex()
            self._unindexed = 0
        self._unindexed += rows
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(MAX_DELAY_S, self.release)
            self._room = self._store.bounds.queue
            self._batch.enter_context(self._store.batch())
        self._room -= rows
        if self._room < 0:
            self.release()

    def release(self) -> None:
        """Release deferred updates, if any."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._batch.close()
