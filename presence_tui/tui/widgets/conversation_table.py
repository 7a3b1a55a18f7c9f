"""A table of the account's conversations with live counts."""

from collections.abc import Collection
from typing import ClassVar, NamedTuple

from rich.cells import set_cell_size
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from presence_tui.domain.participants import Conversation
from presence_tui.domain.translatable import phrase
from presence_tui.store import ConversationIndex, PresenceStore
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.widgets.cells import fitted
from presence_tui.tui.widgets.cursor_lines import CursorLines, right_aligned

_MARKS_CELLS = 5
_COUNT_CELLS = 7
_TOTAL_CELLS = 13
_AGE_CELLS = 9
_BAR_CELLS = 12
_ROOM_FOR_BAR = 78
_ROOM_FOR_AGE = 50


class _Counted(NamedTuple):
    """The counts of a conversation, as in a row."""

    online: str
    total: str
    share: float | None


class ConversationRow(NamedTuple):
    """Content of one line."""

    title: str
    online: str
    total: str
    share: float | None
    """Share of online members, up to 1; ``None`` if the roster is not known."""
    age: str
    watched: bool
    beside: bool
    selected: bool


class ConversationTable(CursorLines[ConversationRow]):
    """The cursor stays on its conversation when rows move."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--name",
        "table--online",
        "table--quiet",
        "table--note",
        "table--cursor",
    }

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", phrase("Open").template, key_display="enter"),
    ]

    class Picked(Message):
        """The cursor moved to a conversation."""

    class Opened(Message):
        """A conversation is to be watched."""

        def __init__(self, conversation_id: str) -> None:
            self.conversation_id = conversation_id
            super().__init__()

    class MarkClicked(Message):
        """A conversation is to be added to or removed from the side-by-side view."""

        def __init__(self, conversation_id: str) -> None:
            self.conversation_id = conversation_id
            super().__init__()

    def __init__(
        self, order: ConversationIndex, store: PresenceStore, wording: Wording, glyphs: Glyphs
    ) -> None:
        super().__init__("conversation-table")
        self._order = order
        self._store = store
        self._wording = wording
        self._glyphs = glyphs
        self._watched_id = ""
        self._beside: Collection[str] = ()
        self._counts: dict[str, _Counted] = {}
        """Counts by conversation, as of the last ``draw``."""

    def draw(self) -> None:
        """Update counts and rows."""
        self._counts.clear()
        selected = self._order.index_of(self.selected_key or "")
        if selected is not None:
            # Also if it is scrolled out of sight, because the line below the table shows its counts.
            self.rows_between(selected, selected + 1)
        self.follow()

    def mark(self, watched_id: str, beside: Collection[str]) -> None:
        """Set the marks of watched and side-by-side conversations. Call ``draw`` afterwards."""
        self._watched_id, self._beside = watched_id, beside

    def row_count(self) -> int:
        return self._order.count()

    def rows_between(self, start: int, stop: int) -> list[ConversationRow]:
        return [self._row(conversation) for conversation in self._order.rows(start, stop)]

    def texts(self, start: int, stop: int) -> list[str]:
        """Rows as text for copying. The counts come first, so that no title does."""
        rows = self.rows_between(start, stop)
        return [f"{row.online} / {row.total} · {row.title} · {row.age}".rstrip(" ·") for row in rows]

    def row_key_at(self, index: int) -> str | None:
        rows = self._order.rows(index, index + 1)
        return rows[0].id if rows else None

    def index_of(self, key: str) -> int | None:
        return self._order.index_of(key)

    def picked(self, key: str) -> None:
        self.select(key, reveal=True)
        self.post_message(self.Picked())

    def opened(self, key: str) -> None:
        self.post_message(self.Opened(key))

    def action_open(self) -> None:
        if self.selected_key is not None:
            self.opened(self.selected_key)

    def on_click(self, event: events.Click) -> None:
        super().on_click(event)
        offset = event.get_content_offset(self)
        if offset is None or offset.x >= _MARKS_CELLS or event.chain > 1:
            return
        key = self.row_key_at(offset.y + self.scroll_offset.y)
        if key is not None:
            self.post_message(self.MarkClicked(key))

    def drawn(self, row: ConversationRow, width: int) -> Strip:
        palette = self.palette
        base = palette["cursor"] if row.selected else palette["row"]
        quiet, note, online = base + palette["quiet"], base + palette["note"], base + palette["online"]
        watched = self._glyphs.selected if row.watched else " "
        beside = self._glyphs.marked if row.beside else self._glyphs.unmarked
        head = [Segment(f" {watched} ", note), Segment(f"{beside} ", note if row.beside else quiet)]
        tail = [
            Segment(right_aligned(row.online, _COUNT_CELLS), online),
            Segment(" / ", quiet),
            Segment(set_cell_size(row.total, _TOTAL_CELLS), quiet),
        ]
        if width >= _ROOM_FOR_BAR:
            full = self._glyphs.bar_full * round((row.share or 0) * _BAR_CELLS)
            empty = self._glyphs.bar_empty * (_BAR_CELLS - len(full))
            tail[0:0] = [Segment(full, online), Segment(empty, quiet)]
        if width >= _ROOM_FOR_AGE:
            tail.append(Segment(right_aligned(row.age, _AGE_CELLS) + " ", quiet))
        room = width - sum(segment.cell_length for segment in (*head, *tail)) - 1
        name = Segment(fitted(row.title, max(0, room)) + " ", base + palette["name"])
        return Strip([*head, name, *tail]).adjust_cell_length(width, base)

    def _row(self, conversation: Conversation) -> ConversationRow:
        store, language = self._store, self._wording.language
        activity_s = self._order.activity_s(conversation)
        age = "—" if activity_s is None else language.span(store.clock.stamp().wall_s - activity_s)
        counted = self._counts.get(conversation.id)
        if counted is None:
            counted = self._counts[conversation.id] = self._counted(conversation)
        return ConversationRow(
            title=conversation.title,
            online=counted.online,
            total=counted.total,
            share=counted.share,
            age=age,
            watched=conversation.id == self._watched_id,
            beside=conversation.id in self._beside,
            selected=conversation.id == self.selected_key,
        )

    def _counted(self, conversation: Conversation) -> _Counted:
        is_read, counts = self._store.rosters.knows(conversation.id), self._store.counts(conversation.id)
        return _Counted(
            online=str(counts.online) if is_read else "—",
            total=self._wording.total(conversation),
            share=counts.online / counts.total if is_read and counts.total else None,
        )
