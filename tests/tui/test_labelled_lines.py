"""Labels and what they say, wrapped and painted line by line."""

import pytest
from textual._compositor import Compositor
from textual.app import App, ComposeResult
from textual.geometry import Region

from presence_tui.tui.widgets.labelled_lines import Labelled, LabelledLines
from tests.tui.stage import WIDE, fill_with_many, on_stage, until

SHORT = ("Name", "Ada Okafor")
LONG = ("State", "online and on and on and on until it no longer fits")


class Sheet(App[None]):
    def __init__(self, labelled: Labelled) -> None:
        super().__init__()
        self.lines = LabelledLines(labelled)
        self.asked: list[tuple[tuple[Region, ...], bool]] = []
        refresh = self.lines.refresh

        def noted(*regions: Region, layout: bool = False, **others: bool) -> object:
            self.asked.append((regions, layout))
            return refresh(*regions, layout=layout, **others)

        self.lines.refresh = noted  # type: ignore[method-assign, assignment]

    def compose(self) -> ComposeResult:
        yield self.lines

    @property
    def said(self) -> list[str]:
        return [self.lines.render_line(y).text.rstrip() for y in range(self.lines.size.height)]


async def test_long_texts_are_wrapped_beside_their_label_and_breaks_are_kept() -> None:
    sheet = Sheet(Labelled([SHORT, ("", ""), LONG, ("Two", "one\ntwo"), ("漢字", "café")], label_cells=8))
    async with sheet.run_test(size=(34, 20)):
        assert sheet.said == [
            "Name      Ada Okafor",
            "",
            "State     online and on and on and",
            "          on until it no longer",
            "          fits",
            "Two       one",
            "          two",
            "漢字      café",
        ]
        assert sheet.lines.render_line(99).cell_length == sheet.lines.size.width, "past the end it is blank"


@pytest.mark.parametrize("hostile", ["[red]x[/red]", "[@click=app.quit]y[/]", "[/", "\\[z]"])
async def test_texts_are_never_markup(hostile: str) -> None:
    sheet = Sheet(Labelled([(hostile, hostile)]))
    async with sheet.run_test(size=(60, 5)):
        assert sheet.said == [f"{hostile:<24}{hostile}"]


async def test_only_lines_that_read_differently_are_painted() -> None:
    sheet = Sheet(Labelled([SHORT, LONG]))
    async with sheet.run_test(size=(80, 10)) as pilot:
        await pilot.pause()
        sheet.asked.clear()
        sheet.lines.show(Labelled([SHORT, LONG]))
        assert sheet.asked == [], "the same again"
        sheet.lines.show(Labelled([SHORT, ("State", "offline")]))
        assert sheet.asked == [((Region(0, 1, 80, 1),), False)]
        sheet.lines.show(Labelled([SHORT, ("State", "offline"), SHORT]))
        assert sheet.asked[1:] == [((), True)], "another height is another layout"
        await pilot.pause()
        assert len(sheet.said) == 3


async def test_a_dialog_that_closes_paints_the_screen_once(monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[str] = []
    paint = Compositor.render_full_update

    def noted(compositor: Compositor, *args: object, **options: object) -> object:
        painted.append(type(compositor.root).__name__)
        return paint(compositor, *args, **options)  # type: ignore[arg-type]

    async with on_stage(WIDE) as stage:
        fill_with_many(stage.store, 50, 50)
        await stage.press("j", "question_mark")
        await stage.settle()
        monkeypatch.setattr(Compositor, "render_full_update", noted)
        closed = stage.app.screen
        await stage.press("escape")
        await until(stage, lambda: not closed.is_attached)
        # The library asks for a layout once it is taken down.
        await stage.settle()
        assert painted == ["WatchScreen"]
