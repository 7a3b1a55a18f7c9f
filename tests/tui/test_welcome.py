"""The first run: the demo is there, and above it the way to connect."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.monitor.refresh import RefreshReport
from presence_tui.tui.screens.welcome import Welcome
from tests.tui.app_harness import WIDE, AppHarness, end_of, on_stage, until
from tests.tui.terminal import on_terminal

PLAIN = (sys.executable, "-m", "presence_tui")


async def welcome(stage: AppHarness) -> None:
    """The first reading is done, and what it brought is on the screen."""
    stage.watch.resync(RefreshReport())
    await stage.settle()


@pytest.mark.parametrize("key", ["enter", "escape"])
async def test_one_key_and_the_demo_is_there(key: str) -> None:
    async with on_stage(welcomes=True) as stage:
        await welcome(stage)
        assert "Welcome" in stage.text
        assert "look around" in stage.text
        assert "Online (" in stage.text, "it is there already"
        await stage.press(key)
        assert "Welcome" not in stage.text
        await welcome(stage)
        assert "Welcome" not in stage.text, "once is enough"
        assert stage.app.is_running
        await stage.quit()
        assert not stage.app.wants_to_connect


@pytest.mark.parametrize(
    ("key", "does"),
    [
        ("j", lambda stage: stage.selected is not None),
        ("down", lambda stage: stage.selected is not None),
        ("tab", lambda stage: stage.offline.has_focus),
        ("slash", lambda stage: stage.app.focused.id == "filter"),
        ("s", lambda stage: "by state" in stage.text),
        ("question_mark", lambda stage: "Help ─" in stage.text),
        ("q", lambda stage: stage.app._exit),
    ],
)
async def test_any_other_key_does_what_it_does_without_it(
    key: str, does: Callable[[AppHarness], bool]
) -> None:
    async with on_stage(welcomes=True) as stage:
        await welcome(stage)
        await stage.pilot.press(key)
        await until(stage, lambda: does(stage))
        assert not isinstance(stage.app.screen, Welcome)


async def test_behind_it_the_demo_goes_on() -> None:
    async with on_stage(WIDE, welcomes=True) as stage:
        await welcome(stage)
        assert "Online (8)" in stage.text
        await stage.event("Rosa Lind", True)
        await until(stage, lambda: "Online (9)" in stage.text)
        assert "Welcome" in stage.text


async def test_who_is_at_work_already_is_not_interrupted() -> None:
    async with on_stage(welcomes=True) as stage:
        await stage.press("slash", "a")
        await welcome(stage)
        assert "Welcome" not in stage.text


async def test_a_click_beside_it_closes_it_too() -> None:
    async with on_stage(welcomes=True) as stage:
        await welcome(stage)
        await stage.pilot.click(offset=(1, 1))
        await stage.settle()
        assert "Welcome" not in stage.text


async def test_c_leaves_to_connect() -> None:
    async with on_stage(welcomes=True) as stage:
        await welcome(stage)
        await stage.pilot.press("c")
        await end_of(stage.app)
        assert stage.app.wants_to_connect
    assert stage.watch.ended.is_set()


@pytest.mark.parametrize("size", [(60, 15), (300, 80)])
async def test_it_fits(size: tuple[int, int]) -> None:
    async with on_stage(size, welcomes=True) as stage:
        await welcome(stage)
        assert isinstance(stage.app.screen, Welcome)
        assert "connect to your own gateway" in stage.said
        assert stage.app.screen.query_one("VerticalScroll").max_scroll_y == 0


async def test_who_is_configured_is_not_welcomed() -> None:
    async with on_stage() as stage:
        await welcome(stage)
        assert "Welcome" not in stage.text


async def test_a_first_run_leads_to_a_gateway_of_ones_own(tmp_path: Path) -> None:
    gateway = Gateway(GatewaySettings(rate=0))
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
            await terminal.shows("The gateway's address: ")
            terminal.type(f"{gateway.url}\n")
            await terminal.shows("User name or e-mail: ")
            terminal.type("observer\n")
            await terminal.shows("Password: ")
            terminal.written.clear()
            terminal.type("demo\n")
            await terminal.shows("LIVE")
            assert gateway.connections == 1
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
