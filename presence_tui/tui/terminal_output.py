"""Output to a terminal that may close at any time."""

import os
import select
from collections.abc import Callable
from typing import Final

_MOST_WAITING: Final = 65_536
"""Characters; more than a whole screen takes."""


class TerminalOutput:
    """A file for Textual's writer thread. It never raises, because a dead thread would block the event loop.

    ``on_gone`` is called once, in that thread, when writing fails. Everything written
    afterwards is dropped.
    """

    def __init__(self, descriptor: int, encoding: str, on_gone: Callable[[], object]) -> None:
        self._descriptor = descriptor
        self._encoding = encoding
        self._on_gone = on_gone
        self._is_gone = False
        self._waiting: list[str] = []
        self._length = 0

    def fileno(self) -> int:
        return self._descriptor

    def write(self, text: str) -> int:
        if not self._is_gone:
            self._waiting.append(text)
            self._length += len(text)
            if self._length >= _MOST_WAITING:
                self.flush()
        return len(text)

    def flush(self) -> None:
        text = "".join(self._waiting)
        self._waiting.clear()
        self._length = 0
        if not text or self._is_gone:
            return
        try:
            self._write_all(memoryview(text.encode(self._encoding, "replace")))
        except OSError:
            self._is_gone = True
            self._on_gone()

    def _write_all(self, content: memoryview) -> None:
        while content:
            try:
                content = content[os.write(self._descriptor, content) :]
            except BlockingIOError:
                # Another program on the terminal may have left it in non-blocking mode.
                select.select([], [self._descriptor], [])
