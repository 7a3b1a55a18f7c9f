"""An event loop whose time moves only while everything waits.

A scene that waits for a second takes no second, and what happens meanwhile does not depend on how busy the
machine is: a timer fires exactly when it is due, after all that was due before.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from textual import _time, command, pilot

T = TypeVar("T")

START_S: Final = 1_000.0
SETTLED_S: Final = 0.05
"""Longer than a frame, so that what a key caused is drawn."""


class _Selector(selectors.DefaultSelector):
    """Instead of waiting for a timer, moves the time of its loop."""

    def __init__(self, loop: "VirtualTimeLoop") -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0 or self._loop.in_threads:
            # Work in a thread takes no time: its end wakes the loop.
            return super().select(None if timeout is None or timeout > 0 else 0)
        if not (ready := super().select(0)):
            self._loop.now_s += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop with a time of its own, which starts at ``START_S``."""

    def __init__(self) -> None:
        self.now_s = START_S
        self.in_threads = 0
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self.now_s

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, work: Callable[..., T], *arguments: Any
    ) -> "asyncio.Future[T]":
        self.in_threads += 1
        future = super().run_in_executor(executor, work, *arguments)
        future.add_done_callback(self._leave_thread)
        return future

    def _leave_thread(self, _: "asyncio.Future[Any]") -> None:
        self.in_threads -= 1


def run(scene: Coroutine[Any, Any, T]) -> T:
    """Run on a loop of its own, with Textual's timers by the loop's time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        loop = runner.get_loop()
        _time.get_time = loop.time
        # Names that these modules imported.
        vars(command)["monotonic"] = loop.time
        vars(pilot)["wait_for_idle"] = _settle
        return runner.run(scene)


async def _settle(*_: float) -> None:
    """Textual's own waits until the processor rests."""
    await asyncio.sleep(SETTLED_S)
