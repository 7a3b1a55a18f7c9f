"""A command of somebody's own that is run for each alert.

It is started without a shell, in a session of its own: it has no terminal to write to, and what it writes
goes nowhere, but for the first of what it complains about. Nobody waits for it; past its time it is ended,
with whatever it has started.
"""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from presence_tui.alerts.complaint import Complaint
from presence_tui.alerts.errors import DeliveryError
from presence_tui.alerts.notice import Notice
from presence_tui.domain.translatable import phrase
from presence_tui.wire.sanitize import safe_text

LIMIT_S: Final = 10.0
TEXT: Final = "{text}"
"""Stands for the sentence in an argument."""
_OURS: Final = "PRESENCE_TUI_"


class Command:
    """Runs ``argv`` with the sentence in its arguments and environment, and the JSON object on its input."""

    def __init__(self, argv: Sequence[str], limit_s: float = LIMIT_S) -> None:
        self._argv = tuple(argv)
        self._limit_s = limit_s

    async def send(self, notice: Notice) -> str:
        """Run it to its end; answers what came of it. Raises ``DeliveryError``."""
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
            said = complaint.take()
        if code != 0:
            raise DeliveryError(
                phrase(
                    "The command {program} failed with {code}: {complaint}.",
                    program=program,
                    code=code,
                    complaint=safe_text(said.decode(errors="replace")).rstrip(".") or "-",
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
            why = getattr(problem, "strerror", None) or str(problem)
            raise DeliveryError(
                phrase("The command {program} cannot be started: {why}.", program=program, why=safe_text(why))
            ) from problem
        complaint.hand_over()
        return process

    async def close(self) -> None:
        """Nothing is open in between."""


def arguments(argv: Sequence[str], text: str) -> list[str]:
    """The arguments with the sentence put in. It never looks like an option: names may begin with a dash."""
    harmless = f" {text}" if text.startswith("-") else text
    return [argv[0], *(argument.replace(TEXT, harmless) for argument in argv[1:])]


def environment(notice: Notice, ours: Mapping[str, str]) -> dict[str, str]:
    """The environment of the command: ours without our settings, which hold tokens, and with the alert."""
    passed_on = {name: value for name, value in ours.items() if not name.startswith(_OURS)}
    return passed_on | {
        f"{_OURS}ALERT_TEXT": notice.text,
        f"{_OURS}ALERT_KINDS": ",".join(notice.kinds),
        f"{_OURS}ALERT_RULES": ",".join(notice.rules),
    }


async def _hand_over(process: Process, body: bytes) -> None:
    if process.stdin is None:
        return
    # Who does not want to read it is free to.
    with suppress(ConnectionError):
        process.stdin.write(body + b"\n")
        await process.stdin.drain()
    process.stdin.close()


async def _end(process: Process) -> None:
    """End it with everybody it has started, if it has not ended, and leave nothing of it open."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    if process.stdin is not None:
        process.stdin.close()
