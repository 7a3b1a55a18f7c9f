"""Unchanged content is not painted again, and invisible participants are not read."""

from collections.abc import Callable
from typing import Any

import pytest
from textual.screen import Screen
from textual.scrollbar import ScrollBar
from textual.widgets import Static

from presence_tui.domain.enums import Panel, Source
from presence_tui.store import RosterIndex
from presence_tui.tui.widgets.roster_panel import RosterPanel
from presence_tui.wire.messages import PresenceRow
from tests.tui.app_harness import HARBOUR, USUAL, AppHarness, fill_with_many, key_of, member, running_app

pytestmark = pytest.mark.internals


class Painter:
    """Counts painted lines, layouts and reads."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lines: list[tuple[Panel, int]] = []
        self.layouts = 0
        self.records_read = 0
        self.scrollbars = 0
        self._spy(monkeypatch, RosterPanel, "render_line", self._paint)
        self._spy(monkeypatch, Screen, "_refresh_layout", self._lay_out)
        self._spy(monkeypatch, RosterIndex, "rows", self._read)
        self._spy(monkeypatch, ScrollBar, "render_lines", self._paint_scrollbar)

    def forget(self) -> None:
        self.lines.clear()
        self.layouts = self.records_read = self.scrollbars = 0

    def _spy(self, monkeypatch: pytest.MonkeyPatch, kind: type, name: str, note: Callable[..., None]) -> None:
        real = getattr(kind, name)

        def spied(subject: Any, *args: Any, **options: Any) -> Any:
            answer = real(subject, *args, **options)
            note(subject, answer, *args)
            return answer

        monkeypatch.setattr(kind, name, spied)

    def _paint(self, panel: RosterPanel, _: object, y: int) -> None:
        self.lines.append((panel.panel, y))

    def _lay_out(self, *_: object) -> None:
        self.layouts += 1

    def _paint_scrollbar(self, *_: object) -> None:
        self.scrollbars += 1

    def _read(self, _: RosterIndex, rows: list[object], *__: object) -> None:
        self.records_read += len(rows)


@pytest.fixture
def painter(monkeypatch: pytest.MonkeyPatch) -> Painter:
    return Painter(monkeypatch)


async def quiet(harness: AppHarness, painter: Painter, people: int = 200) -> None:
    """Fill both panels with ``people`` each, and wait until everything is painted."""
    harness.monitor.watch(HARBOUR)
    fill_with_many(harness.store, people, people)
    await harness.press("home")
    await harness.wait(0)
    while painter.lines:
        # A widget requests painting when it is idle, possibly a round later.
        painter.forget()
        await harness.settle()
    painter.forget()


async def test_only_the_rows_that_read_differently_are_painted(painter: Painter) -> None:
    async with running_app(USUAL, crew=False) as harness:
        await quiet(harness, painter)
        await harness.wait(0)
        assert (painter.lines, painter.layouts) == ([], 0), "nothing is painted in a second without changes"

        harness.store.apply_typing(key_of("On 00003"))
        await harness.settle()
        assert (painter.lines, painter.layouts) == ([(Panel.ONLINE, 3)], 0)
        assert painter.scrollbars == 0, "painting a row does not paint the scrollbar"

        painter.forget()
        await harness.press("j")
        assert sorted(painter.lines) == [(Panel.ONLINE, 0), (Panel.ONLINE, 1)]
        assert painter.layouts == 0

        painter.forget()
        harness.store.apply_typing(key_of("On 00150"))
        await harness.event("Off 00160", False, last_active_s=harness.clock.wall_s)
        assert (painter.lines, painter.layouts) == ([], 0), "changes outside the window paint nothing"


async def test_somebody_who_moves_below_the_window_repaints_no_row(painter: Painter) -> None:
    async with running_app(USUAL, crew=False) as harness:
        await quiet(harness, painter)
        await harness.event("On 00150", False)
        assert harness.title_of(harness.online) == "Online (199)"
        assert harness.title_of(harness.offline) == "Offline (201)"
        painted = [line for line in painter.lines if line[1] < 1_000]
        assert painted == []
        assert painter.layouts == 0


async def test_somebody_who_moves_inside_the_window_repaints_from_their_row_on(painter: Painter) -> None:
    async with running_app(USUAL, crew=False) as harness:
        await quiet(harness, painter)
        height = harness.online.size.height
        await harness.event("On 00005", False)
        assert {y for panel, y in painter.lines if panel is Panel.ONLINE} == set(range(5, height))
        assert len(painter.lines) == height - 5
        assert painter.layouts == 0


async def test_a_layout_of_the_screen_paints_no_scrollbar(
    painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_app(USUAL, crew=False) as harness:
        await quiet(harness, painter)
        assert harness.online.show_vertical_scrollbar
        painted: list[ScrollBar] = []
        real = ScrollBar.render

        def noted(bar: ScrollBar) -> object:
            painted.append(bar)
            return real(bar)

        monkeypatch.setattr(ScrollBar, "render", noted)
        # Change only one line of text: a layout of the whole screen would paint everything.
        harness.screen.query_one("#filter-how-many", Static).update("as it may be")
        await harness.settle()
        assert painter.layouts
        assert painted == []


async def test_with_a_hundred_thousand_only_the_visible_are_read(painter: Painter) -> None:
    keys = [f"m{place:06}" for place in range(100_000)]
    async with running_app(USUAL, crew=False) as harness:
        harness.monitor.watch(HARBOUR)
        harness.store.set_participants((member(key, key=key) for key in keys), HARBOUR.id)
        told = (PresenceRow(key, place % 2 == 0) for place, key in enumerate(keys))
        harness.store.apply_answers(told, Source.SNAPSHOT, harness.clock.stamp())
        await harness.wait(0)
        assert harness.title_of(harness.online) == "Online (50000)"
        visible = harness.online.size.height + harness.offline.size.height
        for happening in (
            lambda: harness.online.follow(),
            lambda: harness.store.update_user_status("m050000", False),
            lambda: harness.store.update_user_status("m000000", False),
            lambda: harness.store.apply_typing("m099998"),
        ):
            painter.forget()
            happening()
            assert 0 < painter.records_read <= visible
        await harness.settle()
        await harness.press("end")
        painter.forget()
        await harness.wait(1)
        # Read by the tick, by the harness, and by deferred content.
        assert painter.records_read <= 4 * visible
        assert "m099998" in harness.text
