"""Run a command on a real pty and measure its output, key latency and memory."""

import asyncio
import fcntl
import os
import pty
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pyte

SIZE = (120, 40)
DRAIN_TICK_S = 0.01
WHOLE_READ = 1 << 20


class Terminal:
    """Runs a command on a pty and emulates the screen. Use as an async context manager."""

    def __init__(
        self,
        command: list[str],
        environment: dict[str, str],
        size: tuple[int, int],
        *,
        drain_bytes_a_second: float | None = None,
    ) -> None:
        """``drain_bytes_a_second`` limits the read rate, as a slow line does."""
        self._command = command
        self._drain = drain_bytes_a_second
        self._draining: asyncio.Task[None] | None = None
        self.on_read: Callable[[bytes, float], None] = lambda text, at_s: None
        """Called with every chunk and its arrival time (monotonic seconds)."""
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
        self.resize(self._columns, self._lines)
        os.set_blocking(self._descriptor, False)
        if self._drain is None:
            asyncio.get_running_loop().add_reader(self._descriptor, self._read)
        else:
            self._draining = asyncio.create_task(self._drain_slowly(self._drain))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._draining is not None:
            self._draining.cancel()
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)
        await asyncio.to_thread(os.waitpid, self._pid, 0)

    @property
    def text(self) -> str:
        """The current text of the screen."""
        # Copied first: this may run in a thread while more bytes arrive.
        unfed, self._unfed = self._unfed, bytearray()
        self._stream.feed(bytes(unfed))
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
        """Ignore earlier output in ``until``."""
        self.seen.clear()

    def resize(self, columns: int, lines: int) -> None:
        """Resize the pty; the emulator keeps its first size."""
        fcntl.ioctl(self._descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def kill(self) -> None:
        """Kill the command."""
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)

    def press(self, keys: str) -> None:
        os.write(self._descriptor, keys.encode())

    async def until(self, mark: bytes, limit_s: float = 20.0) -> float:
        """Wait until these bytes are read; return the time (monotonic seconds)."""
        try:
            async with asyncio.timeout(limit_s), self._arrived:
                await self._arrived.wait_for(lambda: mark in self.seen)
        except TimeoutError:
            raise TimeoutError(f"{mark!r} did not come in {limit_s:g} s; on screen:\n{self.text}") from None
        return self._last_s

    async def _drain_slowly(self, bytes_a_second: float) -> None:
        began_s, taken = time.monotonic(), 0
        while True:
            await asyncio.sleep(DRAIN_TICK_S)
            due = int((time.monotonic() - began_s) * bytes_a_second) - taken
            read = self._read(due) if due > 0 else 0
            # Unused capacity of the slow line is not carried over.
            taken += due if read < due else read

    def _read(self, limit: int = WHOLE_READ) -> int:
        try:
            data = os.read(self._descriptor, limit)
        except (BlockingIOError, OSError):
            return 0
        self._last_s = time.monotonic()
        self.on_read(data, self._last_s)
        self.bytes_out += len(data)
        self.seen += data
        self._unfed += data
        task = asyncio.ensure_future(self._tell())
        self._wakeups.add(task)
        task.add_done_callback(self._wakeups.discard)
        return len(data)

    async def _tell(self) -> None:
        async with self._arrived:
            self._arrived.notify_all()


@asynccontextmanager
async def watch_terminal(
    url: str,
    token: str,
    *,
    conversation: str = "",
    size: tuple[int, int] = SIZE,
    drain_bytes_a_second: float | None = None,
    program: Sequence[str] = ("-m", "presence_tui"),
) -> AsyncIterator[Terminal]:
    """``presence-tui watch`` on a pty, in its own environment; killed when the block ends.

    ``program`` are the interpreter's arguments that run it.
    """
    command = [sys.executable, *program, "watch"]
    with tempfile.TemporaryDirectory() as home:
        environment = {
            "HOME": home,
            "PRESENCE_TUI_GATEWAY": url,
            "PRESENCE_TUI_TOKEN": token,
            "PRESENCE_TUI_CONVERSATION": conversation,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
        }
        terminal = Terminal(command, environment, size, drain_bytes_a_second=drain_bytes_a_second)
        async with terminal:
            try:
                yield terminal
            finally:
                terminal.kill()
