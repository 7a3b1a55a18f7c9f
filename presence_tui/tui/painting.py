"""What changed on a screen, painted by itself.

Why not by Textual's compositor alone: whatever changed, it asks every widget in the rectangle around all
changes for all of its lines, and cuts each line at every widget's edge. Two rows at opposite corners cost
a whole screen. Here only the changed lines of the frontmost widgets are asked for. What comes out is the
same: a widget in front hides what is behind it, wholly.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.control import Control
from textual._compositor import Compositor, CompositorUpdate
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from presence_tui.tui.widgets.line_view import LineView

_PLACES_KEPT = 2_000

Layout = dict[Widget, tuple[Region, Region]]
"""Where each widget is and what of it may be seen, the frontmost first; in columns and rows of the screen."""
Place = tuple[Widget, Region]
"""A widget, and a part of the screen where nothing is in front of it."""
Line = tuple[int, int, Strip]
"""Column and row, from zero, and what stands there."""


class LinesUpdate(CompositorUpdate):
    """Lines to be written where they belong."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for x, y, strip in self._lines:
            yield Control.move_to(x, y).segment
            yield from strip

    def render_segments(self, console: Console) -> str:
        return "".join(f"\x1b[{y + 1};{x + 1}H{strip.render(console)}" for x, y, strip in self._lines)


class Painter:
    """Paints the dirty regions of one compositor. Knows for each region whose it is, until a new layout."""

    def __init__(self, compositor: Compositor) -> None:
        self._compositor = compositor
        self._layout: Layout = {}
        self._places: dict[Region, list[Place]] = {}

    def update(self) -> LinesUpdate | None:
        """Take the dirty regions and paint them; ``None`` if there are none."""
        dirty = self._compositor._dirty_regions
        # Taken once: whoever is asked for lines may ask for a new layout, which is for the next frame.
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

    def _places_of(self, region: Region) -> list[Place]:
        places = self._places.get(region)
        if places is None:
            on_screen = region.intersection(self._compositor.size.region)
            frontmost_first = [(widget, r.intersection(clip)) for widget, (r, clip) in self._layout.items()]
            places = self._places[region] = list(_split(on_screen, frontmost_first))
        return places

    def _painted(self, widget: Widget, parts: list[Region]) -> Iterator[Line]:
        # Once for all of its parts: what has not changed between them is kept by the widget.
        around = Region.from_union(parts)
        strips = _lines_of(widget, self._layout[widget][0], around)
        for part in parts:
            left, right = part.x - around.x, part.right - around.x
            for y in part.line_range:
                strip = strips[y - around.y]
                yield part.x, y, strip if part.width == around.width else strip.crop(left, right)


def _lines_of(widget: Widget, region: Region, part: Region) -> list[Strip]:
    """The lines of a part of the screen, of the widget that is in front there, at ``region``."""
    if isinstance(widget, LineView):
        content = widget.content_region
        if content.contains_region(part):
            return widget.content_lines(part.translate(-content.offset))
    return widget.render_lines(part.translate(-region.offset))


def _split(region: Region, frontmost_first: Sequence[tuple[Widget, Region]]) -> Iterator[Place]:
    """The widgets that are seen within ``region``, each with its part."""
    for at, (widget, seen) in enumerate(frontmost_first):
        part = region.intersection(seen)
        if part:
            yield widget, part
            for rest in _around(region, part):
                yield from _split(rest, frontmost_first[at + 1 :])
            return


def _around(region: Region, part: Region) -> Iterable[Region]:
    """What is left of ``region`` without ``part``, which is inside it."""
    rests = (
        Region(region.x, region.y, region.width, part.y - region.y),
        Region(region.x, part.bottom, region.width, region.bottom - part.bottom),
        Region(region.x, part.y, part.x - region.x, part.height),
        Region(part.right, part.y, region.right - part.right, part.height),
    )
    return [rest for rest in rests if rest]
