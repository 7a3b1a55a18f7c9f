"""The activity feed: latest events, newest first."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Final

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from presence_tui.service.frames import AtMostEvery
from presence_tui.text.local_time import SECONDS, local_time
from presence_tui.tui.activity_groups import ActivityLine, Corrections
from presence_tui.tui.widgets.cells import fitted
from presence_tui.tui.widgets.line_view import LineView

LINES_KEPT: Final = 500
PERIOD_S: Final = 0.2
"""Lines that change faster than this cannot be read, and each costs a repaint."""


class ActivityFeed(LineView, can_focus=True):
    """The latest events, drawn line by line. A click or enter picks the participant or the list of a line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("enter", "pick", show=False),
    ]

    class Picked(Message):
        """Somebody of whom a line tells is wanted, or the list of all of them."""

        def __init__(self, key: str, corrections: Corrections | None = None) -> None:
            self.key = key
            self.corrections = corrections
            super().__init__()

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "activity--time",
        "activity--came",
        "activity--left",
        "activity--corrected",
        "activity--notice",
        "activity--text",
        "activity--cursor",
    }

    def __init__(self) -> None:
        super().__init__(id="activity")
        self._lines: deque[ActivityLine] = deque(maxlen=LINES_KEPT)
        self._shown: Sequence[ActivityLine] = self._lines
        self._cursor: ActivityLine | None = None
        self._is_late = False
        """True if lines were added that are not painted yet."""
        self._show_soon = AtMostEvery(PERIOD_S, self._show)

    def add(self, lines: list[ActivityLine]) -> None:
        """Add lines, in order of the events; redraw those that were added before and altered since."""
        for line in lines:
            if not (line.added or line.merged):
                line.added = True
                self._lines.append(line)
        if any(line.merged and line.added for line in lines):
            self._drop_merged()
        if lines and self._shown is self._lines:
            self._show_soon()

    def hold(self) -> None:
        """Freeze the shown lines; new ones are still added."""
        self._shown = [replace(line) for line in self._lines]

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
        self._is_late = False
        self.set_line_count(len(self._shown))
        self.refresh()

    def show_late(self) -> None:
        """Paint lines that were added behind a dialog, if there are any."""
        if self._is_late:
            self.show_now()

    def on_focus(self) -> None:
        if self._shown and self._index_of_cursor() is None:
            self._cursor = self._shown[-1 - min(self.scroll_offset.y, len(self._shown) - 1)]
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None:
            self._move_to(offset.y + self.scroll_offset.y)
            self.action_pick()

    def action_move(self, step: int) -> None:
        index = self._index_of_cursor()
        self._move_to(0 if index is None else max(0, min(index + step, len(self._shown) - 1)))

    def action_pick(self) -> None:
        """Ask for whom the line under the cursor is about; there is none for a crowd or nobody."""
        if (line := self._cursor) is not None and (line.key or line.corrections is not None):
            self.post_message(self.Picked(line.key, line.corrections))

    def on_resize(self) -> None:
        self.set_line_count(len(self._shown))

    def render_line(self, y: int) -> Strip:
        # The scrollbar overlaps the widget's size, and would hide the ellipsis.
        width, index = self.scrollable_content_region.width, y + self.scroll_offset.y
        if index >= len(self._shown):
            return Strip.blank(width, self.rich_style)
        line = self._shown[-1 - index]
        base = self.rich_style
        if self.has_focus and line is self._cursor:
            base += self.get_component_rich_style("activity--cursor", partial=True)
        time = f" {local_time(line.at_s, SECONDS)} "
        room = max(0, width - len(time) - 2)
        text = line.text if line.corrections is None else line.corrections.fitted(room)
        segments = [
            Segment(time, base + self.get_component_rich_style("activity--time", partial=True)),
            Segment(
                f"{line.glyph} ",
                base + self.get_component_rich_style(f"activity--{line.kind}", partial=True),
            ),
            Segment(
                fitted(text, room),
                base + self.get_component_rich_style("activity--text", partial=True),
            ),
        ]
        return Strip(segments).adjust_cell_length(width, base)

    def _index_of_cursor(self) -> int | None:
        """Where the line with the cursor is, from the newest."""
        newest_first = reversed(self._shown)
        return next((index for index, line in enumerate(newest_first) if line is self._cursor), None)

    def _move_to(self, index: int) -> None:
        if index >= len(self._shown):
            self._cursor = None
            return
        self._cursor = self._shown[-1 - index]
        top, height = self.scroll_offset.y, max(1, self.size.height)
        if not top <= index < top + height:
            self.scroll_to(y=index if index < top else index - height + 1, animate=False, immediate=True)
        self.refresh()

    def _drop_merged(self) -> None:
        unmerged = [line for line in self._lines if not line.merged]
        self._lines.clear()
        self._lines.extend(unmerged)

    def _show(self) -> None:
        if self.is_attached and self.screen.is_active:
            self.show_now()
        else:
            self._is_late = True
