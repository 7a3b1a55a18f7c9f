"""Libraries write to the log file or nowhere, never to the terminal."""

import logging
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.gateway.server import Gateway
from tests.integration.cli.command_line import CommandLine
from tests.integration.cli.test_plain import sentence_with
from tests.integration.cli.test_tail import somebody
from tests.tui.terminal import on_terminal

NOISE = """
import asyncio, logging, sys, threading, warnings
from presence_tui.monitor.monitor import PresenceMonitor

class RaisesWhenDeleted:
    def __del__(self):
        raise ValueError("STRAY unraisable")

def fail():
    raise ValueError("STRAY thread")

async def noisy(self, *, run=PresenceMonitor.run):
    warnings.warn("STRAY warning", RuntimeWarning)
    logging.getLogger("somebody.else").error("STRAY \\x1b]0;error\\x07")
    logging.getLogger("asyncio").error("STRAY asyncio")
    logging.getLogger("somebody.else").error("%d", "STRAY format")
    RaisesWhenDeleted()
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    asyncio.get_running_loop().call_soon(lambda: asyncio.get_running_loop().call_exception_handler(
        {{"message": "STRAY loop"}}))
    await run(self)

PresenceMonitor.run = noisy
sys.argv = ["presence-tui", {arguments}]
from presence_tui.cli.main import run
run()
"""
SAID = ("warning", "\\x1b]0;error\\x07", "asyncio", "unraisable", "thread", "loop")


def noisy(*arguments: str) -> tuple[str, ...]:
    return sys.executable, "-c", NOISE.format(arguments=", ".join(map(repr, arguments)))


def surroundings(gateway: Gateway) -> dict[str, str]:
    return {"PRESENCE_TUI_GATEWAY": gateway.url, "PRESENCE_TUI_TOKEN": gateway.token}


@pytest.mark.parametrize("logged", [False, True])
@pytest.mark.parametrize("plain", [False, True])
async def test_no_stray_byte_reaches_the_terminal(
    gateway: Gateway, tmp_path: Path, logged: bool, plain: bool
) -> None:
    log = tmp_path / "log"
    arguments = ["watch", *(["--plain"] if plain else []), *(["--log-file", str(log)] if logged else [])]
    async with on_terminal(tmp_path, surroundings(gateway), noisy(*arguments)) as terminal:
        await terminal.shows("Live: " if plain else "LIVE")
        terminal.signal(signal.SIGINT)
        assert await terminal.ended() == 0
        assert "STRAY" not in terminal.said
        assert "Traceback" not in terminal.said and "Error" not in terminal.said
    if logged:
        text = log.read_text()
        assert [said for said in SAID if f"STRAY {said}" not in text] == []
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)
        assert log.stat().st_mode & 0o777 == 0o600
        assert gateway.token not in text


@pytest.mark.parametrize(
    ("level", "told"),
    [("debug", {"live", "read", "change"}), ("info", {"live", "read"}), ("warning", set())],
)
async def test_the_level_sets_how_much_is_logged(
    shell: CommandLine, gateway: Gateway, level: str, told: set[str]
) -> None:
    log = shell.home / "log"
    key = somebody(gateway)
    arguments = ("watch", "--plain", "--log-file", str(log), "--log-level", level)
    async with shell.running(*arguments) as plain:
        await sentence_with(plain, "Watching")
        gateway.set_online(key, not gateway.truth()[key])
        await sentence_with(plain, gateway.people()[key].display_name)
        plain.interrupt()
        await shell.ended(plain)
    text = log.read_text()
    signs = {"live": "link live", "read": " participants, ", "change": f"moved {key}: "}
    assert {what for what, sign in signs.items() if sign in text} == told
    assert gateway.token not in text


@pytest.mark.parametrize("mode", [0o666, 0o640, 0o604, 0o602])
async def test_a_log_file_that_others_may_touch_is_refused(shell: CommandLine, mode: int) -> None:
    log = shell.home / "log"
    log.touch()
    log.chmod(mode)
    ended = await shell.run("watch", "--plain", "--log-file", str(log))
    assert f"chmod 600 {log}" in ended.sentence(ExitCode.USAGE)
    assert (log.stat().st_mode & 0o777, log.read_bytes()) == (mode, b"")


async def test_a_log_file_of_ours_goes_on(shell: CommandLine, gateway: Gateway) -> None:
    log = shell.home / "log"
    log.touch(0o600)
    log.write_text("before\n")
    async with shell.running("tail", "--log-file", str(log)) as tail:
        await tail.until_line(lambda line: line.get("state") == "live")
        tail.interrupt()
        assert (await shell.ended(tail)).code == ExitCode.OK
    first, *others = log.read_text().splitlines()
    assert (first, any("link live" in line for line in others)) == ("before", True)


@pytest.mark.parametrize("there", ["a file", "nothing"])
async def test_a_log_is_written_through_no_link(shell: CommandLine, there: str) -> None:
    target, log = shell.home / "target", shell.home / "log"
    if there == "a file":
        target.touch(0o600)
    log.symlink_to(target)
    ended = await shell.run("watch", "--plain", "--log-file", str(log))
    assert "it is a symbolic link" in ended.sentence(ExitCode.USAGE)
    assert target.exists() == (there == "a file")


async def test_a_log_is_written_into_no_pipe(shell: CommandLine) -> None:
    log = shell.home / "log"
    os.mkfifo(log, 0o600)
    ended = await shell.run("watch", "--plain", "--log-file", str(log))
    assert "it is not a regular file" in ended.sentence(ExitCode.USAGE)


async def test_a_log_file_or_level_that_cannot_be_is_a_sentence(shell: CommandLine, gateway: Gateway) -> None:
    nowhere = await shell.run("watch", "--plain", "--log-file", str(shell.home / "no" / "log"))
    assert "cannot be written" in nowhere.sentence(ExitCode.USAGE)
    loud = await shell.run("watch", "--plain", "--log-level", "loud")
    assert loud.code == ExitCode.USAGE and "loud" in loud.err


def test_the_levels_are_those_of_logging() -> None:
    from presence_tui.cli.logs import LEVELS

    assert {name: getattr(logging, name.upper()) for name in LEVELS} == LEVELS
