"""Run the embedded gateway as a separate process, so that it takes no time from the screen's event loop."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import msgspec

from presence_tui.cli.demo_options import DemoOptions
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.language_option import say
from presence_tui.cli.running_demo import announce_demo, withdraw_demo
from presence_tui.domain.redaction import MaskedRepr

START_LIMIT_S = 20.0


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
