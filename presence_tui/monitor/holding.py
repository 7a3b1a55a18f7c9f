"""Frames give way to a long answer: its parts are shown a few at a time."""

import asyncio
from contextlib import ExitStack
from typing import Final

from presence_tui.store import PresenceStore

HELD_S: Final = 0.1
"""How long news is held back at most: to order and paint after each part takes longer than to read them."""


class Holding:
    """Holds back the news of a store while the parts of an answer follow one another at once.

    Whatever becomes of the answer, a timer of the running event loop lets the news go.
    """

    def __init__(self, store: PresenceStore) -> None:
        self._store = store
        self._held = ExitStack()
        self._timer: asyncio.TimerHandle | None = None
        self._rows_left = 0

    def hold(self, rows: int) -> None:
        """From now on, for so many more rows; they are let go where half the queue of changes is full."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(HELD_S, self.release)
            self._rows_left = self._store.bounds.queue // 2
            self._held.enter_context(self._store.batch())
        self._rows_left -= rows
        if self._rows_left < 0:
            self.release()

    def release(self) -> None:
        """Let the news go, if it is held."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._held.close()
