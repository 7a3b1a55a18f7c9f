"""``login`` on a terminal: secret input is never echoed, and the terminal is restored."""

import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from presence_tui.cli.exit_codes import ExitCode
from presence_tui.gateway.access import CODE
from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from tests.tui.terminal import Terminal, on_terminal

pytestmark = pytest.mark.slow

PASSWORD = "demo"
WRONG = "not-my-password"


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway(GatewaySettings(rate=0, second_factor=True))
    await gateway.start()
    yield gateway
    await gateway.stop()


def login(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "presence_tui", "login", *arguments)


def surroundings(folder: Path) -> dict[str, str]:
    return {
        "XDG_DATA_HOME": str(folder / "data"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }


async def type_unseen(terminal: Terminal, question: str, secret: str) -> None:
    await terminal.shows(question)
    terminal.written.clear()
    terminal.type(f"{secret}\n")


async def test_a_person_signs_in_unseen(gateway: Gateway, tmp_path: Path) -> None:
    person = next(each for each in gateway.people().values() if not each.guest and not each.hidden)
    async with on_terminal(tmp_path, surroundings(tmp_path), login()) as terminal:
        await terminal.shows("The gateway's address: ")
        terminal.type(f"{gateway.url}\n")
        await terminal.shows("shown online to everyone")
        await terminal.shows("User name or e-mail: ")
        terminal.type(f"{person.handle}\n")
        await type_unseen(terminal, "Password: ", PASSWORD)
        await type_unseen(terminal, "Code of the second factor: ", "111111")
        await terminal.shows("does not accept this code")
        await type_unseen(terminal, "Code of the second factor: ", CODE)
        await terminal.shows("Turn showOnlineStatus off, in the apps too? [y/N]: ")
        for secret in (PASSWORD, "111111", CODE):
            assert secret not in terminal.said
        terminal.type("y\n")
        assert await terminal.ended() == ExitCode.OK
        assert f"Signed in as @{person.handle}" in terminal.said
    assert person.hidden
    (path,) = (tmp_path / "data" / "presence-tui" / "gateways").glob("*.json")
    assert json.loads(path.read_text())["handle"] == person.handle


async def test_a_wrong_password_is_neither_shown_nor_told(gateway: Gateway, tmp_path: Path) -> None:
    command = login(gateway.url, "--user", "observer")
    async with on_terminal(tmp_path, surroundings(tmp_path), command) as terminal:
        await type_unseen(terminal, "Password: ", WRONG)
        assert await terminal.ended() == ExitCode.SIGN_IN
        assert "name and password" in terminal.said
        assert WRONG not in terminal.said


ENDINGS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, None]


@pytest.mark.parametrize("number", ENDINGS)
async def test_who_leaves_at_the_password_leaves_the_terminal_as_it_was(
    gateway: Gateway, tmp_path: Path, number: signal.Signals | None
) -> None:
    command = login(gateway.url, "--user", "observer")
    async with on_terminal(tmp_path, surroundings(tmp_path), command) as terminal:
        await terminal.shows("Password: ")
        if number is not None:
            terminal.signal(number)
        else:
            terminal.type("\x04")
        assert await terminal.ended() == ExitCode.SIGN_IN
        assert "nothing was changed" in terminal.said
        assert "Traceback" not in terminal.said
        assert terminal.has_its_modes
    assert not (tmp_path / "data").exists()


async def test_the_question_for_a_password_ends_with_its_terminal(gateway: Gateway, tmp_path: Path) -> None:
    ignoring = ("sh", "-c", 'trap "" HUP; exec "$@"', "sh")
    command = (*ignoring, *login(gateway.url, "--user", "observer"))
    async with on_terminal(tmp_path, surroundings(tmp_path), command) as terminal:
        await terminal.shows("Password: ")
        assert await terminal.hang_up(5) == ExitCode.SIGN_IN
