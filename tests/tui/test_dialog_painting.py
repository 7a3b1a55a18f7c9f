"""A dialog that opens or closes paints the screen once: more is in the next key's way."""

import pytest
from textual._compositor import Compositor

from presence_tui.tui.screens.dialog import Dialog
from tests.tui.stage import WIDE, Stage, fill_with_many, on_stage, until


class Paintings:
    """How many lines of the screen were painted, by the screen that painted them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lines: list[tuple[str, int]] = []
        render = Compositor._render_chops

        def noted(compositor: Compositor, crop: object, is_rendered_line: object) -> object:
            lines = sum(map(is_rendered_line, range(compositor.size.height)))  # type: ignore[arg-type]
            self.lines.append((type(compositor.root).__name__, lines))
            return render(compositor, crop, is_rendered_line)  # type: ignore[arg-type]

        monkeypatch.setattr(Compositor, "_render_chops", noted)


async def opened(stage: Stage) -> Dialog:
    """The help above a crowd, with nothing left to paint."""
    fill_with_many(stage.store, 50, 50)
    await stage.press("j", "question_mark")
    await stage.settle()
    assert isinstance(stage.app.screen, Dialog)
    return stage.app.screen


async def test_a_dialog_that_opens_paints_the_screen_once(monkeypatch: pytest.MonkeyPatch) -> None:
    paintings = Paintings(monkeypatch)
    async with on_stage(WIDE) as stage:
        await stage.press("j")
        await stage.settle()
        paintings.lines.clear()
        await opened(stage)
        by_dialog = [lines for name, lines in paintings.lines if name == "Dialog"]
        assert by_dialog.count(WIDE[1]) == 1, by_dialog


async def test_a_dialog_that_closes_paints_the_screen_once(monkeypatch: pytest.MonkeyPatch) -> None:
    paintings = Paintings(monkeypatch)
    async with on_stage(WIDE) as stage:
        dialog = await opened(stage)
        paintings.lines.clear()
        await stage.press("escape")
        await until(stage, lambda: not dialog.is_attached)
        # The library asks for a layout once it is taken down.
        await stage.settle()
        by_watch = [lines for name, lines in paintings.lines if name == "WatchScreen"]
        assert by_watch.count(WIDE[1]) == 1, by_watch
