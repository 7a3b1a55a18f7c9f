"""A resolver that does not answer, and a process that is told to end meanwhile."""

import signal

import pytest

from presence_tui.cli.exit_codes import ExitCode
from tests.integration.cli.command_line import CommandLine

SITE = """
import socket, sys, time
looked_up = socket.getaddrinfo
def getaddrinfo(host, *arguments, **options):
    if host == "slow.example":
        print("looking up", file=sys.stderr, flush=True)
        time.sleep(60)
    return looked_up(host, *arguments, **options)
socket.getaddrinfo = getaddrinfo
"""


@pytest.fixture
def slow(shell: CommandLine) -> CommandLine:
    """A shell in which the gateway's name is looked up for a minute."""
    site = shell.home / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE)
    shell.environment["PYTHONPATH"] = f"{site}:{shell.environment['PYTHONPATH']}"
    shell.use("http://slow.example", "opaque-token")
    return shell


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "SIGTERM"])
@pytest.mark.parametrize("command", [("tail",), ("watch", "--plain")], ids=["tail", "plain"])
async def test_who_is_told_to_end_does_not_wait_for_the_resolver(
    slow: CommandLine, command: tuple[str, ...], number: signal.Signals
) -> None:
    """It took 28 s."""
    async with slow.running(*command) as running:
        await running.until_told("looking up", timeout_s=40)
        running.process.send_signal(number)
        # Long before the name is found.
        assert (await slow.ended(running, timeout_s=25)).code == ExitCode.OK
