"""Runs a configured command for each alert.

It starts without a shell and in a new session, so it has no terminal. Its standard output is discarded; the
start of its standard error is kept for the error message. After the time limit it is killed with all its
children.
"""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Final

from presence_tui.alerts.delivery import DeliveryError, Notice
from presence_tui.domain.system_reasons import reason_of
from presence_tui.domain.translatable import phrase
from presence_tui.wire.sanitize import safe_text

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


LIMIT_S: Final = 10.0
TEXT: Final = "{text}"
"""Placeholder for the sentence in an argument."""
_OURS: Final = "PRESENCE_TUI_"


class Command:
    """Run ``argv`` with the sentence in arguments and environment, and the JSON object on standard input."""

    def __init__(self, argv: Sequence[str], limit_s: float = LIMIT_S) -> None:
        self._argv = tuple(argv)
        self._limit_s = limit_s

    async def send(self, notice: Notice) -> str:
        """Run the command to its end and return the result. Raises ``DeliveryError``."""
        program = safe_text(self._argv[0])
        with Complaint() as complaint:
            process = await self._start(notice, complaint, program)
            try:
                async with asyncio.timeout(self._limit_s):
                    await _hand_over(process, notice.body)
                    code = await process.wait()
            except TimeoutError as late:
                raise DeliveryError(
                    phrase(
                        "The command {program} was ended: it took longer than {limit:g} s.",
                        program=program,
                        limit=self._limit_s,
                    )
                ) from late
            finally:
                await _end(process)
            output = complaint.take()
        if code != 0:
            raise DeliveryError(
                phrase(
                    "The command {program} failed with {code}: {complaint}.",
                    program=program,
                    code=code,
                    complaint=safe_text(output.decode(errors="replace")).rstrip(".") or "-",
                )
            )
        return "exit 0"

    async def _start(self, notice: Notice, complaint: Complaint, program: str) -> Process:
        try:
            process = await asyncio.create_subprocess_exec(
                *arguments(self._argv, notice.text),
                stdin=PIPE,
                stdout=DEVNULL,
                stderr=complaint.writer,
                env=environment(notice, os.environ),
                start_new_session=True,
            )
        except (OSError, ValueError) as problem:
            why = reason_of(problem) if isinstance(problem, OSError) else safe_text(str(problem))
            raise DeliveryError(
                phrase("The command {program} cannot be started: {why}.", program=program, why=why)
            ) from problem
        complaint.hand_over()
        return process

    async def close(self) -> None:
        """Nothing to close between runs."""


def arguments(argv: Sequence[str], text: str) -> list[str]:
    """Insert the sentence into the arguments. A leading space keeps a name with a dash from looking like an
    option.
    """
    harmless = f" {text}" if text.startswith("-") else text
    return [argv[0], *(argument.replace(TEXT, harmless) for argument in argv[1:])]


def environment(notice: Notice, ours: Mapping[str, str]) -> dict[str, str]:
    """Build the command's environment: ours without our settings, which hold tokens, plus the alert."""
    passed_on = {name: value for name, value in ours.items() if not name.startswith(_OURS)}
    return passed_on | {
        f"{_OURS}ALERT_TEXT": notice.text,
        f"{_OURS}ALERT_KINDS": ",".join(notice.kinds),
        f"{_OURS}ALERT_RULES": ",".join(notice.rules),
    }


async def _hand_over(process: Process, body: bytes) -> None:
    if process.stdin is None:
        return
    # The command does not have to read its input.
    with suppress(ConnectionError):
        process.stdin.write(body + b"\n")
        await process.stdin.drain()
    process.stdin.close()


async def _end(process: Process) -> None:
    """Kill the process group if it still runs, and close its input."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    if process.stdin is not None:
        process.stdin.close()
