"""Tasks that nothing waits for, such as joining a room."""

import asyncio
from collections.abc import Coroutine


class BackgroundTasks:
    """Holds its tasks until they end, because the event loop does not."""

    def __init__(self) -> None:
        self.running: set[asyncio.Task[None]] = set()

    def start(self, coroutine: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(coroutine)
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    def cancel(self) -> None:
        """Cancel all of them, without waiting for their end."""
        for task in self.running:
            task.cancel()
