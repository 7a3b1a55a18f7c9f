"""Terminals of a few columns: nothing is readable, but nothing fails."""

import pytest

from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.tui.screens.help_dialog import Welcome
from tests.tui.app_harness import ROOMY, running_app, until

pytestmark = pytest.mark.slow

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
    "metrics": ("m",),
    "why": ("j", "enter"),
    "export": ("x",),
    "picker": ("c",),
    "gateways": ("C",),
    "sign-in": ("C", "end", "enter"),
    "failed sign-in": ("C", "end", "enter", "a", "tab", "b", "tab", "c", "enter"),
    "sign-out": ("C", "x"),
    "sort": ("s",),
    "rule": ("u",),
    "side by side": ("b",),
    "paused": ("space",),
    "conversations": ("2",),
    "contacts": ("3",),
    "beside": ("4",),
    "packets": ("5", "slash", "x"),
}


@pytest.mark.parametrize("opened", KEYS)
async def test_a_dialog_survives_a_terminal_of_a_few_columns_and_is_whole_again(opened: str) -> None:
    async with running_app() as harness:
        await harness.press(*KEYS[opened])
        for size in TINY:
            await harness.resize(*size)
        await harness.press("down", "tab")
        await harness.resize(*ROOMY)
        await harness.press("escape", "escape")
        assert "Ada Okafor" in harness.text or opened in ("conversations", "contacts", "beside", "packets")


@pytest.mark.parametrize("opened", KEYS)
async def test_it_opens_in_a_terminal_of_a_few_columns(opened: str) -> None:
    async with running_app((4, 20)) as harness:
        await harness.press(*KEYS[opened])
        await harness.resize(1, 1)
        await harness.press(*KEYS[opened])
        await harness.resize(*ROOMY)
        await harness.press("escape", "escape")
        assert "gate.example" in harness.text


async def test_the_welcome_survives_a_terminal_of_a_few_columns() -> None:
    async with running_app((4, 20), welcomes=True) as harness:
        harness.monitor.resync(RefreshReport())
        await until(harness, lambda: isinstance(harness.app.screen, Welcome))
        for size in TINY:
            await harness.resize(*size)
        await harness.resize(*ROOMY)
        await harness.press("escape")
        assert "Ada Okafor" in harness.text
