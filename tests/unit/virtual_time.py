"""An event loop that skips idle time, so that fifteen minutes take a moment."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from presence_tui.store.clock import Stamp
from tests.unit.clock import START_S

Result = TypeVar("Result")

_SETTLE_S: Final = 0.001
"""Real time for a packet on loopback; after it, everything waits for time to pass."""


class _Skipping(selectors.DefaultSelector):
    """Selects what is ready, or calls ``skip`` with the time until the next timer."""

    def __init__(self) -> None:
        super().__init__()
        self.skip: Callable[[float], None] = lambda seconds: None
        self.threads = 0
        """Number of running threads; while it is not 0, no time is skipped."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0 or self.threads:
            return super().select(timeout)
        ready = super().select(_SETTLE_S)
        if not ready:
            self.skip(timeout)
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """``time()`` jumps from timer to timer. Sockets and threads of the process work as usual."""

    def __init__(self) -> None:
        self._now_s = 1_000.0
        self._skipping = _Skipping()
        super().__init__(self._skipping)
        self._skipping.skip = self._skip

    def time(self) -> float:
        return self._now_s

    def stall(self, seconds: float) -> None:
        """Let time pass without running the loop, as for a suspended process."""
        self._now_s += seconds

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        future = super().run_in_executor(executor, func, *args)
        self._skipping.threads += 1
        future.add_done_callback(self._thread_is_done)
        return future

    def _thread_is_done(self, _: object) -> None:
        self._skipping.threads -= 1

    def _skip(self, seconds: float) -> None:
        # A little more, because the loop compares with the resolution of a real clock.
        self._now_s += seconds + 1e-6


class LoopClock:
    """The clocks of a process on a ``VirtualTimeLoop``."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._began_s = self._loop.time()
        self.wall_ahead_s = 0.0
        """Seconds by which the wall clock was set forward."""

    def stamp(self) -> Stamp:
        passed_s = self._loop.time() - self._began_s
        return Stamp(START_S + passed_s + self.wall_ahead_s, 5_000.0 + passed_s)


def run_virtually(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end on a new loop."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(coroutine)
