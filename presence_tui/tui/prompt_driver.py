"""A terminal driver that splits its input before Textual's parser sees it.

Textual's own looks at its clock ten times a second only, so that no esc could be answered within 100 ms;
takes the bytes of a paste for keys; and ends on sequences that it does not know.
"""

import select
from os import read
from time import monotonic
from typing import Final

from textual import constants
from textual.drivers.linux_driver import LinuxDriver

from presence_tui.tui.crash_guard import crash_from_thread
from presence_tui.tui.input_events import InputTranslator
from presence_tui.tui.terminal_input import InputSplitter

_IDLE_S: Final = 0.1
"""How often the thread looks whether the application has ended."""
_MOST_BYTES: Final = 65_536


class PromptDriver(LinuxDriver):
    """Textual's driver for POSIX terminals, but for how it reads them."""

    def run_input_thread(self) -> None:
        try:
            self._read_keys()
        except Exception as error:  # noqa: BLE001  (ends the application, which says so)
            crash_from_thread(self._app, error)

    def _read_keys(self) -> None:
        splitter = InputSplitter(constants.ESCAPE_DELAY)
        translator = InputTranslator()
        while not self.exit_event.is_set():
            due_s = splitter.due_s
            wait_s = _IDLE_S if due_s is None else min(_IDLE_S, max(0.0, due_s - monotonic()))
            readable, _, _ = select.select([self.fileno], [], [], wait_s)
            if not readable:
                parts = splitter.expire(monotonic())
            elif arrived := read(self.fileno, _MOST_BYTES):
                parts = splitter.feed(arrived, monotonic())
            else:
                # The end of a file is readable for ever.
                self.exit_event.wait(_IDLE_S)
                parts = splitter.expire(monotonic())
            for part in parts:
                for message in translator.events(part):
                    self.process_message(message)
