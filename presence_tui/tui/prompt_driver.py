"""A terminal driver that answers esc as soon as it is known to be esc.

An arrow key is esc and more, so after esc Textual waits for the rest, and looks at its clock ten times a
second only: no esc could be answered within 100 ms. Here the wait ends when it is over.
"""

import select
from codecs import getincrementaldecoder
from os import read
from typing import Final

from textual import constants
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

from presence_tui.tui.crash_guard import crash_from_thread

_IDLE_S: Final = 0.1
"""How often the thread looks whether the application has ended."""
_MOST_BYTES: Final = 4_096


class PromptDriver(LinuxDriver):
    """Textual's driver for POSIX terminals, but for how it waits for keys."""

    def run_input_thread(self) -> None:
        try:
            self._read_keys()
        except Exception as error:  # noqa: BLE001  (ends the application, which says so)
            crash_from_thread(self._app, error)

    def _read_keys(self) -> None:
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        while not self.exit_event.is_set():
            begun = parser._timeout_time is not None
            readable, _, _ = select.select(
                [self.fileno], [], [], constants.ESCAPE_DELAY if begun else _IDLE_S
            )
            if readable:
                arrived = read(self.fileno, _MOST_BYTES)
                if not arrived:
                    # The end of a file is readable for ever.
                    self.exit_event.wait(_IDLE_S)
                    continue
                # Half a character is no text yet, and no text is the end to the parser.
                if text := decode(arrived):
                    for message in parser.feed(text):
                        self.process_message(message)
            for message in parser.tick():
                self.process_message(message)
