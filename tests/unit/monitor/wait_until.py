"""Waiting for a condition that becomes true by something that is told, never by time."""

import asyncio
from collections.abc import Callable
from typing import Any

PATIENCE_S = 10.0
"""For what must come; nothing waits this long in a passing test."""


class Condition:
    """Subscribe ``tell`` to whatever may make a condition true."""

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
        """Wait until this is true; asked again after everything told. ``instead`` says what is the case."""
        try:
            async with asyncio.timeout(timeout_s):
                while not (found := condition()):
                    self._told.clear()
                    await self._told.wait()
        except TimeoutError:
            raise TimeoutError(f"not within {timeout_s:g} s: {instead()}") from None
        return found


async def breathe(turns: int = 5) -> None:
    """Let everything that is ready run."""
    for _ in range(turns):
        await asyncio.sleep(0)


def other_tasks() -> set[asyncio.Task[Any]]:
    """Every unfinished task besides the one that asks."""
    return asyncio.all_tasks() - {asyncio.current_task()}
