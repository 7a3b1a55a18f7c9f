"""How often what changes is drawn: at once in quiet times, in busy ones no oftener than serves a reader."""

import asyncio
from collections.abc import Callable

FRAME_S = 1 / 60
READABLE_S = 0.1
"""Figures that changed faster than this would not be read, at the price of a repaint each."""
MOST_OF_THE_TIME = 0.25
"""The share of the time that frames may take, from the flush to the end of the painting it asked for: where
a frame is long, frames become rarer, nothing else."""


class FrameScheduler:
    """One flush a frame: the first change of a quiet time at once, the next with the next frame.

    A store's ``schedule``. Needs a running event loop when it is called, not when it is made."""

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
        self._next_s = began_s + self._frame_s
        try:
            flush()
        finally:
            # After what the flush asked the loop to do at once, such as to paint. Also where a listener
            # fails, or it would fail more often than once a frame.
            self._give_way(began_s)
            loop.call_soon(self._give_way, began_s)

    def _give_way(self, began_s: float) -> None:
        taken_s = asyncio.get_running_loop().time() - began_s
        self._next_s = began_s + max(self._frame_s, taken_s / MOST_OF_THE_TIME)


class AtMostEvery:
    """Calls something soon after it was asked to, however often it was: at once, then once a period."""

    def __init__(self, period_s: float, call: Callable[[], object]) -> None:
        self._schedule = FrameScheduler(period_s)
        self._call = call
        self._asked = False

    def __call__(self) -> None:
        if not self._asked:
            self._asked = True
            self._schedule(self._run)

    def _run(self) -> None:
        self._asked = False
        self._call()
