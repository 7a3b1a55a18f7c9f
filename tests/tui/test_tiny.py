"""Terminals of a few columns: nothing is readable there, and nothing breaks."""

import pytest

from presence_tui.monitor.refresh import RefreshReport
from presence_tui.tui.screens.welcome import Welcome
from tests.tui.app_harness import ROOMY, on_stage, until

TINY = [(4, 20), (1, 1), (16, 4), (20, 2)]

KEYS = {
    "watch": (),
    "filter": ("slash", "a"),
    "facets": ("f",),
    "watch rules": ("W",),
    "rules of a person": ("j", "w"),
    "palette": ("ctrl+p",),
    "palette, found": ("ctrl+p", "t"),
    "help": ("question_mark",),
    "link": ("l",),
    "why": ("j", "enter"),
    "export": ("x",),
    "picker": ("c",),
    "sort": ("s",),
    "rule": ("u",),
    "side by side": ("b",),
    "paused": ("space",),
    "conversations": ("2",),
    "contacts": ("3",),
    "beside": ("4",),
}


@pytest.mark.parametrize("opened", KEYS)
async def test_a_dialog_survives_a_terminal_of_a_few_columns_and_is_whole_again(opened: str) -> None:
    async with on_stage() as stage:
        await stage.press(*KEYS[opened])
        for size in TINY:
            await stage.resize(*size)
        await stage.press("down", "tab")
        await stage.resize(*ROOMY)
        await stage.press("escape", "escape")
        assert "Ada Okafor" in stage.text or opened in ("conversations", "contacts", "beside")


@pytest.mark.parametrize("opened", KEYS)
async def test_it_opens_in_a_terminal_of_a_few_columns(opened: str) -> None:
    async with on_stage((4, 20)) as stage:
        await stage.press(*KEYS[opened])
        await stage.resize(1, 1)
        await stage.press(*KEYS[opened])
        await stage.resize(*ROOMY)
        await stage.press("escape", "escape")
        assert "gate.example" in stage.text


async def test_the_welcome_survives_a_terminal_of_a_few_columns() -> None:
    async with on_stage((4, 20), welcomes=True) as stage:
        stage.watch.resync(RefreshReport())
        await until(stage, lambda: isinstance(stage.app.screen, Welcome))
        for size in TINY:
            await stage.resize(*size)
        await stage.resize(*ROOMY)
        await stage.press("escape")
        assert "Ada Okafor" in stage.text
