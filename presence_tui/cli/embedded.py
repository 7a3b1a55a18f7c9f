"""The embedded gateway as a process of its own, so that it never takes a turn from the screen's loop."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import msgspec

from presence_tui.cli.configuration import CliError
from presence_tui.cli.demo_options import DemoOptions
from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.language_option import say
from presence_tui.cli.running_demo import announce_demo, withdraw_demo
from presence_tui.domain.redaction import MaskedRepr

START_LIMIT_S = 20.0


class Ready(MaskedRepr, msgspec.Struct):
    """The line a gateway prints when it listens."""

    url: str
    token: str
    conversation: str
    profile: str


class EmbeddedGateway:
    """A gateway process that ends with us, however we end: its standard input is our pipe."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    async def ready(self) -> Ready:
        """Wait until it listens. Raises ``CliError`` if it does not come up."""
        try:
            async with asyncio.timeout(START_LIMIT_S):
                line = await asyncio.to_thread(self._read_line)
        except TimeoutError as late:
            raise CliError(say("The embedded gateway did not start in time."), ExitCode.FAILED) from late
        try:
            ready = msgspec.json.decode(line, type=Ready)
        except msgspec.DecodeError as problem:
            said = await asyncio.to_thread(self._complaint)
            raise CliError(
                (say("The embedded gateway did not start.") + f" {said}").strip(), ExitCode.FAILED
            ) from problem
        announce_demo(ready.url, ready.conversation)
        return ready

    def _read_line(self) -> bytes:
        return self._process.stdout.readline() if self._process.stdout else b""

    def _complaint(self) -> str:
        said = self._process.stderr.read() if self._process.stderr else b""
        return said.decode(errors="replace").strip().splitlines()[-1] if said.strip() else ""


@contextmanager
def embedded_gateway(demo_options: DemoOptions) -> Iterator[EmbeddedGateway]:
    """Starts it at once, and ends it at the end of the block."""
    command = [
        sys.executable,
        "-m",
        "presence_tui",
        "gateway",
        f"--participants={demo_options.participants}",
        f"--rate={demo_options.rate}",
        f"--seed={demo_options.seed}",
        f"--profile={demo_options.profile}",
        "--until-input-ends",
    ]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A ctrl-c in the terminal is for the screen; the gateway ends when its input does.
        start_new_session=True,
    )
    try:
        yield EmbeddedGateway(process)
    finally:
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        # It would end by itself now, in its own time; there is nothing in it to lose.
        process.kill()
        process.wait()
        withdraw_demo()
