"""Runs the service of an application, and closes it before the application exits."""

import asyncio
from collections.abc import Callable

from presence_tui.service.service import PresenceService
from presence_tui.service.target import CannotOpen
from presence_tui.tui.textual_internals import UpdatedApp


class ServiceRun:
    """``on_cannot_open`` is called if there is nothing to show."""

    def __init__(
        self, app: UpdatedApp, service: PresenceService, on_cannot_open: Callable[[CannotOpen], None]
    ) -> None:
        self._app = app
        self._service = service
        self._on_cannot_open = on_cannot_open
        self._serving: asyncio.Task[None] | None = None
        self._is_leaving = False

    def start(self) -> None:
        """Start the service. An error of it ends the application."""
        self._service.start()
        self._serving = asyncio.create_task(self._service.wait_closed())
        self._serving.add_done_callback(self._on_end)

    def quit(self) -> None:
        """Close the service, then exit; a second request exits at once."""
        if self._is_leaving:
            self._app.exit()
        else:
            self.leave()

    def leave(self) -> None:
        """Exit in order, only once: a terminal that closes causes a signal and an error."""
        if not self._is_leaving:
            self._is_leaving = True
            self._app.run_worker(self._leave_in_order())

    async def _leave_in_order(self) -> None:
        await self._service.close()
        self._app.exit()

    def _on_end(self, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            return
        try:
            task.result()
        except CannotOpen as stop:
            self._on_cannot_open(stop)
        except Exception as error:  # noqa: BLE001  (reported after the terminal is restored)
            self._app.fail(_first_of(error))


def _first_of(error: Exception) -> Exception:
    """The first exception of a group."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
