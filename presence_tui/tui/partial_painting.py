"""Paints only the changed lines of a screen.

Textual's compositor asks every widget in the rectangle around all
changes for all its lines, and cuts each line at every widget's edge. Two rows at opposite corners cost
a whole screen. Here only the frontmost widgets are asked, for changed lines. The result is the
same, because a widget hides everything behind it.

Every update of a screen, whole or partial, passes ``PaintingApp``, which positions text whose width
terminals disagree on (see ``disputed_width``), and writes only the changed cells of a line (see
``shown_lines``).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.control import Control
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from presence_tui.tui.disputed_width import DisputedSpans, Positioned, Span, any_disputed, positioned
from presence_tui.tui.shown_lines import Line, ShownLines
from presence_tui.tui.textual_internals import (
    ChopsUpdate,
    Compositor,
    CompositorUpdate,
    InlineUpdate,
    LayoutUpdate,
    SteppedScreen,
    UpdatedApp,
    compositor_of,
    dirty_regions,
)
from presence_tui.tui.widgets.line_view import LineView

_PLACES_KEPT = 2_000
_CLEARED: Final = "\x1b[0m\x0f\x1b(B\x1b[r\x1b[?6l\x1b[?7l\x1b[2J"
"""Clears the screen, and colours, character set and scroll region left by another program."""

Layout = dict[Widget, tuple[Region, Region]]
"""Each widget's region and visible part, in columns and rows of the screen, the frontmost first."""
Place = tuple[Widget, Region]
"""A widget and a region of the screen where it is in front."""


class LinesUpdate(CompositorUpdate):
    """An update of single lines."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for x, y, strip in self.lines:
            yield Control.move_to(x, y).segment
            yield from strip

    def render_segments(self, console: Console) -> str:
        return "".join(f"\x1b[{y + 1};{x + 1}H{strip.render(console)}" for x, y, strip in self.lines)


class Painter:
    """Paints the dirty regions of one compositor. Caches the widgets of each region until the next layout."""

    def __init__(self, compositor: Compositor) -> None:
        self._compositor = compositor
        self._layout: Layout = {}
        self._places: dict[Region, list[Place]] = {}

    @property
    def width(self) -> int:
        """Columns of the screen."""
        return self._compositor.size.width

    def update(self) -> LinesUpdate | None:
        """Paint and clear the dirty regions; ``None`` if there are none."""
        dirty = dirty_regions(self._compositor)
        # Read once: rendering may request a new layout, which belongs to the next frame.
        layout = self._compositor.visible_widgets
        if layout is not self._layout or len(self._places) > _PLACES_KEPT:
            self._layout, self._places = layout, {}
        parts: defaultdict[Widget, list[Region]] = defaultdict(list)
        for region in dirty:
            for widget, part in self._places_of(region):
                parts[widget].append(part)
        dirty.clear()
        lines = [line for widget, regions in parts.items() for line in self._painted(widget, regions)]
        return LinesUpdate(lines) if lines else None

    def row(self, y: int, columns: Span) -> list[Line]:
        """The content of these columns of a row, from left to right."""
        self._layout, self._places = self._compositor.visible_widgets, {}
        places = self._places_of(Region(columns.start, y, columns.end - columns.start, 1))
        return sorted(
            (line for widget, part in places for line in self._painted(widget, [part])), key=itemgetter(0)
        )

    def _places_of(self, region: Region) -> list[Place]:
        places = self._places.get(region)
        if places is None:
            on_screen = region.intersection(self._compositor.size.region)
            frontmost_first = [(widget, r.intersection(clip)) for widget, (r, clip) in self._layout.items()]
            places = self._places[region] = list(_split(on_screen, frontmost_first))
        return places

    def _painted(self, widget: Widget, parts: list[Region]) -> Iterator[Line]:
        # Once for all parts, because the widget caches unchanged lines.
        around = Region.from_union(parts)
        strips = _lines_of(widget, self._layout[widget][0], around)
        for part in parts:
            left, right = part.x - around.x, part.right - around.x
            for y in part.line_range:
                strip = strips[y - around.y]
                yield Line(part.x, y, strip if part.width == around.width else strip.crop(left, right))


def changed_regions(before: Layout, after: Layout) -> set[Region]:
    """Visible parts of widgets that came, went or moved between two layouts."""
    parts = (region.intersection(clip) for _, (region, clip) in before.items() ^ after.items())
    return {part for part in parts if part}


def _lines_of(widget: Widget, region: Region, part: Region) -> list[Strip]:
    """The lines of a part of the screen from the widget in front there, located at ``region``."""
    if isinstance(widget, LineView):
        content = widget.content_region
        if content.contains_region(part):
            return widget.content_lines(part.translate(-content.offset))
    return widget.render_lines(part.translate(-region.offset))


def _split(region: Region, frontmost_first: Sequence[tuple[Widget, Region]]) -> Iterator[Place]:
    """Split a region into the parts of its frontmost widgets."""
    for at, (widget, seen) in enumerate(frontmost_first):
        part = region.intersection(seen)
        if part:
            yield widget, part
            for rest in _around(region, part):
                yield from _split(rest, frontmost_first[at + 1 :])
            return


def _around(region: Region, part: Region) -> Iterable[Region]:
    """Return ``region`` without ``part``, which is inside it."""
    rests = (
        Region(region.x, region.y, region.width, part.y - region.y),
        Region(region.x, part.bottom, region.width, region.bottom - part.bottom),
        Region(region.x, part.y, part.x - region.x, part.height),
        Region(part.right, part.y, region.right - part.right, part.height),
    )
    return [rest for rest in rests if rest]


class PositionedUpdate(CompositorUpdate):
    """An update in which text of disputed width is positioned.

    Such text is never painted partially: the column of its second half depends on the cells
    the terminal counts for the first. What it may overwrite is painted after it.
    """

    def __init__(
        self,
        update: CompositorUpdate,
        spans: DisputedSpans,
        shown: ShownLines,
        painter: Painter,
        before: str = "",
    ) -> None:
        """``spans`` and ``shown`` are of the terminal, and updated here. ``before`` is written first."""
        self.update = update
        """The update to position when rendered."""
        self._spans = spans
        self._shown = shown
        self._painter = painter
        self._before = before

    def render_segments(self, console: Console) -> str:
        return self._before + self._positioned(self.update).render_segments(console)

    def _positioned(self, update: CompositorUpdate) -> CompositorUpdate:
        if isinstance(update, LayoutUpdate):
            return self._whole(update)
        if isinstance(update, InlineUpdate):
            return InlineUpdate([_strip(positioned(strip, 0)) for strip in update.strips], update.clear)
        if isinstance(update, LinesUpdate):
            return self._parts(update.lines)
        if isinstance(update, ChopsUpdate):
            return self._parts(_lines_of_chops(update))
        return update

    def _whole(self, update: LayoutUpdate) -> LayoutUpdate:
        self._spans.clear()
        self._shown.clear()
        rows: list[Iterable[Strip]] = []
        for y, strips in enumerate(update.strips, update.region.y):
            row = list(strips)
            if any(map(any_disputed, row)):
                # The compositor cuts a line at the edges of widgets behind it, even within a name.
                found = positioned(Strip.join(row).simplify(), update.region.x)
                self._spans.replace(y, Span(*update.region.column_span), found.spans)
                row = [_strip(found)]
            rows.append(row)
        return LayoutUpdate(rows, update.region)

    def _parts(self, lines: Iterable[Line]) -> CompositorUpdate:
        return LinesUpdate([part for line in lines for part in self._part(line)])

    def _part(self, line: Line) -> list[Line]:
        x, y, strip = line
        if y not in self._spans and not any_disputed(strip):
            changed = self._shown.record(line)
            return [] if changed is None else [changed]
        self._shown.forget_row(y)
        columns, lines = Span(x, x + strip.cell_length), [line]
        while True:
            found = [positioned(strip, x) for x, _, strip in lines]
            reach = min(max(part.reach for part in found), self._painter.width)
            wider = self._spans.widened(y, Span(columns.start, max(columns.end, reach)))
            if wider == columns:
                break
            columns, lines = wider, self._painter.row(y, wider)
        self._spans.replace(y, columns, _spans_of(found))
        return [Line(x, y, _strip(part)) for (x, _, _), part in zip(lines, found, strict=True)]


def _spans_of(found: Iterable[Positioned]) -> list[Span]:
    return [span for part in found for span in part.spans]


def _strip(found: Positioned) -> Strip:
    return Strip(found.segments, found.end - found.start)


def _lines_of_chops(update: ChopsUpdate) -> Iterator[Line]:
    """The lines of an update of the library, cut in the same places."""
    for y, first, behind in update.spans:
        for (x, strip), end in zip(update.chops[y].items(), update.chop_ends[y], strict=False):
            if strip is not None and x <= behind and first < end:
                yield Line(x, y, strip.crop(0, min(end, behind) - x))


class PaintingApp(UpdatedApp):
    """An app whose screens look the same in terminals that count cells differently."""

    def __init__(self) -> None:
        super().__init__()
        self._disputed_spans = DisputedSpans()
        self._shown_lines = ShownLines()
        self._clears = False

    def action_repaint(self) -> None:
        """Redraw the whole screen, over output of other programs."""
        self._clears = True
        self.screen.refresh()

    @contextmanager
    def batch_update(self) -> Iterator[None]:
        with super().batch_update():
            yield
        screen = next(reversed(self.screen_stack), None)
        if isinstance(screen, SteppedScreen):
            screen.paint_after_batch()

    def changed_update(self, screen: Screen[object], update: CompositorUpdate) -> CompositorUpdate:
        before = ""
        if self._clears and isinstance(update, LayoutUpdate):
            self._clears, before = False, _CLEARED
        painter = Painter(compositor_of(screen))
        return PositionedUpdate(update, self._disputed_spans, self._shown_lines, painter, before)
