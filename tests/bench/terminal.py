"""A command on a real pty: what it draws, how long a key takes, how much memory it needs."""

import asyncio
import fcntl
import os
import pty
import struct
import termios
import time
from pathlib import Path

import pyte


class Terminal:
    """Runs a command on a pty and emulates the screen. Use as an async context manager."""

    def __init__(self, command: list[str], environment: dict[str, str], size: tuple[int, int]) -> None:
        self._command = command
        self._environment = environment
        self._columns, self._lines = size
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._arrived = asyncio.Condition()
        self.seen = bytearray()
        """Bytes since the last ``forget``."""
        self.bytes_out = 0
        self._unfed = bytearray()
        self._last_s = 0.0
        self._wakeups: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Terminal":
        self._pid, self._descriptor = pty.fork()
        if self._pid == 0:
            os.execvpe(self._command[0], self._command, {**os.environ, **self._environment})
        size = struct.pack("HHHH", self._lines, self._columns, 0, 0)
        fcntl.ioctl(self._descriptor, termios.TIOCSWINSZ, size)
        os.set_blocking(self._descriptor, False)
        asyncio.get_running_loop().add_reader(self._descriptor, self._read)
        return self

    async def __aexit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)
        await asyncio.to_thread(os.waitpid, self._pid, 0)

    @property
    def text(self) -> str:
        """The screen as it is now."""
        self._stream.feed(bytes(self._unfed))
        self._unfed.clear()
        return "\n".join(self._screen.display)

    @property
    def resident_mib(self) -> float:
        """Resident memory of the command's process."""
        pages = int(Path(f"/proc/{self._pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    @property
    def cpu_s(self) -> float:
        """Processor time of the command's process so far."""
        fields = Path(f"/proc/{self._pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def forget(self) -> None:
        """Wait only for what comes from here on."""
        self.seen.clear()

    def press(self, keys: str) -> None:
        os.write(self._descriptor, keys.encode())

    async def until(self, mark: bytes, limit_s: float = 20.0) -> float:
        """Wait for bytes on their way to the terminal; answers when they came (monotonic seconds)."""
        try:
            async with asyncio.timeout(limit_s), self._arrived:
                await self._arrived.wait_for(lambda: mark in self.seen)
        except TimeoutError:
            raise TimeoutError(f"{mark!r} did not come in {limit_s:g} s; on screen:\n{self.text}") from None
        return self._last_s

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, 1 << 20)
        except (BlockingIOError, OSError):
            return
        self._last_s = time.monotonic()
        self.bytes_out += len(data)
        self.seen += data
        self._unfed += data
        task = asyncio.ensure_future(self._tell())
        self._wakeups.add(task)
        task.add_done_callback(self._wakeups.discard)

    async def _tell(self) -> None:
        async with self._arrived:
            self._arrived.notify_all()
