"""If Textual renames private names, the screen still works and a warning is shown."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.tui import textual_internals
from presence_tui.tui.textual_internals import (
    CRASHES,
    PAINTING,
    PALETTE,
    SCROLLBARS,
    SWITCHING,
    TOASTS,
    WRITING,
    missing,
    write_to_terminal,
)
from tests.renamed import renamed
from tests.tui.app_harness import end_of, running_app, until
from tests.tui.terminal import ROOT, on_terminal

pytestmark = pytest.mark.internals

GROUPS = {
    "painting": PAINTING,
    "writing": WRITING,
    "crashes": CRASHES,
    "scrollbars": SCROLLBARS,
    "toasts": TOASTS,
    "switching": SWITCHING,
}


def names_of(group: str) -> list[str]:
    """The private names of a group, without their class."""
    names = [name for found in GROUPS[group]._names.values() for name in found.split()]
    return [name for name in names if name.startswith("_")]


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway(GatewaySettings(rate=0, participants=12))
    await gateway.start()
    yield gateway
    await gateway.stop()


def test_the_installed_textual_has_all_of_them() -> None:
    assert missing() == []


@pytest.mark.parametrize("name", [name for group in GROUPS for name in names_of(group)])
def test_a_name_that_is_gone_is_missed(name: str) -> None:
    # Imports the modules of all names, because only loaded modules are renamed.
    assert missing() == []
    with renamed("textual", [name], *textual_internals._ALL):
        assert [each.rpartition(".")[2] for each in missing()] == [name]
    assert missing() == []


@pytest.mark.parametrize(
    "names",
    [
        *(",".join(names_of(group)) for group in GROUPS),
        *("_compositor", "_dirty_regions", "_on_timer_update", "_display", "_screen_resized"),
    ],
)
async def test_the_screen_works_without(gateway: Gateway, tmp_path: Path, names: str) -> None:
    environment = {
        "PRESENCE_TUI_GATEWAY": gateway.url,
        "PRESENCE_TUI_TOKEN": gateway.token,
        "PRESENCE_TUI_CONVERSATION": gateway.conversation,
        "PYTHONPATH": str(ROOT),
    }
    command = (sys.executable, "-m", "tests.tui.renamed_textual", names, "watch")
    async with on_terminal(tmp_path, environment, command, size=(120, 40)) as terminal:
        await terminal.shows("LIVE")
        await terminal.shows("Online (")
        terminal.forget()
        terminal.type("?")
        await terminal.shows("esc closes")
        terminal.forget()
        terminal.type("\x1b")
        await terminal.shows("Online (")
        terminal.type("q")
        assert await terminal.ended() == 0
        assert terminal.is_restored


async def test_a_palette_says_that_nothing_matches_in_english() -> None:
    names = ["_start_no_matches_countdown"]
    with renamed("textual", names, PALETTE):
        async with running_app() as harness:
            await harness.press("ctrl+p", *"zzzz")
            await until(harness, lambda: "No matches found" in harness.text)
            await harness.press("escape")
            assert len(harness.app.screen_stack) == 1


async def test_a_crash_without_its_cause_ends_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with renamed("textual", names_of("crashes"), CRASHES):
        async with running_app() as harness:
            harness.monitor.crash.set_exception(ZeroDivisionError("a mistake of ours"))
            await end_of(harness.app)
        assert isinstance(harness.app.crash, ZeroDivisionError)
        monkeypatch.setattr(harness.app, "run", lambda **_: None)
        with pytest.raises(ZeroDivisionError):
            harness.app.run_or_raise()


@pytest.mark.parametrize("names", [["_driver"], []])
async def test_a_copy_reaches_the_terminal(names: list[str]) -> None:
    """Without the private name, Textual's own way is used: it copies, but not through tmux."""
    with renamed("textual", names, WRITING):
        async with running_app() as harness:
            assert write_to_terminal(harness.app, "") is not bool(names)
            await harness.press("j", "y")
            assert any("Sent" in toast for toast in harness.toasts)
            assert bool(harness.app.clipboard) is bool(names)
