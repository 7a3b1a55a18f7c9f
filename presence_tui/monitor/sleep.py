"""Detects that the process was suspended, by a signal or with the machine, and that the clock was set back.

Data that arrives right afterwards is outdated, and the connection may be dead.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from presence_tui.store.clock import Clock

TICK_S: Final = 1.0
"""Longest time until a suspension is detected if nothing arrives."""

STALLED_S: Final = 5.0
"""A busy machine does not delay a tick by more than this."""

JUMP_S: Final = 2.0
"""The monotonic clock stands still during a machine's suspension; smaller differences are clock
adjustments.
"""


class SleepDetector:
    """Calls ``on_slept`` with the suspended seconds, and ``on_set_back`` with those by which the wall clock
    was set back. Start it inside a running event loop.
    """

    def __init__(
        self, clock: Clock, on_slept: Callable[[float], None], on_set_back: Callable[[float], None]
    ) -> None:
        self._clock = clock
        self._on_slept = on_slept
        self._on_set_back = on_set_back
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
        """Check both clocks before handling received data, when the timer has not fired yet."""
        jump_s = self._jump_s()
        if jump_s:
            self._on_slept(jump_s)

    def check_timers(self) -> None:
        """Check them before an overdue timer has an effect that may run before ours."""
        if self._timer is not None:
            self._timer.cancel()
            self._tick()

    def _tick(self) -> None:
        # A timer callback runs before tasks woken by received data.
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
        if jump_s <= -JUMP_S:
            self._on_set_back(-jump_s)
        return jump_s if jump_s >= JUMP_S else 0.0

    def _current_lead_s(self) -> float:
        now = self._clock.stamp()
        return now.wall_s - now.monotonic_s
