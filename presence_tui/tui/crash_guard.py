"""An application that exits cleanly on a crash and when its terminal closes.

Textual prints the traceback of a crash with all local variables, which may include
a token or a password. Here nothing is printed; the exception is raised to the caller.
"""

import logging

from rich.console import Console
from textual.app import App
from textual.worker import WorkerFailed

from presence_tui.tui.textual_internals import UpdatedApp

_logger = logging.getLogger(__name__)


class GuardedApp(UpdatedApp):
    """An application that raises its crash after restoring the terminal."""

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
