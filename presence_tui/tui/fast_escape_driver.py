"""A terminal driver that splits input before Textual's parser gets it, and draws on standard output.

Textual's own driver checks its clock only ten times a second, so esc would take up to 100 ms;
it reads bytes of a paste as keys, and fails on unknown sequences. It draws on standard error,
which may be a file while standard output is the terminal, and does not notice a closed terminal.
"""

import os
import select
import sys
from functools import partial
from itertools import chain
from threading import Thread
from time import monotonic
from typing import Any, Final

from textual import constants
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from presence_tui.tui.crash_guard import crash_from_thread, terminal_lost_in_thread
from presence_tui.tui.input_events import InputTranslator
from presence_tui.tui.mouse_hover import MouseHover
from presence_tui.tui.terminal_background import QUESTION
from presence_tui.tui.terminal_input import InputSplitter
from presence_tui.tui.terminal_output import TerminalOutput
from presence_tui.tui.textual_internals import draw_on

_CLEAR: Final = "\x1b[0m\x1b[2J\x1b[H"
_IDLE_S: Final = 0.1
"""Interval at which the thread checks whether the application has ended."""
_MOVES_S: Final = 0.02
"""How long moves of the mouse are collected."""
_MOST_BYTES: Final = 65_536
_CLOSE_S: Final = 2.0
"""Time limit for the terminal to accept pending output."""


class FastEscapeDriver(LinuxDriver):
    """Textual's driver for POSIX terminals, with other input and output."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._reads_for = app
        self._escape_s: float = getattr(app, "escape_s", constants.ESCAPE_DELAY)
        output = TerminalOutput(_terminal(), _encoding(), partial(terminal_lost_in_thread, app))
        draw_on(self, output)

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if getattr(self._reads_for, "asks_background", False):
            self.write(QUESTION)
            self.flush()

    def stop_application_mode(self) -> None:
        # GNU screen has no alternate screen unless told so: the shell's prompt would stand within our rows.
        self.write(_CLEAR)
        super().stop_application_mode()

    def close(self) -> None:
        # A terminal that accepts no output, as over a hanging connection, would block forever. The writer
        # thread ends with the process.
        closing = Thread(target=super().close, name="presence-tui-close", daemon=True)
        closing.start()
        closing.join(_CLOSE_S)

    def run_input_thread(self) -> None:
        try:
            self._read_keys()
        except Exception as error:  # noqa: BLE001  (ends the application, which reports it)
            crash_from_thread(self._reads_for, error)

    def _read_keys(self) -> None:
        splitter, translator, hover = InputSplitter(self._escape_s), InputTranslator(), MouseHover()
        while not self.exit_event.is_set():
            if hover.due_s is not None:
                # More mouse moves will follow, and the delay of keys is not noticeable.
                self.exit_event.wait(_MOVES_S)
            readable, _, _ = select.select([self.fileno], [], [], _wait_s(splitter.due_s, hover.due_s))
            if not readable:
                parts = splitter.expire(monotonic())
            elif arrived := self._read():
                parts = splitter.feed(arrived, monotonic())
            else:
                # The other end of the terminal was closed.
                terminal_lost_in_thread(self._reads_for)
                return
            found = chain.from_iterable(map(translator.events, parts))
            for message in hover.hand_on(found, monotonic()):
                self.process_message(message)

    def _read(self) -> bytes:
        """Read input; empty once the terminal is closed."""
        try:
            return os.read(self.fileno, _MOST_BYTES)
        except OSError:
            return b""


def _wait_s(*due_s: float | None) -> float:
    """Seconds until the first of these times, at most ``_IDLE_S``."""
    now_s = monotonic()
    return max(0.0, min([_IDLE_S, *(each - now_s for each in due_s if each is not None)]))


def _terminal() -> int:
    """The descriptor to draw on: standard output, unless only standard error is a terminal."""
    return next((number for number in (1, 2) if os.isatty(number)), 1)


def _encoding() -> str:
    return getattr(sys.stdout, "encoding", None) or "utf-8"
