"""The layout that the library asks for once a dialog stands or is gone asks for no painting."""

from textual.screen import Screen

from presence_tui.tui.screens.dialog import Dialog
from tests.tui.app_harness import WIDE, AppHarness, fill_with_many, on_stage, until


async def opened(stage: AppHarness) -> Dialog:
    """The help above a crowd."""
    fill_with_many(stage.store, 50, 50)
    await stage.press("j", "question_mark")
    assert isinstance(stage.app.screen, Dialog)
    return stage.app.screen


async def nothing_left_to_paint(stage: AppHarness, screen: Screen[object]) -> None:
    await until(stage, lambda: not screen._repaint_required and not screen._layout_required)


async def test_a_layout_of_a_dialog_that_stands_paints_nothing() -> None:
    async with on_stage(WIDE) as stage:
        dialog = await opened(stage)
        await nothing_left_to_paint(stage, dialog)
        dialog.refresh(layout=True)
        assert dialog._layout_required and not dialog._repaint_required
        dialog.refresh()
        assert dialog._repaint_required


async def test_a_layout_of_the_app_paints_nothing() -> None:
    async with on_stage(WIDE) as stage:
        dialog = await opened(stage)
        await stage.press("escape")
        await until(stage, lambda: not dialog.is_attached)
        watch_screen = stage.app.screen
        await nothing_left_to_paint(stage, watch_screen)
        stage.app.refresh(layout=True)
        assert watch_screen._layout_required and not watch_screen._repaint_required
        stage.app.refresh()
        assert watch_screen._repaint_required
