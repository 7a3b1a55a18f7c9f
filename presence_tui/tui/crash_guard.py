"""An application that ends in order when it crashes, and when its terminal goes away.

Textual prints the traceback of a crash with the local variables of every frame, and a frame of ours may hold
a token or a password. Here nothing is printed: whoever runs the application is handed the exception.
"""

import logging

from rich.console import Console
from textual.app import App
from textual.worker import WorkerFailed

from presence_tui.tui.textual_internals import UpdatedApp

_logger = logging.getLogger(__name__)


class GuardedApp(UpdatedApp):
    """An application that raises what it crashed of, once the terminal is restored."""

    def __init__(self) -> None:
        super().__init__()
        self.crash: BaseException | None = None
        """The first exception that nothing handled."""
        self.has_lost_terminal = False
        """True if it was left because its terminal went away."""
        # The library prints crashes on this console alone, so that this holds whatever it renders them with.
        self.error_console = Console(quiet=True)

    def run_or_raise(self, *, mouse: bool = True) -> None:
        """Run until it is left. Raises the exception that ended it, where one did."""
        self.run(mouse=mouse)
        if self.crash is not None:
            raise self.crash
        if self.return_code:
            raise RuntimeError(f"the screen ended with code {self.return_code} and no exception")

    def crash_with(self, error: BaseException) -> None:
        """End the application because of an exception that was raised outside of its event loop."""
        self.keep_crash(error)
        self.panic()

    def lose_terminal(self) -> None:
        """Leave, because nothing can be read from the terminal or written to it any more."""
        if not self.has_lost_terminal:
            self.has_lost_terminal = True
            self.on_terminal_lost()

    def on_terminal_lost(self) -> None:
        """To be overridden by an application that has more to do before it leaves."""
        self.exit()

    def keep_crash(self, error: BaseException) -> None:
        error = _cause_of(error)
        if self.crash is None:
            self.crash = error
        elif error is not self.crash:
            _logger.error("after a crash: %s", type(error).__name__, exc_info=error)


def terminal_lost_in_thread(app: App[object]) -> None:
    """Let an application leave whose driver finds the terminal gone."""
    app.call_later(app.lose_terminal if isinstance(app, GuardedApp) else app.exit)


def crash_from_thread(app: App[object], error: BaseException) -> None:
    """End an application because of an exception in a thread of its driver."""
    if isinstance(app, GuardedApp):
        app.call_later(app.crash_with, error)
    else:
        app.call_later(app.panic)


def _cause_of(error: BaseException) -> BaseException:
    """The exception of a failed worker, instead of the one that says that it failed."""
    while isinstance(error, WorkerFailed) and isinstance(error.error, BaseException):
        error = error.error
    return error
