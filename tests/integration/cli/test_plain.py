"""``--plain``: sentences on standard output, without a terminal, and a clean exit in every case."""

import asyncio
import os
import re
import signal
from itertools import cycle

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.gateway.server import Gateway
from tests.integration.cli.command_line import COMMAND, CommandLine, Running
from tests.integration.cli.test_tail import somebody
from tests.unit.monitor.wait_until import PATIENCE_S

TIME = re.compile(r"\d\d:\d\d:\d\d ")


async def sentence_with(running: Running, words: str) -> str:
    """The next line of output with these words; every line has a time or is a date."""
    assert running.process.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        while True:
            line = (await running.process.stdout.readline()).decode().rstrip("\n")
            assert line, f"it ended before it said {words!r}"
            assert TIME.match(line) or re.fullmatch(r"\d{4}-\d\d-\d\d", line), line
            if words in line:
                return TIME.sub("", line, count=1)


async def test_it_says_who_is_there_who_moves_and_how_the_link(shell: CommandLine, gateway: Gateway) -> None:
    key = somebody(gateway)
    gateway.set_online(key, False)
    async with shell.running("watch", "--plain") as plain:
        await sentence_with(plain, "Connecting to")
        await sentence_with(plain, "Live: ")
        assert "participants" in await sentence_with(plain, "Watching Harbour crew")
        gateway.set_online(key, True)
        await sentence_with(plain, f"{gateway.people()[key].display_name} came online.")
        await gateway.stop()
        await sentence_with(plain, "it is tried again by itself.")
        await gateway.start()
        await sentence_with(plain, "Live: ")
        await sentence_with(plain, "participants read")
        plain.interrupt()
        await sentence_with(plain, "Ended.")
        ended = await shell.ended(plain)
        assert (ended.code, ended.out, ended.err) == (ExitCode.OK, "", "")


async def test_a_request_to_end_is_an_end_and_it_speaks_french(shell: CommandLine, gateway: Gateway) -> None:
    async with shell.running("watch", "--plain", "--lang", "fr") as plain:
        await sentence_with(plain, "En direct")
        plain.process.send_signal(signal.SIGTERM)
        await sentence_with(plain, "Terminé.")
        assert (await shell.ended(plain)).code == ExitCode.OK


async def test_the_demo_is_announced_as_well_and_leaves_nothing_behind(shell: CommandLine) -> None:
    # Even with a configured gateway, whose history is not the demo's.
    shell.use("https://gate.example")
    async with shell.running("demo", "--plain", "--rate", "0", PRESENCE_TUI_LANG="en") as plain:
        await sentence_with(plain, "Watching Harbour crew: 25 participants")
        plain.interrupt()
        ended = await shell.ended(plain)
        assert (ended.code, ended.err) == (ExitCode.OK, "")
    assert not list((shell.home / "data").rglob("history.sqlite"))


async def test_plain_can_be_a_setting(shell: CommandLine, gateway: Gateway) -> None:
    shell.write_configuration("plain = true")
    async with shell.running() as plain:
        await sentence_with(plain, "Live: ")


async def test_a_reader_that_has_left_is_no_error(shell: CommandLine, gateway: Gateway) -> None:
    readable, writable = os.pipe()
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        "watch",
        "--plain",
        cwd=shell.home,
        env=shell.environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=writable,
        stderr=asyncio.subprocess.PIPE,
    )
    os.close(writable)
    assert await asyncio.to_thread(os.read, readable, 4)
    os.close(readable)
    ending = asyncio.create_task(process.communicate())
    key = somebody(gateway)
    for flag in cycle((True, False)):
        gateway.set_online(key, flag)
        done, _ = await asyncio.wait([ending], timeout=0.05)
        if done:
            break
    _, err = await ending
    assert (process.returncode, err) == (ExitCode.OK, b"")


async def test_what_nobody_here_can_mend_is_said_and_ends_it(shell: CommandLine, gateway: Gateway) -> None:
    shell.use(gateway.url, gateway.mint_token(forged=True))
    ended = await shell.run("watch", "--plain", "--lang", "fr", timeout_s=15)
    assert ended.code == ExitCode.SIGN_IN
    (line,) = ended.err.splitlines()
    assert "refuse ce jeton" in line and "Indiquez un autre jeton" in line
    shell.use(gateway.url, gateway.token)
    ended = await shell.run("watch", "nowhere", "--plain", timeout_s=15)
    assert ended.code == ExitCode.DENIED
    assert "refuses this" in ended.err


async def test_an_encoding_without_a_place_for_a_name_is_no_reason_to_stop(
    shell: CommandLine, gateway: Gateway
) -> None:
    async with shell.running("watch", "--plain", PYTHONIOENCODING="ascii", PYTHONUTF8="0") as plain:
        assert "?" in await sentence_with(plain, "Online: ")
