"""Names of disputed width: columns stay aligned and no cells are left over, however a terminal measures
them.
"""

import io
import re
import unicodedata
from collections.abc import Awaitable, Callable
from random import Random

import pyte
import pytest
from rich.cells import get_character_cell_size
from rich.console import Console
from rich.segment import Segment
from rich.table import Table
from rich.text import Text
from textual._compositor import Compositor, CompositorUpdate, InlineUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from wcwidth import wcwidth

from presence_tui.domain.enums import Source
from presence_tui.domain.participants import Conversation
from presence_tui.tui import disputed_width
from presence_tui.tui.disputed_width import (
    DisputedSpans,
    Span,
    any_disputed,
    is_disputed,
    positioned,
    print_in_columns,
)
from presence_tui.tui.partial_painting import Painter, PositionedUpdate
from presence_tui.tui.shown_lines import ShownLines
from presence_tui.wire.messages import PresenceRow
from presence_tui.wire.sanitize import safe_text
from tests.tui.app_harness import SMALLEST, USUAL, WIDE, AppHarness, member, running_app
from tests.tui.disputed_names import DISPUTED_NAMES, PLAIN_NAMES, Cells, misplaced

pytestmark = pytest.mark.internals

Count = Callable[[str], int]
STEPS = 20
ROUNDS = 30
CREW = Conversation("c-crew", "क्षि स्त्री crew 👍🏽", "crew", 20)
OTHER = Conversation("c-other", "မြို့တော်", "other", 20)
NAMES = [safe_text(name) for pair in zip(DISPUTED_NAMES, PLAIN_NAMES * 2, strict=False) for name in pair]


def by_code_point(character: str) -> int:
    """Spacing vowels and skin tones take their own cells."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def before_emoji(character: str) -> int:
    """Symbols take one cell, as in Unicode 6."""
    return 1 if unicodedata.category(character) in ("So", "Sk") else by_code_point(character)


def generously(character: str) -> int:
    """Marks take one cell, and symbols two."""
    if not is_disputed(character):
        return wcwidth(character)
    return 2 if unicodedata.category(character).startswith("S") else max(1, wcwidth(character))


COUNTS: dict[str, Callable[[str], int]] = {
    "by cluster": get_character_cell_size,
    "before emoji": before_emoji,
    "generously": generously,
}


class Emulator:
    """A terminal with its own measure of widths."""

    def __init__(self, count: Count, size: tuple[int, int]) -> None:
        self._count = count
        self._screen = pyte.Screen(*size)
        self._stream = pyte.Stream(self._screen)
        # Every driver of Textual sets this before it paints.
        self._stream.feed("\x1b[?7l")

    def feed(self, text: str) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pyte.screens.wcwidth", self._count)
            self._stream.feed(text.replace("\n", "\r\n"))

    @property
    def cells(self) -> Cells:
        screen = self._screen
        return [[screen.buffer[y][x].data for x in range(screen.columns)] for y in range(screen.lines)]

    @property
    def text(self) -> str:
        return "\n".join("".join(row) for row in self.cells)


def whole(harness: AppHarness) -> str:
    """The escape sequences of a full update of the screen."""
    compositor = harness.app.screen._compositor
    update = PositionedUpdate(
        compositor.render_full_update(), DisputedSpans(), ShownLines(), Painter(compositor)
    )
    return update.render_segments(harness.app.console)


def connect(monkeypatch: pytest.MonkeyPatch, emulators: list[Emulator]) -> None:
    """Feed every update of an app to the emulators."""
    display = App._display

    def shown(app: App[None], screen: Screen[None], update: object) -> None:
        if isinstance(update, CompositorUpdate) and not app._batch_count:
            text = update.render_segments(app.console)
            for emulator in emulators:
                emulator.feed(text)
        display(app, screen, update)  # type: ignore[arg-type]

    monkeypatch.setattr(App, "_display", shown)


def fill(harness: AppHarness) -> None:
    """Two conversations, with plain and disputed names in turn."""
    now = harness.store.clock.stamp()
    harness.monitor.set_conversations([CREW, OTHER])
    for conversation in (OTHER, CREW):
        harness.monitor.watch(conversation)
        people = (member(name, key=f"u{place}") for place, name in enumerate(NAMES))
        harness.store.set_participants(people, conversation.id)
    told = [PresenceRow(f"u{place}", place % 3 < 2, now.wall_s - 40 * place) for place in range(len(NAMES))]
    harness.store.apply_answers(told, Source.SNAPSHOT, now)


def steps(harness: AppHarness, random: Random) -> list[Callable[[], Awaitable[None] | None]]:
    """The possible random steps."""
    place = random.randrange(len(NAMES))
    return [
        lambda: flip(harness, f"u{place}", random.random() < 0.5),
        lambda: flip(harness, f"u{place}", random.random() < 0.5),
        lambda: harness.press("home"),
        lambda: harness.press("k"),
        lambda: harness.press("tab"),
        lambda: harness.press("s"),
        lambda: harness.press("slash", random.choice("aeio"), "enter"),
        lambda: harness.press("escape"),
        lambda: harness.press("enter"),
        lambda: harness.press("escape"),
        lambda: harness.press(random.choice("1234")),
        lambda: harness.press("b"),
        lambda: harness.press("ctrl+l"),
        lambda: harness.wait(random.choice((1, 40, 400))),
        lambda: harness.app.notify(f"{NAMES[place]} is back, and {NAMES[0]} too.", markup=False),
        lambda: harness.app.clear_notifications(),
    ]


async def flip(harness: AppHarness, key: str, flag: bool) -> None:
    harness.store.update_user_status(key, flag)
    await harness.settle()


@pytest.mark.parametrize(
    ("size", "seed"),
    [(SMALLEST, 0), (SMALLEST, 1), (USUAL, 2), (WIDE, 3), (SMALLEST, 18), (SMALLEST, 22)],
)
async def test_whatever_happens_columns_stand_and_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], seed: int
) -> None:
    emulators = {name: Emulator(count, size) for name, count in COUNTS.items()}
    connect(monkeypatch, list(emulators.values()))
    random = Random(seed)
    async with running_app(size, crew=False) as harness:
        fill(harness)
        await harness.settle()

        def differs() -> str:
            strips = harness.app.screen._compositor.render_strips()
            for name, emulator in emulators.items():
                if wrong := misplaced(emulator.cells, strips):
                    return f"{name}: {wrong[:5]}\n{emulator.text}"
            truth = whole(harness)
            for name, emulator in emulators.items():
                anew = Emulator(COUNTS[name], size)
                anew.feed(truth)
                if anew.cells != emulator.cells:
                    return f"{name} has kept something:\n{emulator.text}\ninstead of\n{anew.text}"
            return ""

        for _ in range(STEPS):
            happening = random.choice(steps(harness, random))()
            if happening is not None:
                await happening
            difference = "it does not settle"
            for _ in range(ROUNDS):
                # A toast comes and goes by its own timer, while nothing else is painted.
                await harness.settle()
                if not harness.app._batch_count and not (difference := differs()):
                    break
            else:
                pytest.fail(difference)


def written(text: str, x: int = 0) -> str:
    return "".join(segment.text for segment in positioned([Segment(text)], x).segments)


@pytest.mark.parametrize("name", DISPUTED_NAMES)
def test_a_disputed_name_is_written_between_columns(name: str) -> None:
    name = name.strip()
    assert is_disputed(name) and any_disputed([Segment("Ada "), Segment(name)])
    cells = Segment(name).cell_length
    assert written(name, 3) == f"{' ' * cells}\x1b[4G{name}\x1b[{4 + cells}G"
    # Blanks after it are written first, except the last, which separates it from the next text.
    assert written(f"{name}   12 s", 3) == (f"{' ' * cells}   \x1b[4G{name}\x1b[{4 + cells + 2}G 12 s")


@pytest.mark.parametrize("name", PLAIN_NAMES)
def test_a_name_that_all_count_alike_is_written_as_it_is(name: str) -> None:
    assert not is_disputed(name) and not any_disputed([Segment(name)])
    assert written(f"{name}  12 s", 3) == f"{name}  12 s"


def test_words_with_one_blank_between_them_stay_together() -> None:
    assert written("अनन्या came online  10 s") == f"{' ' * 18}\x1b[1Gअनन्या came online\x1b[18G 10 s"


def test_what_is_not_painted_behind_a_name_is_told() -> None:
    found = positioned([Segment("👍🏽👍🏽")], 10)
    assert (found.start, found.end, found.reach) == (10, 14, 18)
    assert found.spans == [Span(10, 15)], "includes one more cell: the text may be cut and continue"
    found = positioned([Segment("👍🏽👍🏽   "), Segment("x")], 10)
    assert (found.end, found.reach, found.spans) == (18, 18, [Span(10, 17)])


def test_columns_are_widened_to_whole_texts() -> None:
    spans = DisputedSpans()
    spans.replace(3, Span(0, 80), [Span(5, 20), Span(20, 30), Span(50, 60)])
    assert spans.widened(3, Span(30, 50)) == (30, 50)
    assert spans.widened(3, Span(29, 51)) == (20, 60)
    assert spans.widened(4, Span(6, 7)) == (6, 7)
    spans.replace(3, Span(5, 30), [])
    assert spans.widened(3, Span(6, 7)) == (6, 7) and spans.widened(3, Span(55, 56)) == (50, 60)
    spans.replace(3, Span(50, 60), [])
    assert 3 not in spans


def test_a_name_cut_by_the_compositor_is_positioned_as_one_text() -> None:
    name = "Side by side: क्षि स्त्री crew 👍🏽"
    whole_line, cut_line = Strip([Segment(f"{name}   │")]), [Segment(name[:22]), Segment(f"{name[22:]}   │")]
    written_lines = []
    for strips in ([whole_line], [Strip([segment]) for segment in cut_line]):
        update = LayoutUpdate([strips], Region(0, 0, whole_line.cell_length, 1))
        positioned_update = PositionedUpdate(update, DisputedSpans(), ShownLines(), Painter(Compositor()))
        written_lines.append(positioned_update.render_segments(Console(color_system="truecolor")))
    assert written_lines[0] == written_lines[1]


@pytest.mark.parametrize("count", COUNTS.values(), ids=COUNTS)
def test_inline_rows_stand_too(count: Count) -> None:
    strips = [Strip([Segment("│"), Segment(f"{name[:12]}   ".ljust(30)), Segment("│")]) for name in NAMES]
    update = PositionedUpdate(InlineUpdate(strips), DisputedSpans(), ShownLines(), Painter(Compositor()))
    emulator = Emulator(count, (60, len(strips) + 1))
    emulator.feed(update.render_segments(Console(color_system="truecolor")).partition("\x1b[6n")[0])
    assert misplaced(emulator.cells[: len(strips)], [strip.extend_cell_length(60) for strip in strips]) == []


@pytest.mark.parametrize("count", COUNTS.values(), ids=COUNTS)
@pytest.mark.parametrize("width", [40, 90])
def test_columns_of_a_printed_table_stand(count: Count, width: int) -> None:
    table = Table()
    table.add_column("name")
    table.add_column("last active")
    for name in NAMES:
        table.add_row(Text(name), Text("12 min"))
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=width, color_system=None, legacy_windows=False)
    print_in_columns(console, table)
    emulator = Emulator(count, (width, out.getvalue().count("\n") + 1))
    emulator.feed("\x1b[?7h" + out.getvalue())
    lines = console.render_lines(table, console.options, pad=False)
    strips = [Strip(line).extend_cell_length(width) for line in lines]
    assert misplaced(emulator.cells[: len(lines)], strips) == []


def test_a_table_in_a_pipe_holds_no_control() -> None:
    table = Table()
    table.add_row(Text(NAMES[0]), Text("12 min"))
    plain, in_columns = io.StringIO(), io.StringIO()
    Console(file=plain, width=60).print(table)
    print_in_columns(Console(file=in_columns, width=60), table)
    assert in_columns.getvalue() == plain.getvalue() and "\x1b" not in plain.getvalue()


async def test_a_picture_holds_no_control() -> None:
    async with running_app(USUAL, crew=False) as harness:
        fill(harness)
        await harness.settle()
        picture = harness.app.export_screenshot()
        assert "अनन्या" in picture and "\x1b" not in picture


def test_the_usual_characters_are_undisputed() -> None:
    usual = re.findall(disputed_width._USUAL.pattern.removesuffix("*"), "".join(map(chr, range(0x3000))))
    assert len(usual) > 900
    assert re.search(f"[^{disputed_width._AGREED}]", "".join(usual)) is None
