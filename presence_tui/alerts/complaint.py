"""The start of a command's standard error, read without blocking either side."""

import asyncio
import os
from types import TracebackType
from typing import Final

KEPT_BYTES: Final = 2_000


class Complaint:
    """A pipe for standard error, read while the block lasts."""

    def __init__(self) -> None:
        self._kept = b""
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._loop = asyncio.get_running_loop()

    def __enter__(self) -> "Complaint":
        self._loop.add_reader(self._reader, self._read)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hand_over()
        self._loop.remove_reader(self._reader)
        os.close(self._reader)

    def hand_over(self) -> None:
        """Close our copy of the writing end, once the command has it."""
        if self.writer >= 0:
            os.close(self.writer)
            self.writer = -1

    def take(self) -> bytes:
        """Return the bytes kept so far."""
        self._read()
        return self._kept

    def _read(self) -> None:
        try:
            chunk = os.read(self._reader, 65_536)
        except BlockingIOError:
            return
        if not chunk:
            self._loop.remove_reader(self._reader)
        # Everything after the first bytes is discarded.
        self._kept = (self._kept + chunk)[:KEPT_BYTES]
