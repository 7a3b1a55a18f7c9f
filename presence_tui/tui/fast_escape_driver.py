"""A terminal driver that splits its input before Textual's parser sees it, and draws on standard output.

Textual's own looks at its clock ten times a second only, so that no esc could be answered within 100 ms;
takes the bytes of a paste for keys; and ends on sequences that it does not know. It draws on standard error,
which may lead to a file while the terminal is on standard output, and does not notice a lost terminal.
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

_IDLE_S: Final = 0.1
"""How often the thread looks whether the application has ended."""
_MOVES_S: Final = 0.02
"""How long the moves of a mouse are collected."""
_MOST_BYTES: Final = 65_536
_CLOSE_S: Final = 2.0
"""How long the terminal may take for what is left to be written."""


class FastEscapeDriver(LinuxDriver):
    """Textual's driver for POSIX terminals, but for how it reads them and where it draws."""

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
            crash_from_thread(self._reads_for, error)

    def _read_keys(self) -> None:
        splitter, translator, hover = InputSplitter(self._escape_s), InputTranslator(), MouseHover()
        while not self.exit_event.is_set():
            if hover.due_s is not None:
                # Of a mouse that moves more is to come, and no key waits noticeably longer.
                self.exit_event.wait(_MOVES_S)
            readable, _, _ = select.select([self.fileno], [], [], _wait_s(splitter.due_s, hover.due_s))
            if not readable:
                parts = splitter.expire(monotonic())
            elif arrived := self._read():
                parts = splitter.feed(arrived, monotonic())
            else:
                # Whoever had the other end of the terminal has closed it.
                terminal_lost_in_thread(self._reads_for)
                return
            found = chain.from_iterable(map(translator.events, parts))
            for message in hover.hand_on(found, monotonic()):
                self.process_message(message)

    def _read(self) -> bytes:
        """What was typed; nothing once the terminal is gone."""
        try:
            return os.read(self.fileno, _MOST_BYTES)
        except OSError:
            return b""


def _wait_s(*due_s: float | None) -> float:
    """Seconds until the first of these times; no longer than the end of the application may go unnoticed."""
    now_s = monotonic()
    return max(0.0, min([_IDLE_S, *(each - now_s for each in due_s if each is not None)]))


def _terminal() -> int:
    """The descriptor to draw on: standard output, unless only standard error is a terminal."""
    return next((number for number in (1, 2) if os.isatty(number)), 1)


def _encoding() -> str:
    return getattr(sys.stdout, "encoding", None) or "utf-8"
