"""Tasks that run together, and tasks that nothing waits for, such as joining a room."""

import asyncio
from collections.abc import Coroutine


async def run_together(*coroutines: Coroutine[None, None, None]) -> None:
    """Run all of them until they end or one raises; then the others are cancelled and waited for.

    Raises the first error itself. ``asyncio.TaskGroup`` of Python 3.12 leaves its caller cancelled if a
    task fails eagerly, as tasks under Textual may: then the next ``await`` hides the error.
    """
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


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
