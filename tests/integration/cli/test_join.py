"""``join``: a guest in the conversation while the command runs."""

import time

import pytest

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.gateway.server import Gateway
from tests.integration.cli.command_line import CommandLine
from tests.integration.watch.conftest import StartGateway
from tests.integration.watch.running_monitor import RunningMonitor


def called(monitor: RunningMonitor, name: str) -> str:
    """The key of the participant with this name, or an empty string."""
    return next((key for key, it in monitor.store.participants.items() if it.name == name), "")


async def test_who_joins_is_seen_to_come_and_to_leave(shell: CommandLine, gateway: Gateway) -> None:
    async with RunningMonitor(gateway.url, gateway.token) as monitor:
        await monitor.until_settled()
        async with shell.running("join", "harbour", "--as", "Zoé Neuf") as join:
            await join.until_told("ano_Zoé_Neuf is there. ctrl+c leaves.")
            told_s = time.monotonic()
            key = await monitor.until(lambda: called(monitor, "ano_Zoé_Neuf"))
            await monitor.until_flag(key, True)
            assert time.monotonic() - told_s < 1
            join.interrupt()
            left_s = time.monotonic()
            await monitor.until_flag(key, False)
            assert time.monotonic() - left_s < 1
            ended = await shell.ended(join)
            assert (ended.code, ended.out) == (ExitCode.OK, "")
            assert ended.err.splitlines() == ["ano_Zoé_Neuf has left."]


async def test_a_tail_beside_it_tells_the_same(shell: CommandLine, gateway: Gateway) -> None:
    async with shell.running("tail") as tail:
        await tail.until_line(lambda line: line.get("state") == "live")
        async with shell.running("join", "harbour", "--as", "Zoé") as join:
            came = await tail.until_line(lambda line: line.get("name") == "ano_Zoé")
            assert (came["cause"], came["after"], came["flag"]) == ("moved", "online", True)
            join.terminate()
            left = await tail.until_line(lambda line: line.get("name") == "ano_Zoé" and line["flag"] is False)
            assert (left["cause"], left["after"]) == ("moved", "offline")
            assert (await shell.ended(join)).code == ExitCode.OK


async def test_the_older_version_can_be_joined(shell: CommandLine, start_gateway: StartGateway) -> None:
    gateway = await start_gateway(profile="meeshy-2025")
    shell.use(gateway.url)
    async with RunningMonitor(gateway.url, gateway.token) as monitor:
        await monitor.until_settled()
        async with shell.running("join", gateway.conversation, "--as", "Zoé") as join:
            await join.until_told("Zoé is there")
            key = await monitor.until(lambda: called(monitor, "Zoé"))
            await monitor.until_flag(key, True)
            join.interrupt()
            assert (await shell.ended(join)).code == ExitCode.OK


@pytest.mark.parametrize("command", ["join", "login"])
async def test_the_help_explains_what_gateways_put_before_a_name(shell: CommandLine, command: str) -> None:
    said = " ".join((await shell.run(command, "--help")).out.split())
    assert "ano_" in said


async def test_a_link_that_leads_nowhere_is_denied(shell: CommandLine, gateway: Gateway) -> None:
    ended = await shell.run("join", "nowhere", "--as", "Zoé")
    assert "Link not found" in ended.sentence(ExitCode.DENIED)


async def test_without_a_gateway_and_a_demo_there_is_nothing_to_join(shell: CommandLine) -> None:
    ended = await shell.run("join", "harbour", "--as", "Zoé")
    assert "No demo is running" in ended.sentence(ExitCode.FAILED)


async def test_the_demo_of_another_terminal_is_found(shell: CommandLine) -> None:
    async with shell.running("tail") as tail:
        await tail.until_line(lambda line: line.get("state") == "live")
        async with shell.running("join", "harbour", "--as", "Zoé") as join:
            await tail.until_line(lambda line: line.get("name") == "ano_Zoé")
            join.interrupt()
            assert (await shell.ended(join)).code == ExitCode.OK


async def test_signed_out_is_reported_and_ends_the_command(shell: CommandLine, gateway: Gateway) -> None:
    async with shell.running("join", "harbour", "--as", "Zoé") as join:
        await join.until_told("Zoé is there")
        key = next(key for key, it in gateway.people().items() if it.display_name == "ano_Zoé")
        await gateway.connections.revoke(key=key)
        ended = await shell.ended(join)
        assert ended.code == ExitCode.SIGN_IN
        assert "revoked" in ended.err


@pytest.mark.parametrize("name", ["   ", "\u200b", "\u202e\n"])
@pytest.mark.parametrize("command", [("join", "harbour"), ("login", "--link", "harbour")])
async def test_guest_needs_a_name_that_can_be_seen(
    shell: CommandLine, gateway: Gateway, command: tuple[str, ...], name: str
) -> None:
    ended = await shell.run(*command, "--as", name)
    assert ended.code == ExitCode.USAGE
    assert "name" in ended.err.splitlines()[-1]


async def test_guest_name_that_is_no_text_is_not_taken_for_a_bad_token(
    shell: CommandLine, gateway: Gateway
) -> None:
    async with shell.running("join", "harbour", "--as", "Zo\udce9") as join:
        await join.until_told("ano_Zo� is there")
        join.interrupt()
        assert (await shell.ended(join)).code == ExitCode.OK
