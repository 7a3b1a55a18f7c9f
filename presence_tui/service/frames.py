"""Schedules drawing: immediately after a quiet time, at a limited rate in a busy one."""

import asyncio
from collections.abc import Callable

FRAME_S = 1 / 60
READABLE_S = 0.1
"""Figures that change faster than this cannot be read, and each costs a repaint."""
MOST_OF_THE_TIME = 1 / 3
"""Maximum share of time for frames, from the flush to the end of its painting. Longer frames become rarer."""


class FrameScheduler:
    """Limits flushes to one per frame; the first after a quiet time runs at once.

    Used as a store's ``schedule``. Needs a running event loop when called, not when created.
    """

    def __init__(self, frame_s: float = FRAME_S) -> None:
        self._frame_s = frame_s
        self._next_s = float("-inf")
        self._asked_s = 0.0
        self.on_painted: Callable[[float], None] = lambda seconds: None
        """Told how long it took from the first change of a frame to the end of its painting."""

    def __call__(self, flush: Callable[[], object]) -> None:
        loop = asyncio.get_running_loop()
        self._asked_s = loop.time()
        if self._next_s <= self._asked_s:
            loop.call_soon(self._run, flush)
        else:
            loop.call_at(self._next_s, self._run, flush)

    def _run(self, flush: Callable[[], object]) -> None:
        loop = asyncio.get_running_loop()
        began_s, asked_s = loop.time(), self._asked_s
        self._next_s = began_s + self._frame_s
        try:
            flush()
        finally:
            # Measured again after the callbacks scheduled by the flush, such as painting. Also after an
            # exception, so that a failing listener fails at most once per frame.
            self._give_way(began_s)
            loop.call_soon(self._end_frame, began_s, asked_s)

    def _end_frame(self, began_s: float, asked_s: float) -> None:
        self._give_way(began_s)
        self.on_painted(asyncio.get_running_loop().time() - asked_s)

    def _give_way(self, began_s: float) -> None:
        taken_s = asyncio.get_running_loop().time() - began_s
        self._next_s = began_s + max(self._frame_s, taken_s / MOST_OF_THE_TIME)


class AtMostEvery:
    """Calls a function at once on the first request, then at most once per period."""

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
