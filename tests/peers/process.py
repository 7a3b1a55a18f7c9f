"""A Node script as a child process with JSON lines, and a check that Node is available."""

import asyncio
import base64
import fcntl
import functools
import json
import shutil
import signal
import subprocess
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

HERE = Path(__file__).parent
# npm writes this file last, so an incomplete installation is detected.
INSTALLED = HERE / "node_modules" / ".package-lock.json"
NEEDED = HERE / "package.json"
INSTALL = ("npm", "install", "--no-audit", "--no-fund", "--no-package-lock")
INSTALL_TIMEOUT_S = 120
# The truth of 100,000 participants is one line.
LINE_LIMIT_BYTES = 2**27
GOODBYE_S = 2


class PeerError(Exception):
    """The Node process died, or answered a command with an error."""


@functools.cache
def node_ready() -> str | None:
    """The reason to skip, or None. Installs the npm packages when they are missing."""
    if not shutil.which("node"):
        return "node is not installed"
    if _is_installed():
        return None
    if not shutil.which("npm"):
        return "npm is not installed and tests/peers/node_modules is missing"
    with NEEDED.open() as needed:
        # Tests may run in several processes, and one installation replaces what another has just written.
        fcntl.flock(needed, fcntl.LOCK_EX)
        return None if _is_installed() else _install()


def _install() -> str | None:
    try:
        done = subprocess.run(INSTALL, cwd=HERE, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return f"npm install took longer than {INSTALL_TIMEOUT_S} s"
    return f"npm install failed: {done.stderr.strip()[-300:]}" if done.returncode else None


def _is_installed() -> bool:
    if not INSTALLED.exists():
        return False
    installed = json.loads(INSTALLED.read_text())["packages"]
    return all(f"node_modules/{name}" in installed for name in json.loads(NEEDED.read_text())["dependencies"])


def _plain(value: object) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"$binary": base64.b64encode(value).decode()}
    raise TypeError(f"no JSON for {type(value).__name__}")


Stream = TypeVar("Stream", asyncio.StreamReader, asyncio.StreamWriter)


def _pipe(stream: Stream | None) -> Stream:
    assert stream is not None, "all streams are pipes"
    return stream


class NodeProcess:
    """Starts `node script …`, passes each JSON line to `on_line`, and always ends the process."""

    def __init__(
        self,
        script: str,
        arguments: list[str],
        on_line: Callable[[dict[str, Any]], None],
        on_end: Callable[[Exception], None],
    ) -> None:
        self._command = ["node", str(HERE / script), *arguments]
        self._on_line = on_line
        self._on_end = on_end
        self._child: asyncio.subprocess.Process | None = None
        self._readers: list[asyncio.Task[None]] = []
        self._complaints: deque[str] = deque(maxlen=20)

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.returncode is None

    async def start(self) -> None:
        pipe = asyncio.subprocess.PIPE
        child = self._child = await asyncio.create_subprocess_exec(
            *self._command, stdin=pipe, stdout=pipe, stderr=pipe, limit=LINE_LIMIT_BYTES
        )
        self._readers = [
            asyncio.create_task(self._listen(child)),
            asyncio.create_task(self._hear_complaints(child)),
        ]

    async def _listen(self, child: asyncio.subprocess.Process) -> None:
        try:
            async for line in _pipe(child.stdout):
                self._on_line(json.loads(line))
            await child.wait()
            await self._readers[1]
            text = "".join(self._complaints)
            self._on_end(PeerError(f"{self._command[1]} ended ({child.returncode}): {text}"))
        except (ValueError, OSError) as broken:
            self._on_end(PeerError(f"{self._command[1]} said what is not a JSON line: {broken}"))

    async def _hear_complaints(self, child: asyncio.subprocess.Process) -> None:
        async for line in _pipe(child.stderr):
            self._complaints.append(line.decode(errors="replace"))

    async def write(self, message: dict[str, Any]) -> None:
        if self._child is None or not self.is_running:
            raise PeerError(f"{self._command[1]} is not running: {''.join(self._complaints)}")
        stdin = _pipe(self._child.stdin)
        stdin.write(json.dumps(message, default=_plain).encode() + b"\n")
        try:
            await stdin.drain()
        except ConnectionError as gone:
            raise PeerError(f"{self._command[1]} has gone: {''.join(self._complaints)}") from gone

    def signal(self, number: signal.Signals) -> None:
        assert self._child is not None, "the process was started"
        self._child.send_signal(number)

    async def stop(self) -> None:
        """Close stdin, and kill a process that does not end."""
        if self._child is None:
            return
        if self.is_running:
            # A paused process would not notice that its stdin is closed.
            self.signal(signal.SIGCONT)
            _pipe(self._child.stdin).close()
            try:
                async with asyncio.timeout(GOODBYE_S):
                    await self._child.wait()
            except TimeoutError:
                self._child.kill()
        await self._child.wait()
        await asyncio.gather(*self._readers)
        self._child = None
