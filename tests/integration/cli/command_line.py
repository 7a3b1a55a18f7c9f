"""Runs the command as a separate process, with its own home and a clean environment."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.integration.cli.schemas import validate_known
from tests.unit.monitor.wait_until import PATIENCE_S

ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-m", "presence_tui")
# So that coverage includes the processes, if it is measured.
_PASSED_ON = ("PATH", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG", "COVERAGE_FILE")


@dataclass(frozen=True)
class Ended:
    """Exit code and output of a command."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The output as JSON lines, validated against their schemas."""
        found = [json.loads(line) for line in self.out.splitlines()]
        for line in found:
            validate_known(line)
        return found

    def sentence(self, code: int) -> str:
        """The single line on stderr of a failed command, which printed nothing on stdout."""
        assert (self.code, self.out) == (code, ""), self
        (line,) = self.err.splitlines()
        assert len(line) > 20
        return line


class Running:
    """A running command."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @property
    def pid(self) -> int:
        return self.process.pid

    async def line(self) -> dict[str, Any]:
        """The next JSON line of its output."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            text = await self.process.stdout.readline()
        assert text, "no more output"
        found: dict[str, Any] = json.loads(text)
        validate_known(found)
        return found

    async def until_line(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next matching JSON line; earlier ones are dropped."""
        while not wanted(found := await self.line()):
            pass
        return found

    async def until_told(self, words: str, timeout_s: float = PATIENCE_S) -> str:
        """The next line on stderr that contains these words."""
        assert self.process.stderr is not None
        async with asyncio.timeout(timeout_s):
            while words not in (text := (await self.process.stderr.readline()).decode()):
                assert text, f"it ended before it said {words!r}"
        return text

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def terminate(self) -> None:
        self.process.terminate()


class CommandLine:
    """Runs commands. Their output must not contain ``secrets`` or a traceback."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.secrets: list[str] = []
        self.environment: dict[str, str] = {
            **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_RUNTIME_DIR": str(home / "run"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_STATE_HOME": str(home / "state"),
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "error,ignore::DeprecationWarning",
            "LANG": "C.UTF-8",
            # Keep the tests from using the developer's own keyring.
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        (home / "run").mkdir(mode=0o700)

    def use(self, url: str, token: str | None = None) -> None:
        """Configure a gateway, and a token that is treated as a secret."""
        self.environment["PRESENCE_TUI_GATEWAY"] = url
        self.environment.pop("PRESENCE_TUI_TOKEN", None)
        if token is not None:
            self.environment["PRESENCE_TUI_TOKEN"] = token
            self.secrets.append(token)

    def write_configuration(self, text: str | bytes) -> Path:
        path = self.home / "config" / "presence-tui" / "config.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    async def run(self, *arguments: str, timeout_s: float = 20, typed: str = "", **environment: str) -> Ended:
        """Run a command to its end; ``typed`` is its standard input."""
        async with self.running(*arguments, command=COMMAND, **environment) as running:
            return await self.ended(running, timeout_s, typed)

    async def ended(self, running: Running, timeout_s: float = PATIENCE_S, typed: str = "") -> Ended:
        """The result of a command that ends by itself or was asked to end."""
        async with asyncio.timeout(timeout_s):
            out, err = await running.process.communicate(typed.encode())
        code = running.process.returncode
        assert code is not None
        self._check(out, err)
        return Ended(code, out.decode(), err.decode())

    async def run_command(self, *command: str, timeout_s: float = 20, typed: str = "") -> Ended:
        """Run another program to its end, in the same environment."""
        async with self.running(command=command) as running:
            return await self.ended(running, timeout_s, typed)

    @asynccontextmanager
    async def running(
        self, *arguments: str, command: tuple[str, ...] = COMMAND, **environment: str
    ) -> AsyncIterator[Running]:
        """A command that is killed at the end of the block, if it still runs."""
        process = await asyncio.create_subprocess_exec(
            *command,
            *arguments,
            cwd=self.home,
            env={**self.environment, **environment},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            yield Running(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    def _check(self, *said: bytes) -> None:
        for text in said:
            assert b"Traceback" not in text, text.decode()
            assert b"Exception ignored" not in text, text.decode()
            assert b"Unclosed" not in text, text.decode()
            for secret in self.secrets:
                # Even part of a token must not be shown: its signature is enough.
                assert all(part.encode() not in text for part in secret.split() if len(part) > 8)


def family(pid: int) -> list[tuple[int, str]]:
    """A process and its descendants, each with its arguments."""
    found: list[tuple[int, str]] = []
    parents: dict[int, int] = {}
    words: dict[int, str] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                words[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
    pending = [pid]
    while pending:
        here = pending.pop()
        if here in words:
            found.append((here, words[here]))
        pending += [child for child, parent in parents.items() if parent == here]
    return found
