"""The life cycle of the application: it shows one service at a time, and exits cleanly, also on a crash.

Textual prints the traceback of a crash with all local variables, which may include
a token or a password. Here nothing is printed; the exception is raised to the caller.
"""

import asyncio
import logging
from abc import abstractmethod

from rich.console import Console
from textual.app import App
from textual.screen import Screen
from textual.worker import WorkerFailed

from presence_tui.service.ending_signals import on_ending_signals
from presence_tui.service.events import ServiceEvent
from presence_tui.service.service import PresenceService
from presence_tui.service.target import CannotOpen
from presence_tui.tui.textual_internals import UpdatedApp

_logger = logging.getLogger(__name__)


class GuardedApp(UpdatedApp):
    """Exits when its terminal closes, and raises its crash after restoring the terminal."""

    def __init__(self) -> None:
        super().__init__()
        self.crash: BaseException | None = None
        """The first unhandled exception."""
        self.has_lost_terminal = False
        """True if the app exited because its terminal closed."""
        # The library prints crashes only on this console, whatever renders them.
        self.error_console = Console(quiet=True)

    def run_or_raise(self, *, mouse: bool = True) -> None:
        """Run until the app exits. Raises the exception that ended it, if any."""
        self.run(mouse=mouse)
        if self.crash is not None:
            raise self.crash
        if self.return_code:
            raise RuntimeError(f"the screen ended with code {self.return_code} and no exception")

    def crash_with(self, error: BaseException) -> None:
        """Exit because of an exception raised outside of the event loop."""
        self.keep_crash(error)
        self.panic()

    def lose_terminal(self) -> None:
        """Exit because the terminal can no longer be read or written."""
        if not self.has_lost_terminal:
            self.has_lost_terminal = True
            self.on_terminal_lost()

    def on_terminal_lost(self) -> None:
        """Override to do more before the exit."""
        self.exit()

    def keep_crash(self, error: BaseException) -> None:
        error = _cause_of(error)
        if self.crash is None:
            self.crash = error
        elif error is not self.crash:
            _logger.error("after a crash: %s", type(error).__name__, exc_info=error)


def terminal_lost_in_thread(app: App[object]) -> None:
    """Let an application exit whose driver finds the terminal closed."""
    app.call_later(app.lose_terminal if isinstance(app, GuardedApp) else app.exit)


def crash_from_thread(app: App[object], error: BaseException) -> None:
    """Exit an application because of an exception in a thread of its driver."""
    if isinstance(app, GuardedApp):
        app.call_later(app.crash_with, error)
    else:
        app.call_later(app.panic)


def _cause_of(error: BaseException) -> BaseException:
    """Unwrap the exception of a failed worker."""
    while isinstance(error, WorkerFailed) and isinstance(error.error, BaseException):
        error = error.error
    return error


class ServiceApp(GuardedApp):
    """An application that closes its service before it exits, and may show another. A base class."""

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
