"""The activity feed: latest events, newest first."""

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
"""Lines that change faster than this cannot be read, and each costs a repaint."""


class ActivityLine(NamedTuple):
    """One event. ``kind`` selects its colour: came, left, corrected or notice."""

    at_s: float
    kind: str
    glyph: str
    text: str


class ActivityFeed(LineView, can_focus=False):
    """The latest events, drawn line by line."""

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
        """Add lines, in order of the events."""
        self._lines.extend(lines)
        if lines and self._shown is self._lines:
            self._show_soon()

    def hold(self) -> None:
        """Freeze the shown lines; new ones are still added."""
        self._shown = list(self._lines)

    def resume(self) -> None:
        """Show all lines again."""
        self._shown = self._lines
        self.show_now()

    @property
    def texts(self) -> list[str]:
        """Texts of the lines, newest first."""
        return [line.text for line in reversed(self._lines)]

    def show_now(self) -> None:
        """Paint new lines without delay."""
        self.set_line_count(len(self._shown))
        self.refresh()

    def on_resize(self) -> None:
        self.set_line_count(len(self._shown))

    def render_line(self, y: int) -> Strip:
        # The scrollbar overlaps the widget's size, and would hide the ellipsis.
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
