"""Frames give way to a long answer: its parts are shown a few at a time."""

import asyncio
from contextlib import ExitStack
from typing import Final

from presence_tui.store import PresenceStore

MAX_DELAY_S: Final = 0.25
"""How long news is held back at most: to paint after each part takes longer than to read them."""

MAX_UNINDEXED: Final = 10_000
"""Rows that are put in their places in one go: some ten milliseconds. Fewer cost more in all, because each
time those in place already are gone through."""


class UpdateBatcher:
    """Holds back the news of a store while the parts of an answer follow one another at once.

    Whatever becomes of the answer, a timer of the running event loop lets the news go.
    """

    def __init__(self, store: PresenceStore) -> None:
        self._store = store
        self._batch = ExitStack()
        self._timer: asyncio.TimerHandle | None = None
        self._room = 0
        """Rows for which the queue of changes has room."""
        self._unindexed = 0
        """Rows that the next frame would have to put in their places."""

    def defer(self, rows: int) -> None:
        """From now on, for so many more rows. Where the queue of changes has no room for them, let it go."""
        if self._unindexed + rows > MAX_UNINDEXED:
            self._store.reindex()
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
        """Let the news go, if it is held."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._batch.close()
