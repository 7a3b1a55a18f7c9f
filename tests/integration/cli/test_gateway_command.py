"""``gateway``: prints its address, serves, and ends on request."""

import socket
import sys
from collections.abc import Callable

import pytest

from presence_tui.cli.exit_codes import ExitCode
from tests.integration.cli.command_line import CommandLine, Running
from tests.integration.watch.running_monitor import RunningMonitor


def end_input(running: Running) -> None:
    assert running.process.stdin is not None
    running.process.stdin.close()


ENDS: dict[str, Callable[[Running], None]] = {
    "SIGTERM": Running.terminate,
    "SIGINT": Running.interrupt,
    "the end of its input": end_input,
}


@pytest.mark.parametrize("way", ENDS)
async def test_it_says_one_line_and_stops(shell: CommandLine, way: str) -> None:
    async with shell.running("gateway", "--rate", "0", "--until-input-ends") as gateway:
        ready = await gateway.line()
        assert set(ready) == {"url", "token", "conversation", "profile"}
        ENDS[way](gateway)
        ended = await shell.ended(gateway)
        assert (ended.code, ended.out, ended.err) == (ExitCode.OK, "", "")


async def test_an_input_that_cannot_be_waited_for_has_ended(shell: CommandLine) -> None:
    gateway = f"{sys.executable} -m presence_tui gateway --until-input-ends </dev/null"
    ended = await shell.run_command("/bin/sh", "-c", gateway)
    assert (ended.code, ended.err) == (ExitCode.OK, "")


@pytest.mark.parametrize("profile", ["meeshy-2026", "meeshy-2025"])
async def test_what_it_says_is_enough_to_watch_it(shell: CommandLine, profile: str) -> None:
    async with shell.running("gateway", "--rate=20", "--participants=12", f"--profile={profile}") as gateway:
        ready = await gateway.line()
        assert ready["profile"] == profile
        async with RunningMonitor(ready["url"], ready["token"], wanted=ready["conversation"]) as monitor:
            report = await monitor.until_settled()
            assert report.participants == 13
            assert monitor.monitor.profile_name == profile
            await monitor.until_received(30)
        gateway.terminate()
        assert (await shell.ended(gateway)).code == ExitCode.OK


async def test_a_port_in_use_is_reported_in_a_sentence(shell: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = await shell.run("gateway", "--port", str(port))
    assert f"Cannot listen on 127.0.0.1:{port}" in ended.sentence(ExitCode.FAILED)


async def test_a_profile_there_is_not_is_a_mistake(shell: CommandLine) -> None:
    ended = await shell.run("gateway", "--profile", "meeshy-1999")
    assert "meeshy-2025" in ended.sentence(ExitCode.USAGE)
