"""One flush a frame: the first change of a quiet time paints at once, the next wait for the next frame."""

import asyncio
from collections.abc import Callable

FRAME_S = 1 / 60
MOST_OF_THE_TIME = 0.25
"""The share of the time that flushing may take: where a flush is long, frames become rarer, nothing else."""


class FrameScheduler:
    """A store's ``schedule``. Needs a running event loop when it is called, not when it is made."""

    def __init__(self, frame_s: float = FRAME_S) -> None:
        self._frame_s = frame_s
        self._next_s = float("-inf")

    def __call__(self, flush: Callable[[], object]) -> None:
        loop = asyncio.get_running_loop()
        if self._next_s <= loop.time():
            loop.call_soon(self._run, flush)
        else:
            loop.call_at(self._next_s, self._run, flush)

    def _run(self, flush: Callable[[], object]) -> None:
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        flush()
        self._next_s = began_s + max(self._frame_s, (loop.time() - began_s) / MOST_OF_THE_TIME)
