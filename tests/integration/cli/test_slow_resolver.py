"""A resolver that does not answer, and a process that is told to end meanwhile.

The resolver is held until the process has ended, so that a process that waits for it never ends.
"""

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest

from presence_tui.cli.exit_codes import ExitCode
from tests.integration.cli.command_line import ROOT, CommandLine, Ended
from tests.tui.terminal import on_terminal

SITE = """
import os, socket
looked_up = socket.getaddrinfo
def getaddrinfo(host, *arguments, **options):
    # Some libraries pass bytes.
    if host not in ("slow.example", b"slow.example"):
        return looked_up(host, *arguments, **options)
    with socket.create_connection(("127.0.0.1", int(os.environ["RESOLVER_PORT"]))) as resolver:
        # Nothing is ever sent.
        resolver.recv(1)
    raise socket.gaierror(socket.EAI_AGAIN, "no answer")
socket.getaddrinfo = getaddrinfo
"""
PATIENCE_S = 60.0
"""How long a process may take to end before the test fails; it could wait for the resolver forever."""

SIGNALS = {"ctrl-c": signal.SIGINT, "SIGTERM": signal.SIGTERM}
LASTING = ("tail", "watch --plain")
ONCE = ("roster", "doctor", "join harbour --as Sam", "notify-test --by webhook")
"""These leave SIGTERM to the system: they keep nothing that has to be closed."""


class HeldResolver:
    """Accepts queries and answers none."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        self._released = asyncio.Event()

    async def hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._asked.set()
        await self._released.wait()
        writer.close()

    async def until_asked(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self._asked.wait()

    def release(self) -> None:
        self._released.set()


@pytest.fixture
async def resolver(shell: CommandLine) -> AsyncIterator[HeldResolver]:
    """Holds what the shell's commands look up: the name of the gateway and of the webhook."""
    held = HeldResolver()
    server = await asyncio.start_server(held.hold, "127.0.0.1", 0)
    site = shell.home / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE)
    shell.environment["PYTHONPATH"] = f"{site}:{ROOT}"
    shell.environment["RESOLVER_PORT"] = str(server.sockets[0].getsockname()[1])
    shell.use("http://slow.example", "opaque-token")
    shell.environment["PRESENCE_TUI_WEBHOOK"] = "http://slow.example/hook"
    yield held
    held.release()
    server.close()


async def ended(shell: CommandLine, resolver: HeldResolver, command: str, number: signal.Signals) -> Ended:
    async with shell.running(*command.split()) as running:
        await resolver.until_asked()
        running.process.send_signal(number)
        return await shell.ended(running, PATIENCE_S)


@pytest.mark.parametrize("by", SIGNALS)
@pytest.mark.parametrize("command", LASTING)
async def test_a_command_that_is_told_to_end_does_not_wait_for_the_resolver(
    shell: CommandLine, resolver: HeldResolver, command: str, by: str
) -> None:
    """It took 28 s."""
    assert (await ended(shell, resolver, command, SIGNALS[by])).code == ExitCode.OK


@pytest.mark.parametrize("by", SIGNALS)
@pytest.mark.parametrize("command", ONCE)
async def test_a_command_that_answers_once_does_not_wait_for_the_resolver(
    shell: CommandLine, resolver: HeldResolver, command: str, by: str
) -> None:
    code = ExitCode.OK if by == "ctrl-c" else -signal.SIGTERM
    assert (await ended(shell, resolver, command, SIGNALS[by])).code == code


@pytest.mark.parametrize("by", ["q", *SIGNALS])
async def test_a_screen_that_is_told_to_end_does_not_wait_for_the_resolver(
    shell: CommandLine, resolver: HeldResolver, by: str
) -> None:
    async with on_terminal(shell.home, shell.environment) as terminal:
        await resolver.until_asked()
        if by == "q":
            terminal.type("q")
        else:
            terminal.signal(SIGNALS[by])
        assert await terminal.ended(PATIENCE_S) == ExitCode.OK
        assert terminal.is_restored
