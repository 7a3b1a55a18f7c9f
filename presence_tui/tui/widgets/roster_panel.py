"""A panel of the roster, and its rows at one moment while it is paused."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Final, Generic, NamedTuple, Protocol, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip

from presence_tui.domain.enums import Panel, State
from presence_tui.store import Record, RosterIndex, Sort
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.widgets.cells import fitted, listed, shortened
from presence_tui.tui.widgets.cursor_lines import CursorLines, right_aligned
from presence_tui.tui.widgets.row_layout import RowLayout, name_cells, row_layout

ROWS_KEPT: Final = 1_000
"""Rows kept above and below the visible ones. Keeping all would be a second store."""


class Keyed(Protocol):
    """A row of one participant."""

    @property
    def key(self) -> str: ...


Shown = TypeVar("Shown", bound=Keyed)


class FrozenRows(Generic[Shown]):
    """The number of rows, and the content of those from ``first`` on."""

    def __init__(self, count: int, first: int, rows: Sequence[Shown]) -> None:
        self.count = count
        self._first = first
        self._rows = rows
        self._indexes = {row.key: first + offset for offset, row in enumerate(rows)}

    def at(self, index: int) -> Shown | None:
        """The row at an index; ``None`` if not kept."""
        offset = index - self._first
        return self._rows[offset] if 0 <= offset < len(self._rows) else None

    def index_of(self, key: str) -> int | None:
        """The index of a participant; ``None`` if not kept."""
        return self._indexes.get(key)


_AGE_CELLS = 7
_ROOM_FOR_STATE = 30
_ROLE_CELLS = 12
"""Gateways may have roles of any length."""
_HEAD_CELLS = 3
"""Pin, glyph of the state, and a space."""
_GAPS_CELLS = 3
"""Around places and times."""


class RowSources(NamedTuple):
    """What rows show besides the record."""

    has_rule: Callable[[Record], bool]
    """True for participants to whom a watch rule applies."""
    places_of: Callable[[Record], list[str]]
    """Titles of the conversations they were seen in."""
    is_of_everyone: bool = False
    """True where these come before all else."""


class Row(NamedTuple):
    """Content of one line."""

    key: str
    state: State
    name: str
    notes: tuple[str, ...]
    """Notes on the participant, the most important last; if space is short, the first are dropped."""
    word: str
    age: str
    selected: bool
    pinned: bool = False
    confirmed: bool = True
    """False if the current connection has not confirmed the state."""
    has_rule: bool = False
    handle: str = ""
    distinction: tuple[str, ...] = ()
    """What tells them from others of the same name, the best first; empty for a unique name."""
    places: tuple[str, ...] = ()
    since: str = ""
    """Since when they are or are not there; empty if unknown, or if there is no column for it."""


class RosterPanel(CursorLines[Row]):
    """One panel of a view; the cursor is on a participant."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "roster--online",
        "roster--away",
        "roster--idle",
        "roster--offline",
        "roster--unknown",
        "roster--name",
        "roster--quiet",
        "roster--note",
        "roster--cursor",
    }

    class Picked(Message):
        """The cursor moved to a participant."""

        def __init__(self, key: str) -> None:
            self.key = key
            super().__init__()

    class Opened(Message):
        """The page of a participant was requested."""

        def __init__(self, key: str) -> None:
            self.key = key
            super().__init__()

    def __init__(
        self,
        panel: Panel,
        roster_index: RosterIndex,
        wording: Wording,
        glyphs: Glyphs,
        sources: RowSources,
    ) -> None:
        super().__init__(f"panel-{panel}")
        self.panel = panel
        self.you = ""
        self._roster_index = roster_index
        self._wording = wording
        self._glyphs = glyphs
        self._sources = sources
        self._state_words = {state: wording.state(state) for state in State}
        self._state_cells = max(map(cell_len, self._state_words.values())) + 1
        self._frozen: FrozenRows[Row] | None = None
        """Shown instead of the index while paused."""

    def freeze(self) -> None:
        """Freeze the rows until ``resume``."""
        first = max(0, self.scroll_offset.y - ROWS_KEPT)
        rows = self.rows_between(first, self.scroll_offset.y + self.size.height + ROWS_KEPT)
        self._frozen = FrozenRows(self.row_count(), first, rows)

    def resume(self) -> None:
        """Show the current rows again."""
        self._frozen = None
        self.follow()

    @property
    def has_cursor(self) -> bool:
        """True if the selected participant is in this panel, as shown."""
        return self.selected_key is not None and self.index_of(self.selected_key) is not None

    @property
    def selected_text(self) -> str:
        """The selected row as text; empty if it is not in this panel."""
        index = self.index_of(self.selected_key) if self.selected_key is not None else None
        return "" if index is None else self.texts(index, index + 1)[0]

    def texts(self, start: int, stop: int) -> list[str]:
        """Rows as text for copying, as shown. The state comes first, so that no name does."""
        return [self._text(row) for row in self.rows_between(start, stop)]

    def row_count(self) -> int:
        return self._roster_index.count(self.panel) if self._frozen is None else self._frozen.count

    def rows_between(self, start: int, stop: int) -> list[Row]:
        frozen = self._frozen
        if frozen is None:
            layout = self._layout(self.size.width)
            return [self._row(record, layout) for record in self._roster_index.rows(self.panel, start, stop)]
        known = (frozen.at(index) or self._empty_row() for index in range(start, min(stop, frozen.count)))
        return [row._replace(selected=row.key == self.selected_key) for row in known]

    def row_key_at(self, index: int) -> str | None:
        if self._frozen is not None:
            row = self._frozen.at(index)
            return None if row is None else row.key
        records = self._roster_index.rows(self.panel, index, index + 1)
        return records[0].key if records else None

    def index_of(self, key: str) -> int | None:
        if self._frozen is not None:
            return self._frozen.index_of(key)
        place = self._roster_index.index_of(key)
        return place[1] if place is not None and place[0] is self.panel else None

    def picked(self, key: str) -> None:
        self.post_message(self.Picked(key))

    def opened(self, key: str) -> None:
        self.post_message(self.Opened(key))

    def _row(self, record: Record, layout: RowLayout) -> Row:
        say = self._wording.language.say
        pinned = self._roster_index.is_pinned(record.key)
        confirmed = self._wording.store.epochs.unconfirmed_since_s(record) is None
        notes = (
            self._flaps(record),
            say("pinned") if pinned else "",
            say("you") if record.key == self.you else "",
            say("guest") if record.guest else "",
            shortened(self._wording.role(self._roster_index.role_of(record.key)), _ROLE_CELLS),
            "" if record.invalid_active_s is None else say("invalid time"),
            "" if confirmed else say("not confirmed"),
            say("{mark} flag", mark=self._glyphs.disagrees) if record.contradicts_flag else "",
            self._glyphs.typing if self._wording.is_typing(record) else "",
        )
        return Row(
            key=record.key,
            state=record.state,
            name=record.shown_name,
            notes=tuple(filter(None, notes)),
            word=self._state_words[record.state],
            age=self._wording.age(record),
            selected=record.key == self.selected_key,
            pinned=pinned,
            confirmed=confirmed,
            has_rule=self._sources.has_rule(record),
            handle=f"@{record.handle}" if record.handle not in ("", record.shown_name) else "",
            distinction=self._wording.distinction(record),
            places=tuple(self._sources.places_of(record)) if layout.places else (),
            since=self._wording.there_since(record) if layout.since else "",
        )

    def _empty_row(self) -> Row:
        text = self._wording.language.say("not kept while paused")
        return Row(key="", state=State.UNKNOWN, name=text, notes=(), word="", age="", selected=False)

    def _text(self, row: Row) -> str:
        record = self._roster_index.record(row.key)
        handle = f"@{record.handle}" if record is not None and record.handle else ""
        identity = handle or next(iter(row.distinction), "")
        places = ", ".join(row.places)
        return " · ".join(filter(None, (row.word, row.name, identity, *reversed(row.notes), places, row.age)))

    def _flaps(self, record: Record) -> str:
        """Number of flaps, if rows are sorted by it."""
        flaps = record.flaps if self._roster_index.sort is Sort.FLAPPING else 0
        return self._wording.language.count("{n} flap", "{n} flaps", flaps) if flaps else ""

    def drawn(self, row: Row, width: int) -> Strip:
        palette, layout = self.palette, self._layout(width)
        base = palette["cursor"] if row.selected else palette["row"]
        colour, quiet = base + palette[row.state if row.confirmed else State.UNKNOWN], base + palette["quiet"]
        mark = self._glyphs.rule if row.has_rule else ""
        names = name_cells(row.name, mark, row.handle, row.distinction, row.notes, layout)
        styles = (base + palette["name"], base + palette["note"], quiet, base + palette["note"])
        columns: list[Segment] = []
        if layout.places:
            cells = layout.places - _GAPS_CELLS
            text = listed(row.places, cells) or ("—" if self._sources.is_of_everyone else "")
            columns.append(Segment(f"  {fitted(text, cells)} ", quiet))
        if layout.since:
            columns.append(Segment(f"  {fitted(row.since, layout.since - _GAPS_CELLS)} ", quiet))
        if width >= _ROOM_FOR_STATE:
            columns.append(Segment(" " + set_cell_size(row.word, self._state_cells), colour))
        return Strip(
            [
                Segment(self._glyphs.pinned if row.pinned else " ", base + palette["note"]),
                Segment(f"{self._glyphs.states[row.state]} ", colour),
                *map(Segment, names, styles),
                *columns,
                Segment(right_aligned(row.age, _AGE_CELLS) + " ", quiet),
            ]
        ).adjust_cell_length(width, base)

    def _layout(self, width: int) -> RowLayout:
        """The columns of rows of this width."""
        state_cells = self._state_cells + 1 if width >= _ROOM_FOR_STATE else 0
        room = max(0, width - _HEAD_CELLS - state_cells - _AGE_CELLS - 1)
        return row_layout(room, is_of_everyone=self._sources.is_of_everyone)
