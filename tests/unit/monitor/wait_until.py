"""Wait for conditions by events, never by time."""

import asyncio
from collections.abc import Callable
from typing import Any

PATIENCE_S = 10.0
"""Time limit for expected results; passing tests never wait this long."""


class Condition:
    """Subscribe ``tell`` to all signals that may change a condition."""

    def __init__(self) -> None:
        self._told = asyncio.Event()

    def notify(self, *_: object) -> None:
        self._told.set()

    async def until(
        self,
        condition: Callable[[], Any],
        timeout_s: float = PATIENCE_S,
        instead: Callable[[], object] = lambda: "",
    ) -> Any:
        """Wait until a condition is true, checked after each signal. ``instead`` describes the state for
        errors.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while not (found := condition()):
                    self._told.clear()
                    await self._told.wait()
        except TimeoutError:
            raise TimeoutError(f"not within {timeout_s:g} s: {instead()}") from None
        return found


async def breathe(turns: int = 5) -> None:
    """Let all ready tasks run."""
    for _ in range(turns):
        await asyncio.sleep(0)


def other_tasks() -> set[asyncio.Task[Any]]:
    """All unfinished tasks except the current one."""
    return asyncio.all_tasks() - {asyncio.current_task()}
