"""The layout that the library asks for once a dialog stands or is gone paints nothing."""

import pytest
from textual._compositor import Compositor

from presence_tui.tui.screens.dialog import Dialog
from tests.tui.stage import WIDE, Stage, fill_with_many, on_stage, until


class WholePaintings:
    """Which screens were painted as a whole."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.by: list[str] = []
        render = Compositor._render_chops

        def noted(compositor: Compositor, crop: object, is_rendered_line: object) -> object:
            if all(map(is_rendered_line, range(compositor.size.height))):  # type: ignore[arg-type]
                self.by.append(type(compositor.root).__name__)
            return render(compositor, crop, is_rendered_line)  # type: ignore[arg-type]

        monkeypatch.setattr(Compositor, "_render_chops", noted)


async def opened(stage: Stage) -> Dialog:
    """The help above a crowd, with nothing left to paint."""
    fill_with_many(stage.store, 50, 50)
    await stage.press("j", "question_mark")
    await stage.settle()
    assert isinstance(stage.app.screen, Dialog)
    return stage.app.screen


async def test_a_layout_of_a_dialog_that_stands_paints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_stage(WIDE) as stage:
        dialog = await opened(stage)
        paintings = WholePaintings(monkeypatch)
        dialog.refresh(layout=True)
        await stage.settle()
        assert paintings.by == []
        dialog.refresh()
        await until(stage, lambda: "Dialog" in paintings.by)


async def test_a_layout_of_the_app_paints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_stage(WIDE) as stage:
        dialog = await opened(stage)
        await stage.press("escape")
        await until(stage, lambda: not dialog.is_attached)
        await stage.settle()
        paintings = WholePaintings(monkeypatch)
        stage.app.refresh(layout=True)
        await stage.settle()
        assert paintings.by == []
        stage.app.refresh()
        await until(stage, lambda: "WatchScreen" in paintings.by)
