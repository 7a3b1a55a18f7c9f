"""A terminal driver that splits its input before Textual's parser sees it, and draws on standard output.

Textual's own looks at its clock ten times a second only, so that no esc could be answered within 100 ms;
takes the bytes of a paste for keys; and ends on sequences that it does not know. It draws on standard error,
which may lead to a file while the terminal is on standard output, and does not notice a lost terminal.
"""

import os
import select
import sys
from functools import partial
from io import TextIOWrapper
from threading import Thread
from time import monotonic
from typing import Any, Final, cast

from textual import constants
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from presence_tui.tui.crash_guard import crash_from_thread, terminal_lost_in_thread
from presence_tui.tui.input_events import InputTranslator
from presence_tui.tui.terminal_input import InputSplitter
from presence_tui.tui.terminal_output import TerminalOutput

_IDLE_S: Final = 0.1
"""How often the thread looks whether the application has ended."""
_MOST_BYTES: Final = 65_536
_CLOSE_S: Final = 2.0
"""How long the terminal may take for what is left to be written."""


class FastEscapeDriver(LinuxDriver):
    """Textual's driver for POSIX terminals, but for how it reads them and where it draws."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._escape_s: float = getattr(app, "escape_s", constants.ESCAPE_DELAY)
        output = TerminalOutput(_terminal(), _encoding(), partial(terminal_lost_in_thread, app))
        self._file = cast(TextIOWrapper, output)

    def close(self) -> None:
        # A terminal that takes nothing, as over a connection that hangs, would be waited for without end. The
        # thread that writes to it ends with the process.
        closing = Thread(target=super().close, name="presence-tui-close", daemon=True)
        closing.start()
        closing.join(_CLOSE_S)

    def run_input_thread(self) -> None:
        try:
            self._read_keys()
        except Exception as error:  # noqa: BLE001  (ends the application, which says so)
            crash_from_thread(self._app, error)

    def _read_keys(self) -> None:
        splitter = InputSplitter(self._escape_s)
        translator = InputTranslator()
        while not self.exit_event.is_set():
            due_s = splitter.due_s
            wait_s = _IDLE_S if due_s is None else min(_IDLE_S, max(0.0, due_s - monotonic()))
            readable, _, _ = select.select([self.fileno], [], [], wait_s)
            if not readable:
                parts = splitter.expire(monotonic())
            elif arrived := self._read():
                parts = splitter.feed(arrived, monotonic())
            else:
                # Whoever had the other end of the terminal has closed it.
                terminal_lost_in_thread(self._app)
                return
            for part in parts:
                for message in translator.events(part):
                    self.process_message(message)

    def _read(self) -> bytes:
        """What was typed; nothing once the terminal is gone."""
        try:
            return os.read(self.fileno, _MOST_BYTES)
        except OSError:
            return b""


def _terminal() -> int:
    """The descriptor to draw on: standard output, unless only standard error is a terminal."""
    return next((number for number in (1, 2) if os.isatty(number)), 1)


def _encoding() -> str:
    return getattr(sys.stdout, "encoding", None) or "utf-8"
