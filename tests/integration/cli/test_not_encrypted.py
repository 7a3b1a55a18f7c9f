"""Every command that sends a token unencrypted to another machine warns about it once."""

import pytest

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.gateway.server import Gateway
from tests.integration.cli.command_line import CommandLine
from tests.integration.cli.test_plain import sentence_with
from tests.tui.terminal import on_terminal

WARNING = "is not encrypted: everybody on the way can read the token."


@pytest.fixture
def elsewhere(shell: CommandLine, gateway: Gateway) -> str:
    """An address of the gateway that does not count as loopback."""
    url = gateway.url.replace("127.0.0.1", "0.0.0.0")
    shell.use(url, gateway.token)
    return url


@pytest.mark.parametrize("command", [("roster", "-f", "csv"), ("roster", "-f", "json")], ids=str)
async def test_a_command_warns_once_on_stderr(
    shell: CommandLine, elsewhere: str, command: tuple[str, ...]
) -> None:
    ended = await shell.run(*command)
    assert (ended.code, ended.err.count(WARNING)) == (ExitCode.OK, 1), ended
    assert WARNING not in ended.out


async def test_tail_warns_once_on_stderr(shell: CommandLine, elsewhere: str) -> None:
    async with shell.running("tail") as tail:
        await tail.until_told(WARNING)
        await tail.until_line(lambda line: line["kind"] == "link" and line["state"] == "live")
        tail.interrupt()
        ended = await shell.ended(tail)
    assert (ended.code, ended.err.count(WARNING)) == (ExitCode.OK, 0), ended
    assert WARNING not in ended.out


async def test_login_logout_and_join_warn_once(shell: CommandLine, elsewhere: str, gateway: Gateway) -> None:
    by_link = await shell.run("login", elsewhere, "--link", "harbour", "--as", "Sam", "--name", "guest")
    assert (by_link.code, by_link.err.count(WARNING)) == (ExitCode.OK, 1), by_link
    login = await shell.run(
        "login", elsewhere, "--user", "observer", "--password-stdin", "--name", "me", typed="demo\n"
    )
    assert (login.code, login.err.count("everybody on the way can read")) == (ExitCode.OK, 1), login
    for name in ("guest", "me"):
        logout = await shell.run("logout", name)
        assert (logout.code, logout.err.count(WARNING)) == (ExitCode.OK, 1), logout
    async with shell.running("join", "harbour", "--as", "Sam", "-g", elsewhere) as joined:
        await joined.until_told(WARNING)
        await joined.until_told("is there")


async def test_doctor_says_it_where_it_looks_for_encryption(shell: CommandLine, elsewhere: str) -> None:
    ended = await shell.run("doctor")
    assert ended.out.count("everybody on the way can read the token") == 1, ended


async def test_the_watch_warns_on_the_screen_and_in_its_sentences(
    shell: CommandLine, elsewhere: str, gateway: Gateway
) -> None:
    async with shell.running("watch", "--plain") as plain:
        await sentence_with(plain, WARNING)
        await sentence_with(plain, "Live")
    environment = {"PRESENCE_TUI_GATEWAY": elsewhere, "PRESENCE_TUI_TOKEN": gateway.token}
    async with on_terminal(shell.home, environment) as terminal:
        await terminal.shows("is not encrypted")
        terminal.type("q")
        await terminal.ended()


async def test_this_machine_and_encryption_need_no_warning(shell: CommandLine, gateway: Gateway) -> None:
    ended = await shell.run("roster", "-f", "csv")
    assert (ended.code, ended.err) == (ExitCode.OK, "")
