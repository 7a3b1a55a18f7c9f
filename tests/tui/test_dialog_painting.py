"""The layout that Textual requests when a dialog opens or closes causes no painting."""

from typing import Any

import pytest
from textual.screen import Screen

from presence_tui.tui.screens.dialog import Dialog
from tests.tui.app_harness import WIDE, AppHarness, fill_with_many, running_app, until

pytestmark = pytest.mark.internals


async def opened(harness: AppHarness) -> Dialog:
    """Open the help above a large roster."""
    fill_with_many(harness.store, 50, 50)
    await harness.press("home", "question_mark")
    assert isinstance(harness.app.screen, Dialog)
    return harness.app.screen


async def nothing_left_to_paint(harness: AppHarness, screen: Screen[Any]) -> None:
    await until(harness, lambda: not screen._repaint_required and not screen._layout_required)


async def test_a_layout_of_a_dialog_that_stands_paints_nothing() -> None:
    async with running_app(WIDE) as harness:
        dialog = await opened(harness)
        await nothing_left_to_paint(harness, dialog)
        dialog.refresh(layout=True)
        assert dialog._layout_required and not dialog._repaint_required
        dialog.refresh()
        assert dialog._repaint_required


async def test_a_layout_of_the_app_paints_nothing() -> None:
    async with running_app(WIDE) as harness:
        dialog = await opened(harness)
        await harness.press("escape")
        await until(harness, lambda: not dialog.is_attached)
        watch_screen = harness.app.screen
        await nothing_left_to_paint(harness, watch_screen)
        harness.app.refresh(layout=True)
        assert watch_screen._layout_required and not watch_screen._repaint_required
        harness.app.refresh()
        assert watch_screen._repaint_required
