"""Runs the real command on a real pseudo-terminal and records every byte it writes."""

import asyncio
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pyte

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "presence_tui", "watch")

ALTERNATE_SCREEN = b"\x1b[?1049h"
MAIN_SCREEN = b"\x1b[?1049l"
CURSOR_SHOWN = b"\x1b[?25h"
MOUSE_ON = b"\x1b[?1000h"
MOUSE_OFF = b"\x1b[?1000l"


class Terminal:
    """A process on its own terminal."""

    def __init__(self, process: asyncio.subprocess.Process, master: int, size: tuple[int, int]) -> None:
        self._process = process
        self._master = master
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._at_end = asyncio.Event()
        self._modes_before = termios.tcgetattr(master)
        self.written = bytearray()
        """All bytes written by the process."""
        self._forgotten = 0
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._text_before = ""
        """The text on the screen when the earlier output was forgotten."""
        os.set_blocking(master, False)
        self._loop.add_reader(master, self._read)

    async def shows(self, part: str, limit_s: float = 15) -> None:
        """Wait until the process has written the text, at once or cell by cell."""
        async with asyncio.timeout(limit_s):
            while not self._has_written(part):
                assert not self._at_end.is_set(), f"it ended without {part!r}: {self.said}"
                self._news.clear()
                await self._news.wait()

    def _has_written(self, part: str) -> bool:
        if part.encode() in self.written[self._forgotten :]:
            return True
        return part in self.text and part not in self._text_before

    @property
    def text(self) -> str:
        """The text on the screen."""
        return "\n".join(self._screen.display)

    async def news(self) -> None:
        """Wait until the process writes more."""
        assert not self._at_end.is_set(), f"it ended: {self.said}"
        self._news.clear()
        await self._news.wait()

    @property
    def said(self) -> str:
        return self.written.decode("utf-8", "backslashreplace")

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    async def type_all(self, keys: str) -> None:
        """Type more than the terminal's buffer holds, as fast as the process reads it."""
        left = keys.encode()
        while left:
            try:
                left = left[os.write(self._master, left) :]
            except BlockingIOError:
                await self._may_write()

    def forget(self) -> None:
        """Make ``shows`` ignore earlier output."""
        self._forgotten = len(self.written)
        self._text_before = self.text

    @property
    def since(self) -> str:
        """The text written since ``forget``."""
        return self.written[self._forgotten :].decode("utf-8", "backslashreplace")

    def resize(self, columns: int, rows: int) -> None:
        _set_size(self._master, columns, rows)
        self._screen.resize(rows, columns)
        # The kernel signals the foreground process group of a controlling terminal; this one has none.
        self.signal(signal.SIGWINCH)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def ended(self, limit_s: float = 8) -> int:
        """Wait until the process has ended and its output was read; returns its exit code."""
        async with asyncio.timeout(limit_s):
            await self._at_end.wait()
            return await self._process.wait()

    def stall(self) -> None:
        """Stop reading the output, as a hanging connection does."""
        self._loop.remove_reader(self._master)

    async def left(self, limit_s: float) -> int:
        """Wait until the process has ended, without reading its output; returns its exit code."""
        async with asyncio.timeout(limit_s):
            return await self._process.wait()

    async def hang_up(self, limit_s: float) -> int:
        """Close the terminal as a terminal emulator does; returns the exit code of the process.

        Fails if the process has not ended within the limit.
        """
        self._loop.remove_reader(self._master)
        os.close(self._master)
        self._master = -1
        async with asyncio.timeout(limit_s):
            return await self._process.wait()

    @property
    def has_its_modes(self) -> bool:
        """True if the terminal modes, such as echo, are as before."""
        return termios.tcgetattr(self._master) == self._modes_before

    @property
    def is_restored(self) -> bool:
        """True if the terminal is restored: main screen, cursor, no mouse, and its modes."""
        written = bytes(self.written)
        switched = [written.rfind(mode) for mode in (ALTERNATE_SCREEN, MAIN_SCREEN)]
        mouse = [written.rfind(mode) for mode in (MOUSE_ON, MOUSE_OFF)]
        return (
            -1 < switched[0] < switched[1]
            and -1 < mouse[0] < mouse[1]
            and written.rfind(CURSOR_SHOWN) > written.rfind(b"\x1b[?25l") > -1
            and self.has_its_modes
        )

    async def close(self) -> None:
        if self._master >= 0:
            self._loop.remove_reader(self._master)
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        if self._master >= 0:
            os.close(self._master)

    async def _may_write(self) -> None:
        writable = self._loop.create_future()
        self._loop.add_writer(self._master, writable.set_result, None)
        try:
            await writable
        finally:
            self._loop.remove_writer(self._master)

    def _read(self) -> None:
        try:
            news = os.read(self._master, 65_536)
        except OSError:
            news = b""
        if not news:
            self._loop.remove_reader(self._master)
            self._at_end.set()
        self.written += news
        self._stream.feed(news)
        self._news.set()


def _set_size(terminal: int, columns: int, rows: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


@asynccontextmanager
async def on_terminal(
    folder: Path,
    environment: dict[str, str],
    command: tuple[str, ...] = COMMAND,
    size: tuple[int, int] = (100, 30),
) -> AsyncIterator[Terminal]:
    """Run a command on its own terminal, with its own folders and a clean environment."""
    master, slave = pty.openpty()
    _set_size(slave, *size)
    homes = {name: str(folder / name.lower()) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")}
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=ROOT,
        env={
            "PATH": os.environ.get("PATH", ""),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            **homes,
            **environment,
        },
        start_new_session=True,
    )
    terminal = Terminal(process, master, size)
    os.close(slave)
    try:
        yield terminal
    finally:
        await terminal.close()
