"""Labels and values, wrapped and painted line by line."""

import pytest
from rich.console import Console
from rich.text import Text
from textual.app import App, ComposeResult
from textual.geometry import Region

from presence_tui.tui.widgets.labelled_lines import Labelled, LabelledLines, unbroken_lines

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
    async with sheet.run_test(size=(35, 20)):
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
        assert sheet.lines.render_line(99).cell_length == sheet.lines.size.width, (
            "lines past the end are blank"
        )


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
        assert sheet.asked == [], "the same content causes no layout"
        sheet.lines.show(Labelled([SHORT, ("State", "offline")]))
        assert sheet.asked == [((Region(0, 1, 80, 1),), False)]
        sheet.lines.show(Labelled([SHORT, ("State", "offline"), SHORT]))
        assert sheet.asked[1:] == [((), True)], "another height causes a layout"
        await pilot.pause()
        assert len(sheet.said) == 3


def test_wrapped_lines_keep_the_indentation_of_their_first() -> None:
    text = Text("Ada\n  5 returns · score 4.7 · shortest stay 4.0 s\n\nlast", "bold")
    lines = unbroken_lines(text, Console(), 20)
    assert [line.plain for line in lines] == [
        "Ada",
        "  5 returns · score",
        "  4.7 · shortest",
        "  stay 4.0 s",
        "",
        "last",
    ]
    assert {line.style for line in lines} == {"bold"}
    assert unbroken_lines(Text("      wide words"), Console(), 8)[-1].plain.endswith("words")
    assert max(line.cell_len for line in unbroken_lines(text, Console(), 3)) <= 3
