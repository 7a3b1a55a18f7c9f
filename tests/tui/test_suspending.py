"""ctrl+z, fg and bg, under a real shell on a real terminal."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from tests.tui.terminal import ALTERNATE_SCREEN, MAIN_SCREEN, Terminal, on_terminal

pytestmark = pytest.mark.slow

SHELL = ("setsid", "--wait", "--ctty", "bash", "--norc", "--noprofile", "-i")
PROMPT = "ready> "
WHOLE = ("Online (", "LIVE", "Refresh")
"""Title, panels and footer: parts that do not change by themselves."""


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    gateway = Gateway(GatewaySettings(rate=0))
    await gateway.start()
    environment = {
        "PRESENCE_TUI_GATEWAY": gateway.url,
        "PRESENCE_TUI_TOKEN": gateway.token,
        "PRESENCE_TUI_CONVERSATION": gateway.conversation,
        "PS1": PROMPT,
    }
    async with on_terminal(tmp_path, environment, command=SHELL) as terminal:
        await terminal.shows(PROMPT)
        await terminal.type_all(f"{sys.executable} -m presence_tui watch\n")
        await terminal.shows("LIVE")
        yield terminal
    await gateway.stop()


async def suspend(terminal: Terminal) -> None:
    terminal.forget()
    await terminal.type_all("\x1a")
    await terminal.shows(MAIN_SCREEN.decode())
    await terminal.shows("Stopped")
    await terminal.shows(PROMPT)


async def assert_it_is_whole(terminal: Terminal) -> None:
    await terminal.shows(ALTERNATE_SCREEN.decode())
    for part in WHOLE:
        await terminal.shows(part)


async def leave(terminal: Terminal) -> None:
    await terminal.type_all("q")
    await terminal.shows(MAIN_SCREEN.decode())
    await terminal.shows(PROMPT)
    await terminal.type_all("exit $?\n")
    assert await terminal.ended() == 0
    assert "Traceback" not in terminal.said


async def test_ctrl_z_gives_the_terminal_back_and_fg_paints_all_of_the_screen(terminal: Terminal) -> None:
    for _ in range(2):
        await suspend(terminal)
        terminal.forget()
        await terminal.type_all("fg\n")
        await assert_it_is_whole(terminal)
    terminal.forget()
    await leave(terminal)


async def test_in_the_background_it_leaves_the_terminal_alone_until_fg(terminal: Terminal) -> None:
    await suspend(terminal)
    terminal.forget()
    await terminal.type_all("bg\n")
    await terminal.shows("&")
    await terminal.type_all("wait %1; jobs\n")
    await terminal.shows("Stopped")
    await terminal.type_all("echo the $((40 + 2))nd\n")
    await terminal.shows("the 42nd")
    assert ALTERNATE_SCREEN.decode() not in terminal.since
    terminal.forget()
    await terminal.type_all("fg\n")
    await assert_it_is_whole(terminal)
    terminal.forget()
    await leave(terminal)


@pytest.mark.parametrize(("opened", "shown"), [("?", "Ask the gateway by REST"), ("/", "name or handle")])
async def test_ctrl_z_suspends_from_a_dialog_and_a_field(terminal: Terminal, opened: str, shown: str) -> None:
    await terminal.type_all(opened)
    await terminal.shows(shown)
    await suspend(terminal)
    terminal.forget()
    await terminal.type_all("fg\n")
    await terminal.shows(shown)
    terminal.forget()
    await terminal.type_all("\x03")
    await terminal.shows(MAIN_SCREEN.decode())
    await terminal.shows(PROMPT)
