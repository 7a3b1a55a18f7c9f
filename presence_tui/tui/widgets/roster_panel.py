"""A panel of the roster, drawn line by line: the same cost for a hundred rows and for a million."""

from collections.abc import Callable
from itertools import zip_longest
from typing import ClassVar, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from presence_tui.domain.words import Panel, State
from presence_tui.store import Record, Sort, View
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.widgets.cells import fitted, listed, shortened
from presence_tui.tui.widgets.line_view import LineView
from presence_tui.tui.wording import Wording

_AGE_CELLS = 7
_ROOM_FOR_STATE = 30
_LEAST_NAME_CELLS = 8
_ROLE_CELLS = 12
"""A gateway may have roles of any length."""
_PLACES_SHARE = 0.55
"""Of a row's room for text, what the places take where there are any."""
_PLACES_GAPS_CELLS = 3
_STRIPS_KEPT = 200

Palette = dict[str, Style]
"""The styles of a row by part or state."""
PlacesOf = Callable[[Record], list[str]]
"""Where somebody was seen."""


class Row(NamedTuple):
    """What one line shows. Two equal rows look the same, so an equal one need not be painted again."""

    key: str
    state: State
    name: str
    notes: tuple[str, ...]
    """What else there is to say of them, the most important last: who is short of room loses the first."""
    word: str
    age: str
    selected: bool
    pinned: bool = False
    places: tuple[str, ...] | None = None
    """Where they were seen; ``None`` where that goes without saying."""


class RosterPanel(LineView, can_focus=True):
    """One panel of a view. Repaints only the visible lines that changed.

    The cursor is on a participant, not on a line: ``selected_key`` follows whoever it is, and the lines
    under the cursor do not jump when others come and go above.
    """

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
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home,g", "end(-1)", show=False),
        Binding("end,G", "end(1)", show=False),
    ]

    class Picked(Message):
        """The cursor went to a participant."""

        def __init__(self, key: str) -> None:
            self.key = key
            super().__init__()

    class Opened(Message):
        """More about a participant is wanted."""

        def __init__(self, key: str) -> None:
            self.key = key
            super().__init__()

    def __init__(
        self,
        panel: Panel,
        view: View,
        wording: Wording,
        glyphs: Glyphs,
        places_of: PlacesOf | None = None,
    ) -> None:
        super().__init__(id=f"panel-{panel}")
        self.panel = panel
        self.you = ""
        self.placeholder = ""
        self._view = view
        self._wording = wording
        self._glyphs = glyphs
        self._places_of = places_of
        self._state_cells = max(cell_len(wording.state(state)) for state in State) + 1
        self._selected_key: str | None = None
        self._index: int | None = None
        self._count = 0
        self._painted: list[Row] = []
        """The visible rows as they were last asked to be painted, from the top of the window."""
        self._painted_from = 0
        self._palette: Palette = {}
        self._styled_by: object = None
        self._strips: dict[Row, Strip] = {}
        """Lines drawn before: whoever moves by a line looks the same."""

    @property
    def selected_key(self) -> str | None:
        return self._selected_key

    def select(self, key: str | None, *, reveal: bool = False) -> None:
        """Put the cursor on a participant, wherever they are; ``reveal`` scrolls to them."""
        self._selected_key = key
        self._index = self._index_of_selected()
        if reveal and self._index is not None:
            self._reveal(self._index)
        self.follow()

    def follow(self) -> None:
        """Paint what is different from what was painted."""
        count = self._view.count(self.panel)
        if count != self._count:
            if not count or not self._count:
                # From or to the placeholder.
                self.refresh()
            self._count = count
            self.set_line_count(count)
        self._keep_cursor_still()
        top = self.scroll_offset.y
        rows = self._rows(top, top + self.size.height)
        if top != self._painted_from:
            self.refresh()
        elif rows != self._painted:
            for offset, (row, painted) in enumerate(zip_longest(rows, self._painted)):
                if row != painted:
                    self.refresh_line(top + offset)
        self._painted, self._painted_from = rows, top

    def show_placeholder(self, text: str) -> None:
        """What stands there instead of rows, while there are none."""
        if text != self.placeholder:
            self.placeholder = text
            if not self._count:
                self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        self._follow_styles()
        return super().render_lines(crop)

    def content_lines(self, crop: Region) -> list[Strip]:
        self._follow_styles()
        return super().content_lines(crop)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self._count == 0:
            return self._placeholder_line(y, width)
        index = y + self.scroll_offset.y
        at = index - self._painted_from
        if 0 <= at < len(self._painted):
            return self._strip(self._painted[at], width)
        # Scrolled, and not followed yet.
        rows = self._rows(index, index + 1)
        return self._strip(rows[0], width) if rows else Strip.blank(width, self.rich_style)

    def on_resize(self) -> None:
        self._strips.clear()
        self.set_line_count(self._count)
        self.follow()
        self.refresh()

    def on_focus(self) -> None:
        if self._index is None and self._count:
            self._pick(min(self.scroll_offset.y, self._count - 1))
        else:
            self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        index = offset.y + self.scroll_offset.y
        if index < self._count:
            self._pick(index)
            if event.chain == 2 and self._selected_key is not None:
                self.post_message(self.Opened(self._selected_key))

    def action_move(self, step: int) -> None:
        self._pick((self._index if self._index is not None else -1) + step)

    def action_page(self, direction: int) -> None:
        self._pick((self._index or 0) + direction * max(1, self.size.height - 1))

    def action_end(self, direction: int) -> None:
        self._pick(0 if direction < 0 else self._count - 1)

    def _pick(self, index: int) -> None:
        if not self._count:
            return
        index = max(0, min(index, self._count - 1))
        records = self._view.rows(self.panel, index, index + 1)
        if records:
            # At once, and not when the screen has heard of it: the next key may be here before.
            self._selected_key, self._index = records[0].key, index
            self.post_message(self.Picked(records[0].key))

    def _index_of_selected(self) -> int | None:
        place = self._view.index_of(self._selected_key) if self._selected_key else None
        return place[1] if place is not None and place[0] is self.panel else None

    def _keep_cursor_still(self) -> None:
        before, after = self._index, self._index_of_selected()
        self._index = after
        if before is None or after is None or before == after:
            return
        top = self.scroll_offset.y
        if top <= before < top + self.size.height:
            self.scroll_to(y=max(0, top + after - before), animate=False, immediate=True)
            self._reveal(after)

    def _reveal(self, index: int) -> None:
        top, height = self.scroll_offset.y, max(1, self.size.height)
        if index < top:
            self.scroll_to(y=index, animate=False, immediate=True)
        elif index >= top + height:
            self.scroll_to(y=index - height + 1, animate=False, immediate=True)

    def _rows(self, start: int, stop: int) -> list[Row]:
        return [self._row(record) for record in self._view.rows(self.panel, start, stop)]

    def _row(self, record: Record) -> Row:
        say = self._wording.language.say
        notes = (
            self._flaps(record),
            say("pinned") if self._view.is_pinned(record.key) else "",
            say("you") if record.key == self.you else "",
            say("guest") if record.guest else "",
            shortened(self._wording.role(self._view.role_of(record.key)), _ROLE_CELLS),
            self._glyphs.typing if self._wording.is_typing(record) else "",
        )
        return Row(
            key=record.key,
            state=record.state,
            name=record.shown_name,
            notes=tuple(filter(None, notes)),
            word=self._wording.state(record.state),
            age=self._wording.age(record),
            selected=record.key == self._selected_key,
            pinned=self._view.is_pinned(record.key),
            places=tuple(self._places_of(record)) if self._places_of else None,
        )

    def _flaps(self, record: Record) -> str:
        """How often they flapped, where that is what the rows are sorted by."""
        flaps = self._view.flaps_of(record.key) if self._view.sort is Sort.FLAPPING else 0
        return self._wording.language.count("{n} flap", "{n} flaps", flaps) if flaps else ""

    def _strip(self, row: Row, width: int) -> Strip:
        strip = self._strips.get(row)
        if strip is None:
            strip = self._strips[row] = self._drawn(row, width, self._palette)
        return strip

    def _drawn(self, row: Row, width: int, palette: Palette) -> Strip:
        base = palette["cursor"] if row.selected else palette["row"]
        colour = base + palette[row.state]
        tail = [Segment(_right(row.age, _AGE_CELLS) + " ", base + palette["quiet"])]
        if width >= _ROOM_FOR_STATE:
            tail.insert(0, Segment(" " + set_cell_size(row.word, self._state_cells), colour))
        pin = Segment(self._glyphs.pinned if row.pinned else " ", base + palette["note"])
        head = Segment(f"{self._glyphs.states[row.state]} ", colour)
        room = width - pin.cell_length - head.cell_length - sum(segment.cell_length for segment in tail)
        places: list[Segment] = []
        if row.places is not None:
            place_cells = int(room * _PLACES_SHARE)
            said_cells = place_cells - _PLACES_GAPS_CELLS
            said = fitted(listed(row.places, said_cells) or "—", said_cells)
            places, room = [Segment(f"  {said} ", base + palette["quiet"])], room - place_cells
        names = _name_and_notes(row, room, base + palette["name"], base + palette["note"])
        return Strip([pin, head, *names, *places, *tail]).adjust_cell_length(width, base)

    def _follow_styles(self) -> None:
        # Made anew by the library whenever the widget is styled anew.
        styled_by = self._component_styles.get("roster--name")
        if styled_by is not self._styled_by or styled_by is None:
            self._styled_by = styled_by
            self._palette = self._palette_now()
            self._strips.clear()
        elif len(self._strips) > _STRIPS_KEPT:
            self._strips.clear()

    def _palette_now(self) -> Palette:
        """The styles of now; they follow theme, focus and staleness."""
        base = self.rich_style
        parts = ("quiet", "name", "note", *State)
        styles = {part: self.get_component_rich_style(f"roster--{part}", partial=True) for part in parts}
        cursor = base + self.get_component_rich_style("roster--cursor", partial=True)
        return {"row": base, "cursor": cursor, **styles}

    def _placeholder_line(self, y: int, width: int) -> Strip:
        quiet = self.rich_style + self.get_component_rich_style("roster--quiet", partial=True)
        lines = _wrapped(self.placeholder, max(1, width - 4))
        above = 1 if len(lines) < self.size.height else 0
        text = f"  {lines[y - above]}" if above <= y < above + len(lines) else ""
        return Strip([Segment(set_cell_size(text, width), quiet)], width)


def _name_and_notes(row: Row, room: int, name: Style, note: Style) -> list[Segment]:
    """The name on the left and its notes on the right, together exactly ``room`` cells wide.

    Notes give way to the name as long as it is cut shorter than a name can be.
    """
    notes = list(row.notes)
    while notes and room - cell_len(" ".join(notes)) - 1 < min(cell_len(row.name), _LEAST_NAME_CELLS):
        notes.pop(0)
    said = " ".join(notes)
    name_room = max(0, room - cell_len(said) - 1) if said else max(0, room)
    return [Segment(fitted(row.name, name_room), name), Segment(_right(said, room - name_room), note)]


def _right(text: str, cells: int) -> str:
    return " " * max(0, cells - cell_len(text)) + text


def _wrapped(text: str, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split(" "):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
