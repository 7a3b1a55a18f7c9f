"""One flush a frame: the first change of a quiet time paints at once, the next wait for the next frame."""

import asyncio
from collections.abc import Callable

FRAME_S = 1 / 30
"""Faster than an eye can read a list, and half the work of 60 frames on a busy day."""


class FrameScheduler:
    """A store's ``schedule``. Needs a running event loop when it is called, not when it is made."""

    def __init__(self, frame_s: float = FRAME_S) -> None:
        self._frame_s = frame_s
        self._last_s = float("-inf")

    def __call__(self, flush: Callable[[], object]) -> None:
        loop = asyncio.get_running_loop()
        wait_s = self._last_s + self._frame_s - loop.time()
        if wait_s <= 0:
            loop.call_soon(self._run, flush)
        else:
            loop.call_later(wait_s, self._run, flush)

    def _run(self, flush: Callable[[], object]) -> None:
        self._last_s = asyncio.get_running_loop().time()
        flush()
