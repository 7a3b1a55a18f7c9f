"""A panel of the roster."""

from collections.abc import Callable
from typing import ClassVar, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.message import Message
from textual.strip import Strip

from presence_tui.domain.enums import Panel, State
from presence_tui.store import Record, RosterIndex, Sort
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.widgets.cells import fitted, listed, shortened
from presence_tui.tui.widgets.cursor_lines import CursorLines, right_aligned
from presence_tui.tui.widgets.frozen_rows import ROWS_KEPT, FrozenRows

_AGE_CELLS = 7
_ROOM_FOR_STATE = 30
_LEAST_NAME_CELLS = 8
_ROLE_CELLS = 12
"""Gateways may have roles of any length."""
_PLACES_SHARE = 0.55
"""Share of a row's text for the places, if shown."""
_PLACES_GAPS_CELLS = 3

PlacesOf = Callable[[Record], list[str]]
"""Titles of the conversations a participant was seen in."""


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
    places: tuple[str, ...] | None = None
    """Where they were seen; ``None`` in a view of one conversation."""


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
        places_of: PlacesOf | None = None,
    ) -> None:
        super().__init__(f"panel-{panel}")
        self.panel = panel
        self.you = ""
        self._roster_index = roster_index
        self._wording = wording
        self._glyphs = glyphs
        self._places_of = places_of
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
            return [self._row(record) for record in self._roster_index.rows(self.panel, start, stop)]
        known = (frozen.at(index) or self._empty_row() for index in range(start, min(stop, frozen.count)))
        return [row._replace(selected=row.key == self._selected_key) for row in known]

    def key_at(self, index: int) -> str | None:
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

    def _row(self, record: Record) -> Row:
        say, pinned = self._wording.language.say, self._roster_index.is_pinned(record.key)
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
            selected=record.key == self._selected_key,
            pinned=pinned,
            confirmed=confirmed,
            places=tuple(self._places_of(record)) if self._places_of else None,
        )

    def _empty_row(self) -> Row:
        text = self._wording.language.say("not kept while paused")
        return Row(key="", state=State.UNKNOWN, name=text, notes=(), word="", age="", selected=False)

    def _text(self, row: Row) -> str:
        record = self._roster_index.record(row.key)
        handle = f"@{record.handle}" if record is not None and record.handle else ""
        places = ", ".join(row.places or ())
        return " · ".join(filter(None, (row.word, row.name, handle, *reversed(row.notes), places, row.age)))

    def _flaps(self, record: Record) -> str:
        """Number of flaps, if rows are sorted by it."""
        flaps = record.flaps if self._roster_index.sort is Sort.FLAPPING else 0
        return self._wording.language.count("{n} flap", "{n} flaps", flaps) if flaps else ""

    def drawn(self, row: Row, width: int) -> Strip:
        palette = self.palette
        base = palette["cursor"] if row.selected else palette["row"]
        colour = base + palette[row.state if row.confirmed else State.UNKNOWN]
        tail = [Segment(right_aligned(row.age, _AGE_CELLS) + " ", base + palette["quiet"])]
        if width >= _ROOM_FOR_STATE:
            tail.insert(0, Segment(" " + set_cell_size(row.word, self._state_cells), colour))
        pin = Segment(self._glyphs.pinned if row.pinned else " ", base + palette["note"])
        head = Segment(f"{self._glyphs.states[row.state]} ", colour)
        room = width - pin.cell_length - head.cell_length - sum(segment.cell_length for segment in tail)
        places: list[Segment] = []
        if row.places is not None:
            place_cells = int(room * _PLACES_SHARE)
            said_cells = place_cells - _PLACES_GAPS_CELLS
            text = fitted(listed(row.places, said_cells) or "—", said_cells)
            places, room = [Segment(f"  {text} ", base + palette["quiet"])], room - place_cells
        names = _name_and_notes(row, room, base + palette["name"], base + palette["note"])
        return Strip([pin, head, *names, *places, *tail]).adjust_cell_length(width, base)


def _name_and_notes(row: Row, room: int, name: Style, note: Style) -> list[Segment]:
    """The name on the left and its notes on the right, exactly ``room`` cells wide.

    Notes are dropped while the name would have less than ``_LEAST_NAME_CELLS``.
    """
    notes = list(row.notes)
    while notes and room - cell_len(" ".join(notes)) - 1 < min(cell_len(row.name), _LEAST_NAME_CELLS):
        notes.pop(0)
    text = " ".join(notes)
    name_room = max(0, room - cell_len(text) - 1) if text else max(0, room)
    return [Segment(fitted(row.name, name_room), name), Segment(right_aligned(text, room - name_room), note)]
