"""Notices that the process was asleep: stopped by a signal, or with the machine while a lid was closed.

What arrives first afterwards was sent long before, and a connection that looks alive may be none.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from presence_tui.store.clock import Clock

TICK_S: Final = 1.0
"""The longest time for which a sleep goes unnoticed where nothing arrives."""

STALLED_S: Final = 5.0
"""A tick that comes later than this was not merely kept waiting by a busy machine."""

JUMP_S: Final = 2.0
"""While a machine sleeps its monotonic clock stands still. By less than this the wall clock is merely set."""


class SleepWatch:
    """Calls ``on_slept`` with the seconds that were slept. Start it inside a running event loop."""

    def __init__(self, clock: Clock, on_slept: Callable[[float], None]) -> None:
        self._clock = clock
        self._on_slept = on_slept
        self._lead_s = self._current_lead_s()
        self._due_s = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._lead_s = self._current_lead_s()
        self._schedule()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def check(self) -> None:
        """To be called before anything is made of what arrives: no timer knows yet that a machine slept."""
        jump_s = self._jump_s()
        if jump_s:
            self._on_slept(jump_s)

    def _tick(self) -> None:
        # A timer's own callback runs before the tasks that whatever has arrived wakes.
        late_s = asyncio.get_running_loop().time() - self._due_s
        slept_s = self._jump_s() + (late_s if late_s >= STALLED_S else 0.0)
        self._schedule()
        if slept_s:
            self._on_slept(slept_s)

    def _schedule(self) -> None:
        loop = asyncio.get_running_loop()
        self._due_s = loop.time() + TICK_S
        self._timer = loop.call_at(self._due_s, self._tick)

    def _jump_s(self) -> float:
        before_s, self._lead_s = self._lead_s, self._current_lead_s()
        jump_s = self._lead_s - before_s
        return jump_s if jump_s >= JUMP_S else 0.0

    def _current_lead_s(self) -> float:
        now = self._clock.stamp()
        return now.wall_s - now.monotonic_s
