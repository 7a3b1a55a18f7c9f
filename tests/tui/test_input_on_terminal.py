"""The real command on a real terminal that sends pastes, reports and noise."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from tests.tui.terminal import COMMAND, MOUSE_ON, Terminal, on_terminal

pytestmark = pytest.mark.slow

BEGIN, END = "\x1b[200~", "\x1b[201~"


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway(GatewaySettings(rate=0))
    await gateway.start()
    yield gateway
    await gateway.stop()


def surroundings(gateway: Gateway) -> dict[str, str]:
    return {
        "PRESENCE_TUI_GATEWAY": gateway.url,
        "PRESENCE_TUI_TOKEN": gateway.token,
        "PRESENCE_TUI_CONVERSATION": gateway.conversation,
    }


@pytest.fixture
async def terminal(gateway: Gateway, tmp_path: Path) -> AsyncIterator[Terminal]:
    async with on_terminal(tmp_path, surroundings(gateway)) as terminal:
        await terminal.shows("LIVE")
        yield terminal


async def assert_it_hears_keys(terminal: Terminal, *, is_mouse_asked_for: bool = True) -> None:
    terminal.forget()
    await terminal.type_all("?")
    await terminal.shows("Ask the gateway by REST")
    await terminal.type_all("\x03")
    assert await terminal.ended() == 0
    assert terminal.is_restored or not is_mouse_asked_for
    assert "Traceback" not in terminal.said


async def test_what_is_pasted_on_the_panels_is_no_command(terminal: Terminal) -> None:
    await terminal.type_all(f"{BEGIN}hello\x1bquit\x1b[Bq{END}")
    await assert_it_hears_keys(terminal)


@pytest.mark.parametrize("pasted", ["Zz\x1b[B" * 2_500, "Zz\x1b[B" * 180_000])
async def test_a_long_paste_into_the_filter_is_one_line_and_blocks_no_key(
    terminal: Terminal, pasted: str
) -> None:
    await terminal.type_all("/")
    await terminal.shows("name or handle")
    await terminal.type_all(f"{BEGIN}{pasted}{END}")
    await terminal.shows("Zz[B", limit_s=5)
    await terminal.type_all("\x03")
    assert await terminal.ended() == 0
    assert terminal.is_restored


async def test_ctrl_c_leaves_inside_a_paste_without_an_end(terminal: Terminal) -> None:
    await terminal.type_all(f"{BEGIN}hello")
    await terminal.type_all("\x03")
    assert await terminal.ended() == 0
    assert terminal.is_restored


async def test_reports_that_mean_nothing_here_are_nothing(terminal: Terminal) -> None:
    await terminal.type_all("\x1b[49;1:3u\x1b[38:49;2u\x1b[99999999u\x1b[48;0;0;0;0t\x1b]11;rgb:0/0/0\x07")
    await assert_it_hears_keys(terminal)


async def test_noise_is_survived(terminal: Terminal) -> None:
    rng = random.Random(12)
    # No keys that quit, and none that a dialog handles.
    pieces = ["\x1b", "[", "<", "9", ";", ":", "~", "O", "\\", "]", "\x1b[9", "\x1b[<35;", "é"]
    await terminal.type_all("".join(rng.choices(pieces, k=4_000)) + "\x07\x1b[A\x1b")
    await terminal.type_all(BEGIN + END)
    await assert_it_hears_keys(terminal)


async def test_without_a_mouse_the_terminal_is_asked_for_none(gateway: Gateway, tmp_path: Path) -> None:
    command = (*COMMAND, "--no-mouse")
    async with on_terminal(tmp_path, surroundings(gateway), command=command) as terminal:
        await terminal.shows("LIVE")
        await assert_it_hears_keys(terminal, is_mouse_asked_for=False)
        assert MOUSE_ON not in terminal.written


@pytest.mark.parametrize("size", [(4, 20), (1, 1)])
async def test_it_starts_in_a_terminal_of_a_few_columns(
    gateway: Gateway, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with on_terminal(tmp_path, surroundings(gateway), size=size) as terminal:
        await terminal.shows("LIVE")
        await terminal.type_all("f")
        terminal.resize(100, 30)
        await terminal.shows("Facets")
        await terminal.type_all("\x03")
        assert await terminal.ended() == 0
        assert terminal.is_restored
