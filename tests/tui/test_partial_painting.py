"""Painting in parts gives the same screen as a full update of Textual."""

from collections.abc import Awaitable, Callable
from random import Random

import pyte
import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.screen import Screen
from textual.widgets import Static

from presence_tui.tui.partial_painting import LinesUpdate, Painter, PositionedUpdate
from tests.tui.app_harness import (
    OFFLINE_NAMES,
    ONLINE_NAMES,
    SMALLEST,
    USUAL,
    WIDE,
    AppHarness,
    running_app,
    until,
)

pytestmark = pytest.mark.internals

STEPS = 40


class Emulator:
    """A terminal that receives every update of an app."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> None:
        self._screen = pyte.Screen(*size)
        self._stream = pyte.Stream(self._screen)
        self.by_parts = 0
        display = App._display

        def shown(app: App[None], screen: Screen[None], update: object) -> None:
            if isinstance(update, PositionedUpdate) and not app._batch_count:
                self.by_parts += isinstance(update.update, LinesUpdate)
                self._stream.feed(update.render_segments(app.console))
            display(app, screen, update)  # type: ignore[arg-type]

        monkeypatch.setattr(App, "_display", shown)

    def cells(self) -> list[list[pyte.screens.Char]]:
        buffer = self._screen.buffer
        return [[buffer[y][x] for x in range(self._screen.columns)] for y in range(self._screen.lines)]


def at_once(harness: AppHarness, size: tuple[int, int]) -> list[list[pyte.screens.Char]]:
    """The cells of a full update by Textual."""
    screen = pyte.Screen(*size)
    update = harness.app.screen._compositor.render_full_update()
    pyte.Stream(screen).feed(update.render_segments(harness.app.console).replace("\n", "\r\n"))
    return [[screen.buffer[y][x] for x in range(size[0])] for y in range(size[1])]


def steps(harness: AppHarness, random: Random) -> list[Callable[[], Awaitable[None] | None]]:
    """The possible random steps."""
    names = [*ONLINE_NAMES, *OFFLINE_NAMES]
    return [
        lambda: harness.event(random.choice(names), random.random() < 0.5),
        lambda: harness.press("home"),
        lambda: harness.press("k"),
        lambda: harness.press("tab"),
        lambda: harness.press("s"),
        lambda: harness.press("/", random.choice("aeio"), "enter"),
        lambda: harness.press("escape"),
        lambda: harness.press("?", "escape"),
        lambda: harness.press("d"),
        lambda: harness.wait(random.choice((1, 40, 400))),
        lambda: harness.app.notify("Three were corrected."),
        lambda: harness.app.clear_notifications(),
    ]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("size", [SMALLEST, USUAL, WIDE])
async def test_the_parts_add_up_to_the_whole(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], seed: int
) -> None:
    emulator = Emulator(monkeypatch, size)
    random = Random(seed)
    async with running_app(size) as harness:
        for _ in range(STEPS):
            happening = random.choice(steps(harness, random))()
            if happening is not None:
                await happening
            # A toast comes and goes by its own timer.
            await until(harness, lambda: emulator.cells() == at_once(harness, size))
    assert emulator.by_parts > STEPS / 2


class Boxes(App[None]):
    """Widgets that overlap, on layers and beyond the edge."""

    CSS = """
    Screen { layers: below above; background: $surface; }
    Static { layer: below; width: 20; height: 6; border: round $primary; }
    .above { layer: above; background: $primary; }
    """

    def compose(self) -> ComposeResult:
        for place, corner in enumerate([(0, 0), (10, 3), (30, 10), (35, -2)]):
            box = Static(f"box {place}", classes="above" if place % 2 else "")
            box.styles.position = "absolute"
            box.styles.offset = corner
            yield box


@pytest.mark.parametrize("seed", range(20))
async def test_whoever_is_in_front_hides_what_is_behind(seed: int) -> None:
    random = Random(seed)
    async with Boxes().run_test(size=(50, 16)) as pilot:
        compositor = pilot.app.screen._compositor
        console = pilot.app.console
        emulated = pyte.Screen(50, 16)
        stream = pyte.Stream(emulated)
        whole = compositor.render_full_update().render_segments(console).replace("\n", "\r\n")
        stream.feed(whole)
        before = emulated.display
        painter = Painter(compositor)
        for _ in range(5):
            x, y = random.randrange(-5, 50), random.randrange(-5, 16)
            region = Region(x, y, random.randrange(1, 40), random.randrange(1, 12))
            shown = region.intersection(compositor.size.region)
            for line in shown.line_range:
                emulated.cursor_position(line + 1, shown.x + 1)
                stream.feed("x" * shown.width)
            compositor._dirty_regions.add(region)
            update = painter.update()
            assert not compositor._dirty_regions
            if update is not None:
                stream.feed(update.render_segments(console))
            assert emulated.display == before


async def test_nothing_dirty_is_nothing_to_write() -> None:
    async with Boxes().run_test(size=(50, 16)) as pilot:
        compositor = pilot.app.screen._compositor
        compositor._dirty_regions.clear()
        assert Painter(compositor).update() is None


async def test_a_change_during_a_batch_is_painted_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_app(USUAL) as harness:
        displayed: list[object] = []
        display = App._display

        def shown(app: App[None], screen: Screen[None], update: object) -> None:
            if update is not None and not app._batch_count:
                displayed.append(update)
            display(app, screen, update)  # type: ignore[arg-type]

        monkeypatch.setattr(App, "_display", shown)
        compositor = harness.screen._compositor
        with harness.app.batch_update():
            compositor._dirty_regions.add(harness.online.region)
            harness.screen._compositor_refresh()
            assert displayed == []
        assert len(displayed) == 1 and not compositor._dirty_regions
