"""``wait``: an exit code for what holds, for scripts."""

import asyncio

import msgspec
import pytest

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.cli.wait_command import WaitLine
from presence_tui.gateway.directory import Person
from presence_tui.gateway.server import Gateway
from tests.integration.cli.command_line import CommandLine
from tests.integration.watch.conftest import StartGateway
from tests.unit.monitor.wait_until import PATIENCE_S


def somebody(gateway: Gateway, *, is_online: bool) -> Person:
    return next(
        person
        for person in gateway.people().values()
        if bool(person.devices) is is_online and not (person.hidden or person.guest)
    )


async def until_connected(gateway: Gateway) -> None:
    """Wait until the command has a socket; its process says nothing about it."""
    async with asyncio.timeout(PATIENCE_S):
        while not gateway.connections.count:  # noqa: ASYNC110  (nothing tells of it)
            await asyncio.sleep(0.02)


async def test_what_holds_at_once_ends_at_once(shell: CommandLine, gateway: Gateway) -> None:
    person = somebody(gateway, is_online=True)
    for name in (person.display_name, person.handle, f"@{person.handle}", person.key):
        ended = await shell.run("wait", f"{name} online", "--timeout", "15")
        assert (ended.code, ended.err) == (ExitCode.OK, "")
        (line,) = ended.lines
        assert list(line) == list(WaitLine.__struct_fields__)
        told = msgspec.convert(line, WaitLine)
        assert (told.kind, told.condition, told.held) == ("wait", f"{name} online", True)


async def test_it_waits_for_an_event(shell: CommandLine, gateway: Gateway) -> None:
    person = somebody(gateway, is_online=False)
    async with shell.running("wait", f"{person.key} online") as waiting:
        await until_connected(gateway)
        gateway.set_online(person.key, True)
        ended = await shell.ended(waiting)
    assert ended.code == ExitCode.OK
    assert ended.lines[0]["held"] is True


async def test_when_the_time_is_over_it_says_so(shell: CommandLine, gateway: Gateway) -> None:
    ended = await shell.run("wait", "all online", "--timeout", "2")
    assert ended.code == ExitCode.NOT_HELD
    assert [line["held"] for line in ended.lines] == [False]
    assert ended.err == "It did not hold in time.\n"


async def test_a_link_that_is_not_there_is_waited_for(shell: CommandLine) -> None:
    shell.use("http://127.0.0.1:1", "a.b.c")
    ended = await shell.run("wait", "live", "--timeout", "2")
    assert ended.code == ExitCode.NOT_HELD
    assert "the link is RECONNECTING" in ended.err


@pytest.mark.parametrize("condition", ["Adda Okafr offline", "@adda online"])
async def test_a_name_that_nobody_has_is_a_mistake(
    shell: CommandLine, gateway: Gateway, condition: str
) -> None:
    """It is no absence: another exit code, at once, and with the name that is meant."""
    said = (await shell.run("wait", condition, "--timeout", "60")).sentence(ExitCode.USAGE)
    assert said.startswith(
        f"Nobody in Harbour crew is called {condition.rpartition(' ')[0]}; similar: Ada Okafor"
    )
    assert said.endswith("add --may-join.")


async def test_who_may_join_is_waited_for(shell: CommandLine, gateway: Gateway) -> None:
    async with shell.running("wait", "Zed Zed offline", "--may-join") as waiting:
        await waiting.until_told("Nobody here is called Zed Zed, at least not yet.")


async def test_of_a_roster_that_is_listed_in_part_nobody_is_unknown(
    shell: CommandLine, start_gateway: StartGateway
) -> None:
    gateway = await start_gateway(participants=230)
    room = gateway.find_conversation()
    by = next(each.person for each in room.members.values() if each.person is not gateway.observer)
    gateway.memberships.promote(gateway.observer, room, "member", by)
    shell.use(gateway.url, gateway.token)
    async with shell.running("wait", "Zed Zed offline") as waiting:
        await waiting.until_told("Nobody here is called Zed Zed, at least not yet.")


@pytest.mark.parametrize("condition", ["Ada", "nobody of king", ""])
async def test_what_cannot_be_read_is_refused(shell: CommandLine, gateway: Gateway, condition: str) -> None:
    (await shell.run("wait", condition, "--timeout", "9")).sentence(ExitCode.USAGE)


async def test_a_refused_token_ends_it(shell: CommandLine, gateway: Gateway) -> None:
    shell.use(gateway.url, gateway.mint_token(forged=True))
    assert (await shell.run("wait", "live")).code == ExitCode.SIGN_IN


async def test_ctrl_c_is_not_success(shell: CommandLine, gateway: Gateway) -> None:
    async with shell.running("wait", "all online") as waiting:
        await until_connected(gateway)
        waiting.interrupt()
        ended = await shell.ended(waiting)
    assert (ended.code, ended.out) == (ExitCode.NOT_HELD, "")
    assert ended.err == "Interrupted before it held.\n"
