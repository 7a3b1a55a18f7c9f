"""The content of the wallboard, laid out for the available space."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause, Panel, State, listed_by
from presence_tui.store import Record, RosterIndex
from presence_tui.text.local_time import MINUTES, local_time
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.widgets.cells import fitted
from presence_tui.tui.widgets.cursor_lines import right_aligned
from presence_tui.tui.widgets.row_layout import RowLayout, name_cells
from presence_tui.tui.widgets.wall_layout import (
    DIGIT_ROWS,
    Grid,
    WallLayout,
    digit_cells,
    digit_rows,
    wall_layout,
)

SHOWN_S: Final = 600.0
_MOST_KEPT: Final = 500
"""More than a screen shows; the oldest are dropped."""


class RecentDepartures:
    """Participants who left the Online panel and are not back, the newest first. Times are Unix seconds."""

    def __init__(self) -> None:
        self._left_at_s: dict[str, float] = {}

    def record(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self._left_at_s.pop(change.key, None)
            if (moment_s := _departure_s(change)) is not None:
                self._left_at_s[change.key] = moment_s
        while len(self._left_at_s) > _MOST_KEPT:
            del self._left_at_s[next(iter(self._left_at_s))]

    def since(self, now_s: float) -> list[tuple[str, float]]:
        """Presence keys and the time of leaving, within ``SHOWN_S``."""
        self._left_at_s = {key: at_s for key, at_s in self._left_at_s.items() if now_s - at_s < SHOWN_S}
        return sorted(self._left_at_s.items(), key=lambda item: item[1])[::-1]

    def clear(self) -> None:
        self._left_at_s.clear()


def _departure_s(change: Change) -> float | None:
    """When this change took somebody from the Online panel; ``None`` if it did not, or nobody knows when.

    For a departure that a reading found, or that was sent again after a gap, the last sign of life is closer
    to the real time; without one it may have been days ago.
    """
    if change.first_told or not listed_by(change.before, change.flag_before):
        return None
    if listed_by(change.after, change.flag):
        return None
    if change.cause not in (Cause.RECONCILED, Cause.REPLAYED):
        return change.at_s
    return None if change.last_active_s is None else min(change.at_s, change.last_active_s)


_AGE_CELLS: Final = 7
_GAP_CELLS: Final = 3
"""Between columns."""
_GLYPH_CELLS: Final = 2

Part = tuple[str, str]
"""Text and the name of its style."""


class Placed(NamedTuple):
    """Text at column ``x`` of a row."""

    x: int
    parts: tuple[Part, ...]


WallRow = tuple[Placed, ...]
"""Content of one row, from left to right."""


class Wall(Widget, can_focus=False):
    """Draws count, departures, online and offline participants. ``draw`` repaints the rows that changed."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "wall--count",
        "wall--heading",
        "wall--name",
        "wall--quiet",
        "wall--online",
        "wall--away",
        "wall--idle",
        "wall--offline",
        "wall--unknown",
    }

    def __init__(self, roster_index: RosterIndex, wording: Wording, glyphs: Glyphs) -> None:
        super().__init__(id="wall")
        self.departures = RecentDepartures()
        self.people_words = ""
        """The total below the count."""
        self.placeholder = ""
        """Shown while no participant is known."""
        self._roster_index = roster_index
        self._wording = wording
        self._glyphs = glyphs
        self._first = 0
        """Index of the first online participant shown, for scrolling."""
        self._rows: list[WallRow] = []

    def scroll_people(self, rows: int) -> None:
        """Scroll the online participants by rows of their grid. Call ``draw`` afterwards."""
        grid, online = self._layout().online, self._roster_index.count(Panel.ONLINE)
        hidden_rows = max(0, -(-online // grid.columns) - grid.rows)
        first_row = min(max(0, self._first // grid.columns + rows), hidden_rows)
        self._first = first_row * grid.columns

    def reset(self) -> None:
        """Reset for another conversation: scroll position and departures."""
        self._first = 0
        self.departures.clear()

    def draw(self) -> None:
        rows = self._drawn_rows()
        if len(rows) != len(self._rows):
            self.refresh()
        else:
            changed = [y for y, row in enumerate(rows) if row != self._rows[y]]
            if changed:
                self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))
        self._rows = rows

    def on_resize(self) -> None:
        self.draw()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        styles = self._styles()
        segments: list[Segment] = []
        x = 0
        for placed in self._rows[y] if y < len(self._rows) else ():
            segments.append(Segment(" " * (placed.x - x), base))
            segments += [Segment(text, base + styles[style]) for text, style in placed.parts]
            x = placed.x + sum(cell_len(text) for text, _ in placed.parts)
        return Strip(segments).adjust_cell_length(width, base)

    def _styles(self) -> dict[str, Style]:
        return {
            name.rpartition("--")[2]: self.get_component_rich_style(name, partial=True)
            for name in self.COMPONENT_CLASSES
        }

    def _layout(self) -> WallLayout:
        index = self._roster_index
        return wall_layout(
            *self.size,
            online=index.count(Panel.ONLINE),
            left=len(self._departed()),
            offline=index.count(Panel.OFFLINE),
        )

    def _drawn_rows(self) -> list[WallRow]:
        width, height = self.size
        if not self._roster_index.counts.total:
            placeholder = Placed(2, ((fitted(self.placeholder, max(0, width - 4)), "quiet"),))
            return [(placeholder,) if y == min(1, height - 1) else () for y in range(height)]
        layout = self._layout()
        placed: list[tuple[int, Placed]] = [
            *self._count(layout),
            *self._departures(layout.left),
            *self._people(Panel.ONLINE, layout.online),
            *self._people(Panel.OFFLINE, layout.offline),
        ]
        rows: list[list[Placed]] = [[] for _ in range(height)]
        for y, each in sorted(placed, key=lambda item: item[1].x):
            if y < height:
                rows[y].append(each)
        return [tuple(row) for row in rows]

    def _count(self, layout: WallLayout) -> list[tuple[int, Placed]]:
        language, online = self._wording.language, self._roster_index.count(Panel.ONLINE)
        clock = local_time(self._now_s(), MINUTES)
        scale = layout.digit_scale
        if not scale:
            text = language.count("{n} online", "{n} online", online)
            return [(0, Placed(1, ((text, "count"), (f" · {self.people_words}", "quiet"))))]
        digits = digit_rows(online, scale, self._glyphs.block)
        x = 1 + digit_cells(online, scale) + 2
        words = [(self._wording.state(State.ONLINE), "count"), (self.people_words, "name"), (clock, "quiet")]
        first = (DIGIT_ROWS * scale - 2 * len(words) + 1) // 2
        return [
            *((y, Placed(1, ((row, "count"),))) for y, row in enumerate(digits)),
            *((first + 2 * line, Placed(x, (part,))) for line, part in enumerate(words)),
        ]

    def _departures(self, grid: Grid) -> list[tuple[int, Placed]]:
        if not grid.rows:
            return []
        now_s = self._now_s()
        heading = self._heading(grid, self._wording.language.say("Left in the last 10 minutes"))
        cells = [
            self._cell(grid, record, self._wording.language.span(now_s - at_s), "quiet")
            for record, at_s in self._departed()
        ]
        return [heading, *self._in_grid(grid, cells, len(cells))]

    def _departed(self) -> list[tuple[Record, float]]:
        """Participants who left of late and are among the offline ones, and when, in Unix seconds."""
        records = self._wording.store.participants
        return [
            (records[key], at_s)
            for key, at_s in self.departures.since(self._now_s())
            if key in records and records[key].panel is Panel.OFFLINE
        ]

    def _people(self, panel: Panel, grid: Grid) -> list[tuple[int, Placed]]:
        if not grid.rows:
            return []
        count, is_online = self._roster_index.count(panel), panel is Panel.ONLINE
        first = min(self._first, max(0, count - 1)) if is_online else 0
        records = self._roster_index.rows(panel, first, first + grid.capacity)
        now_s = self._now_s()
        # The same age as among those who left.
        left_at_s = {} if is_online else {record.key: at_s for record, at_s in self._departed()}
        span = self._wording.language.span
        ages = [
            span(now_s - left_at_s[each.key]) if each.key in left_at_s else self._age(each)
            for each in records
        ]
        cells = [
            self._cell(grid, each, age, "name" if is_online else "quiet")
            for each, age in zip(records, ages, strict=True)
        ]
        placed = self._in_grid(grid, cells, count - first)
        if is_online:
            return placed
        return [self._heading(grid, self._wording.language.say("Offline ({n})", n=count)), *placed]

    def _in_grid(self, grid: Grid, cells: Sequence[tuple[Part, ...]], count: int) -> list[tuple[int, Placed]]:
        """Place the cells in the grid. The last one shows how many do not fit."""
        shown = list(cells[: grid.capacity])
        if count > grid.capacity:
            more = self._wording.language.count("+{n} more", "+{n} more", count - grid.capacity + 1)
            shown[-1] = ((fitted(more, grid.cell_width - _GAP_CELLS), "quiet"),)
        places = [grid.place(index) for index in range(len(shown))]
        return [(y, Placed(x + 1, parts)) for (x, y), parts in zip(places, shown, strict=True)]

    def _heading(self, grid: Grid, text: str) -> tuple[int, Placed]:
        return grid.y - 1, Placed(grid.x + 1, ((fitted(text, grid.width - 2), "heading"),))

    def _cell(self, grid: Grid, record: Record, age: str, style: str) -> tuple[Part, ...]:
        store = self._wording.store
        confirmed = store.epochs.unconfirmed_since_s(record) is None
        age_cells = _AGE_CELLS if age else 0
        cells = RowLayout(max(1, grid.cell_width - _GAP_CELLS - _GLYPH_CELLS - age_cells), 0, 0, 0)
        names = name_cells(record.shown_name, "", "", self._wording.distinction(record), (), cells)
        return (
            (f"{self._glyphs.states[record.state]} ", (record.state if confirmed else State.UNKNOWN).value),
            (names.name, style),
            (names.identity + names.notes, "quiet"),
            (right_aligned(age, age_cells), "quiet"),
        )

    def _age(self, record: Record) -> str:
        """Time since the last sign of life. Not for active participants, because it would change
        constantly.
        """
        return "" if record.state is State.ONLINE else self._wording.age(record)

    def _now_s(self) -> float:
        return self._wording.store.clock.stamp().wall_s
