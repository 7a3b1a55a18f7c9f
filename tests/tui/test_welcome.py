"""The first run: the demo, and above it how to connect."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.tui.screens.help_dialog import Welcome
from tests.tui.app_harness import WIDE, AppHarness, running_app, until
from tests.tui.terminal import on_terminal

PLAIN = (sys.executable, "-m", "presence_tui")


async def welcome(harness: AppHarness) -> None:
    """Complete the first reading and wait until it is drawn."""
    harness.monitor.resync(RefreshReport())
    await harness.settle()


@pytest.mark.parametrize("key", ["enter", "escape"])
async def test_one_key_and_the_demo_is_there(key: str) -> None:
    async with running_app(welcomes=True) as harness:
        await welcome(harness)
        assert "Welcome" in harness.text
        assert "look around" in harness.text
        assert "Online (" in harness.text, "the demo is shown already"
        await harness.press(key)
        assert "Welcome" not in harness.text
        await welcome(harness)
        assert "Welcome" not in harness.text, "the welcome is shown only once"
        assert harness.app.is_running
        await harness.quit()


@pytest.mark.parametrize(
    ("key", "does"),
    [
        ("question_mark", lambda harness: "Help ─" in harness.text),
        ("q", lambda harness: harness.app._exit),
    ],
)
async def test_help_and_leaving_work_on_it(key: str, does: Callable[[AppHarness], bool]) -> None:
    async with running_app(welcomes=True) as harness:
        await welcome(harness)
        await harness.pilot.press(key)
        await until(harness, lambda: does(harness))
        assert not isinstance(harness.app.screen, Welcome)


@pytest.mark.parametrize("key", ["space", "x", "w", "s", "slash", "j", "tab", "1", "5"])
async def test_any_other_key_closes_it_and_does_nothing_else(key: str) -> None:
    async with running_app(WIDE, welcomes=True) as harness:
        before = [line.text for line in harness.lines()[1:-10]]
        await welcome(harness)
        assert "Welcome" in harness.text
        selected = harness.selected
        await harness.press(key)
        assert "Welcome" not in harness.text and len(harness.app.screen_stack) == 1
        assert [line.text for line in harness.lines()[1:-10]] == before
        assert harness.selected == selected and not harness.screen.has_class("-paused")


async def test_moved_keys_of_help_and_leaving_work_on_it_too() -> None:
    async with running_app(welcomes=True, keys={"help": ["f11"], "quit": ["f12"]}) as harness:
        await welcome(harness)
        await harness.press("question_mark")
        assert "Welcome" not in harness.text and "Help ─" not in harness.text
    async with running_app(welcomes=True, keys={"help": ["f11"], "quit": ["f12"]}) as harness:
        await welcome(harness)
        await harness.press("f11")
        assert "Help ─" in harness.text


@pytest.mark.parametrize("key", ["c", "C", "f11"])
async def test_the_key_that_connects_elsewhere_connects_here_too(key: str) -> None:
    moved = {"connect": ["f11"]} if key == "f11" else {}
    async with running_app(welcomes=True, keys=moved) as harness:
        await welcome(harness)
        await harness.press(key)
        await until(harness, lambda: "Connect to a gateway" in harness.text)
        assert "Welcome" not in harness.text


async def test_behind_it_the_demo_goes_on() -> None:
    async with running_app(WIDE, welcomes=True) as harness:
        await welcome(harness)
        assert "Online (8)" in harness.text
        await harness.event("Rosa Lind", True)
        await until(harness, lambda: "Online (9)" in harness.text)
        assert "Welcome" in harness.text


async def test_who_is_at_work_already_is_not_interrupted() -> None:
    async with running_app(welcomes=True) as harness:
        await harness.press("slash", "a")
        await welcome(harness)
        assert "Welcome" not in harness.text


async def test_a_click_beside_it_closes_it_too() -> None:
    async with running_app(welcomes=True) as harness:
        await welcome(harness)
        await harness.pilot.click(offset=(1, 1))
        await harness.settle()
        assert "Welcome" not in harness.text


@pytest.mark.parametrize("size", [(60, 15), (300, 80)])
async def test_it_fits(size: tuple[int, int]) -> None:
    async with running_app(size, welcomes=True) as harness:
        await welcome(harness)
        assert isinstance(harness.app.screen, Welcome)
        assert "connect to your own gateway" in harness.said
        assert harness.app.screen.query_one("VerticalScroll").max_scroll_y == 0


async def test_who_is_configured_is_not_welcomed() -> None:
    async with running_app() as harness:
        await welcome(harness)
        assert "Welcome" not in harness.text


@pytest.mark.slow
async def test_a_first_run_leads_to_a_gateway_of_ones_own_without_leaving_the_screen(tmp_path: Path) -> None:
    gateway = Gateway(GatewaySettings(rate=0, participants=40))
    await gateway.start()
    surroundings = {
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    try:
        async with on_terminal(tmp_path, surroundings, PLAIN) as terminal:
            await terminal.shows("look around")
            terminal.type("c")
            await terminal.shows("https://gate.example")
            terminal.forget()
            # All at once, as over a slow connection.
            terminal.type(f"{gateway.url}\robserver\rwrong\r")
            await terminal.shows("The gateway knows nobody by this name and password.")
            assert "wrong" not in terminal.since + terminal.text
            terminal.forget()
            terminal.type("demo\r")
            await terminal.shows("41 participants read")
            assert gateway.connections.count == 1
            assert "demo" not in (terminal.since + terminal.text).replace("presence_tui demo", "")
            terminal.type("q")
            assert await terminal.ended() == 0
            assert terminal.is_restored
        async with on_terminal(tmp_path, surroundings, PLAIN) as terminal:
            await terminal.shows("LIVE")
            assert "look around" not in terminal.said
            terminal.type("q")
            assert await terminal.ended() == 0
    finally:
        await gateway.stop()
