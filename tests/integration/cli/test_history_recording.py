"""Commands without a screen record the history too."""

from pathlib import Path

import pytest

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.gateway.server import Gateway
from tests.integration.cli.command_line import CommandLine
from tests.integration.cli.test_plain import sentence_with
from tests.integration.cli.test_tail import somebody
from tests.unit.history.history_fixtures import rows


def path_of(shell: CommandLine) -> Path:
    return shell.home / "data" / "presence-tui" / "history.sqlite"


def kept(path: Path, key: str) -> list[tuple[str, int]]:
    return rows(path, "SELECT cause, flag FROM changes WHERE key = ? AND cause = 'moved' ORDER BY id", key)


async def test_tail_keeps_what_it_tells(shell: CommandLine, gateway: Gateway) -> None:
    key = somebody(gateway)
    gateway.set_online(key, False)
    async with shell.running("tail") as tail:
        await tail.until_line(lambda line: line.get("state") == "live")
        await tail.until_line(lambda line: line.get("user_id") == key)
        gateway.set_online(key, True)
        await tail.until_line(lambda line: line.get("user_id") == key and line["flag"])
        tail.interrupt()
        assert (await shell.ended(tail)).code == ExitCode.OK
    assert kept(path_of(shell), key) == [("moved", 1)]
    assert rows(path_of(shell), "SELECT count(*) FROM runs WHERE ended_s IS NULL") == [0]
    assert rows(path_of(shell), "SELECT count(*) FROM people WHERE key = ?", key) == [1]
    assert rows(path_of(shell), "SELECT state FROM links")[-1] == "live"


async def test_plain_keeps_what_it_says(shell: CommandLine, gateway: Gateway) -> None:
    key = somebody(gateway)
    gateway.set_online(key, False)
    async with shell.running("watch", "--plain") as plain:
        await sentence_with(plain, "Watching Harbour crew")
        gateway.set_online(key, True)
        await sentence_with(plain, "came online.")
        plain.interrupt()
        assert (await shell.ended(plain)).code == ExitCode.OK
    assert kept(path_of(shell), key) == [("moved", 1)]


@pytest.mark.parametrize("command", [("tail",), ("watch", "--plain")])
async def test_nothing_is_kept_where_nothing_is_to_be(
    shell: CommandLine, gateway: Gateway, command: tuple[str, ...]
) -> None:
    shell.write_configuration("history = false")
    async with shell.running(*command) as running:
        assert running.process.stdout is not None
        await running.process.stdout.readline()
        running.interrupt()
        assert (await shell.ended(running)).code == ExitCode.OK
    assert not path_of(shell).exists()


async def test_a_demo_is_not_kept(shell: CommandLine) -> None:
    async with shell.running("tail") as tail:
        await tail.until_line(lambda line: line.get("state") == "live")
        tail.interrupt()
        assert (await shell.ended(tail)).code == ExitCode.OK
    assert not path_of(shell).exists()


async def test_a_full_disk_is_reported_and_the_watch_continues(shell: CommandLine, gateway: Gateway) -> None:
    path_of(shell).mkdir(parents=True)
    async with shell.running("tail") as tail:
        await tail.until_told("cannot be written")
        await tail.until_line(lambda line: line.get("state") == "live")
        tail.interrupt()
        assert (await shell.ended(tail)).code == ExitCode.OK
