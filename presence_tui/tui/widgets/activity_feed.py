"""What has just happened, newest first."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Final, NamedTuple

from rich.segment import Segment
from textual.strip import Strip

from presence_tui.service.frames import AtMostEvery
from presence_tui.tui.widgets.cells import fitted
from presence_tui.tui.widgets.line_view import LineView

LINES_KEPT: Final = 500
PERIOD_S: Final = 0.2
"""Lines that came faster would be gone before anyone read them, at the price of a repaint each."""


class ActivityLine(NamedTuple):
    """One thing that happened. ``kind`` names its colour: came, left, corrected or notice."""

    at_s: float
    kind: str
    glyph: str
    text: str


class ActivityFeed(LineView, can_focus=False):
    """The last lines of what happened, drawn line by line."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "activity--time",
        "activity--came",
        "activity--left",
        "activity--corrected",
        "activity--notice",
        "activity--text",
    }

    def __init__(self) -> None:
        super().__init__(id="activity")
        self._lines: deque[ActivityLine] = deque(maxlen=LINES_KEPT)
        self._shown: Sequence[ActivityLine] = self._lines
        self._show_soon = AtMostEvery(PERIOD_S, self._show)

    def add(self, lines: list[ActivityLine]) -> None:
        """Add lines in the order they happened."""
        self._lines.extend(lines)
        if lines and self._shown is self._lines:
            self._show_soon()

    def hold(self) -> None:
        """Let what is shown stand still; lines are added nevertheless."""
        self._shown = list(self._lines)

    def resume(self) -> None:
        """Show what was added meanwhile, and from now on."""
        self._shown = self._lines
        self.show_now()

    @property
    def texts(self) -> list[str]:
        """What the lines say, newest first."""
        return [line.text for line in reversed(self._lines)]

    def show_now(self) -> None:
        """Paint what was added, without waiting."""
        self.set_line_count(len(self._shown))
        self.refresh()

    def on_resize(self) -> None:
        self.set_line_count(len(self._shown))

    def render_line(self, y: int) -> Strip:
        # The scrollbar lies over the size of a widget, and would hide the ellipsis.
        width, index = self.scrollable_content_region.width, y + self.scroll_offset.y
        if index >= len(self._shown):
            return Strip.blank(width, self.rich_style)
        line = self._shown[-1 - index]
        base = self.rich_style
        time = f" {datetime.fromtimestamp(line.at_s):%H:%M:%S} "
        room = max(0, width - len(time) - 2)
        segments = [
            Segment(time, base + self.get_component_rich_style("activity--time", partial=True)),
            Segment(
                f"{line.glyph} ",
                base + self.get_component_rich_style(f"activity--{line.kind}", partial=True),
            ),
            Segment(
                fitted(line.text, room),
                base + self.get_component_rich_style("activity--text", partial=True),
            ),
        ]
        return Strip(segments).adjust_cell_length(width, base)

    def _show(self) -> None:
        if self.is_attached and self.screen.is_active:
            self.show_now()
