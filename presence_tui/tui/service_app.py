"""An application that shows one service at a time, closes it before it exits, and may show another."""

import asyncio
from abc import abstractmethod

from textual.screen import Screen

from presence_tui.service.ending_signals import on_ending_signals
from presence_tui.service.events import ServiceEvent
from presence_tui.service.service import PresenceService
from presence_tui.service.target import CannotOpen
from presence_tui.tui.crash_guard import GuardedApp


class ServiceApp(GuardedApp):
    """A base class."""

    def __init__(self, service: PresenceService) -> None:
        super().__init__()
        self.refusal: str | None = None
        """A sentence for the user if the app exited because there is nothing to show."""
        self._service = service
        self._serving: asyncio.Task[None] | None = None
        self._leaving = False
        self._switching = asyncio.Lock()
        self._has_switched = False

    @property
    @abstractmethod
    def service_screen(self) -> Screen[None]:
        """The screen that shows the service, below all dialogs."""

    @abstractmethod
    def screen_of(self, service: PresenceService) -> Screen[None]:
        """Make the screen that shows a service."""

    def follow(self, event: ServiceEvent) -> None:
        """Override to follow the events of the service that is shown."""

    def on_load(self) -> None:
        # Before the terminal is switched, so that any signal restores it.
        on_ending_signals(self._leave)

    def on_mount(self) -> None:
        self.call_after_refresh(self._start_service)

    async def on_unmount(self) -> None:
        await self._service.close()

    async def show_service(self, service: PresenceService) -> None:
        """Close the service that is shown with all dialogs, and show another on a new screen.

        The first is closed completely before the other starts: both may write to the same files.
        """
        async with self._switching:
            await self._service.close()
            if self._leaving:
                return
            self._service = service
            before, screen = self.service_screen, self.screen_of(service)
            self.clear_notifications()
            await self.replace(before, screen, is_first=not self._has_switched)
            self._has_switched = True
            self.call_after_refresh(self._start_service)

    def _start_service(self) -> None:
        if self._leaving:
            return
        self._service.events.subscribe(self.follow)
        self._service.start()
        self._serving = asyncio.create_task(self._service.wait_closed())
        self._serving.add_done_callback(self._after_service)

    def _after_service(self, task: asyncio.Task[None]) -> None:
        if task.cancelled():
            return
        try:
            task.result()
        except CannotOpen as stop:
            self.show_refusal(stop)
        except Exception as error:  # noqa: BLE001  (reported after the terminal is restored)
            self.fail(_first_of(error))

    def show_refusal(self, stop: CannotOpen) -> None:
        """Exit, because there is nothing to show."""
        self.refusal = str(stop)
        self.exit()

    async def action_quit(self) -> None:
        """Close the service, then exit; a second request exits at once."""
        if self._leaving:
            self.exit()
            return
        self._leaving = True
        self.run_worker(self._leave_in_order())

    async def _leave_in_order(self) -> None:
        await self._service.close()
        self.exit()

    def on_terminal_lost(self) -> None:
        self._leave()

    def _leave(self) -> None:
        """Exit in order, only once: a terminal that closes causes a signal and an error."""
        if not self._leaving:
            self.run_worker(self.action_quit())


def _first_of(error: Exception) -> Exception:
    """The first exception of a group."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
