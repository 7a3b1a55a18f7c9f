"""The embedded gateway as a separate process, so that it takes no time from the screen's event loop.

A file announces each one that runs on this machine, so that ``join`` finds it.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from platformdirs import user_cache_path

from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import say, say_phrase
from presence_tui.domain.redaction import MaskedRepr
from presence_tui.storage.private_files import read_regular, write_private

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.gateway.faults import FaultName

START_LIMIT_S = 20.0
_MOST_BYTES: Final = 2**16
"""A larger file is not ours."""


class DemoOptions(msgspec.Struct, frozen=True):
    """The population of the embedded gateway."""

    participants: int = 24
    rate: float = 1.0
    seed: int = 7
    profile: str = "meeshy-2026"
    faults: tuple[str, ...] = ()
    """``NAME=VALUE`` each, checked before."""


def checked_faults(words: Sequence[str], participants: int) -> "dict[FaultName, float]":
    """Read the values of ``--fault``. Raises ``CliError`` with the list of faults."""
    from presence_tui.gateway.faults import BadFault, read_faults

    try:
        return read_faults(words, participants)
    except BadFault as problem:
        sentence = say_phrase(problem.sentence)
        raise CliError(f"{sentence[0].upper()}{sentence[1:]}.", ExitCode.USAGE) from problem


class Ready(MaskedRepr, msgspec.Struct):
    """The JSON line a gateway prints once it listens."""

    url: str
    token: str
    conversation: str
    profile: str


class EmbeddedGateway:
    """A gateway process that ends with ours, however that ends: its standard input is our pipe."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._is_closed = False

    def close(self) -> None:
        """End the process. May be called twice."""
        if self._is_closed:
            return
        self._is_closed = True
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        # It would end by itself, but later; it has no data to lose.
        self._process.kill()
        self._process.wait()
        withdraw_demo()

    async def ready(self) -> Ready:
        """Wait until the gateway listens. Raises ``CliError`` if it does not start."""
        try:
            async with asyncio.timeout(START_LIMIT_S):
                line = await asyncio.to_thread(self._read_line)
        except TimeoutError as late:
            raise CliError(say("The embedded gateway did not start in time."), ExitCode.FAILED) from late
        try:
            ready = msgspec.json.decode(line, type=Ready)
        except msgspec.DecodeError as problem:
            complaint = await asyncio.to_thread(self._complaint)
            raise CliError(
                (say("The embedded gateway did not start.") + f" {complaint}").strip(), ExitCode.FAILED
            ) from problem
        announce_demo(ready.url, ready.conversation)
        return ready

    def _read_line(self) -> bytes:
        return self._process.stdout.readline() if self._process.stdout else b""

    def _complaint(self) -> str:
        output = self._process.stderr.read() if self._process.stderr else b""
        return output.decode(errors="replace").strip().splitlines()[-1] if output.strip() else ""


@contextmanager
def embedded_gateway(demo_options: DemoOptions) -> Iterator[EmbeddedGateway]:
    """Start the gateway, and end it at the end of the block."""
    gateway = start_embedded_gateway(demo_options)
    try:
        yield gateway
    finally:
        gateway.close()


def start_embedded_gateway(demo_options: DemoOptions) -> EmbeddedGateway:
    """Start the gateway; the caller closes it."""
    command = [
        sys.executable,
        "-m",
        "presence_tui",
        "gateway",
        f"--participants={demo_options.participants}",
        f"--rate={demo_options.rate}",
        f"--seed={demo_options.seed}",
        f"--profile={demo_options.profile}",
        *(f"--fault={fault}" for fault in demo_options.faults),
        "--until-input-ends",
    ]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Ctrl-c in the terminal must not reach the gateway, which ends with its input.
        start_new_session=True,
    )
    return EmbeddedGateway(process)


class RunningDemo(msgspec.Struct):
    """Address and conversation of an embedded gateway, and the process that owns it. No token."""

    url: str
    conversation: str
    pid: int


def demos_folder() -> Path:
    """The folder with one file per running process."""
    return user_cache_path("presence-tui") / "demos"


def announce_demo(url: str, conversation: str) -> None:
    """Write our file. A failure only means that ``join`` cannot find the gateway."""
    with suppress(OSError):
        write_private(_own_path(), msgspec.json.encode(RunningDemo(url, conversation, os.getpid())))


def withdraw_demo() -> None:
    """Delete our file, if any."""
    with suppress(OSError):
        _own_path().unlink(missing_ok=True)


def running_demo() -> RunningDemo | None:
    """The newest embedded gateway that is running on this machine, or ``None``."""
    try:
        paths = sorted(demos_folder().glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return None
    demos = (_read(path) for path in paths)
    return next((demo for demo in demos if demo is not None and _is_alive(demo.pid)), None)


def _own_path() -> Path:
    return demos_folder() / f"{os.getpid()}.json"


def _read(path: Path) -> RunningDemo | None:
    try:
        return msgspec.json.decode(read_regular(path, _MOST_BYTES), type=RunningDemo)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _is_alive(pid: int) -> bool:
    if not 0 < pid < 2**31:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
