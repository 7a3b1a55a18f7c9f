"""Only changed cells are written, and the terminal looks as if whole lines were."""

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import CompositorUpdate
from textual.app import App
from textual.screen import Screen
from textual.strip import Strip

from presence_tui.tui.partial_painting import LinesUpdate
from presence_tui.tui.shown_lines import Line, ShownLines
from tests.tui.app_harness import USUAL, running_app
from tests.unit.domain.hypothesis_profile import repeatable

pytestmark = pytest.mark.internals

WIDTH, HEIGHT = 12, 3
SEGMENTS = st.builds(
    lambda text, style: Segment(text, style),
    st.sampled_from(["a", "ab", "abc", " ", "12 s", "13 s", "漢", "漢字", "1 漢"]),
    st.sampled_from([Style(color="red"), Style(bold=True), Style()]),
)


@st.composite
def line(draw: st.DrawFn) -> Line:
    strip = Strip(draw(st.lists(SEGMENTS, min_size=1, max_size=4)))
    x = draw(st.integers(0, WIDTH - 1))
    return Line(x, draw(st.integers(0, HEIGHT - 1)), strip.crop(0, WIDTH - x))


def cells(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    return [[tuple(screen.buffer[y][x]) for x in range(WIDTH)] for y in range(HEIGHT)]


@repeatable
@given(st.lists(line(), max_size=12))
def test_the_terminal_looks_as_if_whole_lines_were_written(lines: list[Line]) -> None:
    console = Console(color_system="truecolor", force_terminal=True, width=WIDTH)
    screens = [pyte.Screen(WIDTH, HEIGHT), pyte.Screen(WIDTH, HEIGHT)]
    streams = [pyte.Stream(screen) for screen in screens]
    shown = ShownLines()
    for each in lines:
        streams[0].feed(LinesUpdate([each]).render_segments(console))
        changed = shown.record(each)
        if changed is not None:
            streams[1].feed(LinesUpdate([changed]).render_segments(console))
        assert cells(screens[0]) == cells(screens[1])


def row(age: str, *, x: int = 0) -> Line:
    return Line(x, 1, Strip([Segment("● "), Segment("Ada Okafor"), Segment(age), Segment(" │")]))


def test_only_changed_cells_are_written() -> None:
    shown = ShownLines()
    assert shown.record(row("12 s")) == row("12 s")
    assert shown.record(row("12 s")) is None
    assert shown.record(row("13 s")) == Line(13, 1, Strip([Segment("3")]))


@pytest.mark.parametrize("otherwise", ["clear", "forget_row", "another line"])
def test_a_row_written_otherwise_is_written_whole(otherwise: str) -> None:
    shown = ShownLines()
    shown.record(row("12 s"))
    match otherwise:
        case "clear":
            shown.clear()
        case "forget_row":
            shown.forget_row(1)
        case _:
            shown.record(row("12 s", x=3))
    assert shown.record(row("12 s")) == row("12 s")


async def test_an_age_that_counts_seconds_is_written_without_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    display = App._display

    def shown(app: App[None], screen: Screen[None], update: object) -> None:
        if isinstance(update, CompositorUpdate) and not app._batch_count:
            written.append(update.render_segments(app.console))
        display(app, screen, update)  # type: ignore[arg-type]

    monkeypatch.setattr(App, "_display", shown)
    async with running_app(USUAL) as harness:
        await harness.wait(1)
        assert "Ada Okafor" in "".join(written)
        written.clear()
        await harness.wait(1)
        assert written
        assert "Ada Okafor" not in "".join(written), "her age has changed, and the line about her"
