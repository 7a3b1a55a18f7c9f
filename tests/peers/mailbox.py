"""A queue from which tests wait for matching items."""

import asyncio
from collections.abc import Callable
from typing import Final, Generic, TypeVar

Item = TypeVar("Item")

PATIENCE_S: Final = 60.0
"""Time limit of every wait for a peer: far longer than a passing test waits, even on a busy machine."""


class Mailbox(Generic[Item]):
    """Each item is returned to one waiter; others stay, in order of arrival."""

    def __init__(self) -> None:
        self.unclaimed: list[Item] = []
        self._waiters: list[tuple[Callable[[Item], bool], asyncio.Future[Item]]] = []
        self._failure: Exception | None = None

    def put(self, item: Item) -> None:
        for wanted, future in self._waiters:
            if not future.done() and wanted(item):
                future.set_result(item)
                return
        self.unclaimed.append(item)

    def fail(self, failure: Exception) -> None:
        """Let current and later waiters fail with this reason."""
        self._failure = failure
        for _, future in self._waiters:
            if not future.done():
                future.set_exception(failure)

    async def take(self, wanted: Callable[[Item], bool], timeout_s: float = PATIENCE_S) -> Item:
        """The oldest item that `wanted` accepts. Raises TimeoutError with the other items received."""
        for place, item in enumerate(self.unclaimed):
            if wanted(item):
                return self.unclaimed.pop(place)
        if self._failure:
            raise self._failure
        waiter = (wanted, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout_s):
                return await waiter[1]
        except TimeoutError:
            raise TimeoutError(f"not within {timeout_s} s; unclaimed: {self.unclaimed[-10:]}") from None
        finally:
            self._waiters.remove(waiter)
