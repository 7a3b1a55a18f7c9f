"""The sidebar: the account's conversations with their online counts, and a graph of the watched one."""

from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar, Final, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widgets import OptionList

from presence_tui.domain.online_counts import Columns, OnlineCounts
from presence_tui.domain.participants import Conversation
from presence_tui.store import PresenceStore
from presence_tui.text.language import Language
from presence_tui.text.wording import online_and_total
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.widgets.cells import fitted
from presence_tui.tui.widgets.cursor_lines import CursorLines

_BARS_ROWS: Final = 4
GRAPH_ROWS: Final = _BARS_ROWS + 2
_EIGHTHS: Final = " ▁▂▃▄▅▆▇"
"""Eighths of a cell, from the bottom."""
_UNKNOWN_COUNT: Final = "·"
_MARK_AND_GAPS_CELLS = 3
_GRAPHS_KEPT = 32
"""Conversations whose counts are remembered while others are watched."""
_GRAPH_EVERY_S = 1.0
"""Figures are drawn more often, and a graph of hours takes milliseconds."""


def conversation_prompt(
    conversation: Conversation, counts: str, glyphs: Glyphs, watched: bool, width: int, box: str = ""
) -> Text:
    """One line: a mark for the watched conversation, the title, and online of total as far as known.

    ``box`` stands before the title.
    """
    return Text(_line(box + conversation.title, counts, glyphs, watched, width), no_wrap=True)


def prompt_cells(conversation: Conversation, counts: str) -> int:
    """Width of a line with the whole title."""
    return cell_len(conversation.title) + cell_len(counts) + _MARK_AND_GAPS_CELLS


def _line(title: str, counts: str, glyphs: Glyphs, watched: bool, width: int) -> str:
    mark = glyphs.selected if watched else " "
    room = max(1, width - cell_len(counts) - _MARK_AND_GAPS_CELLS)
    return f"{mark} {fitted(title, room)} {counts}"


class ConversationOptions(OptionList):
    """A list of conversations with this screen's usual keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
    ]


class SidebarRow(NamedTuple):
    """Content of one line."""

    title: str
    counts: str
    watched: bool
    selected: bool


class ConversationList(CursorLines[SidebarRow]):
    """The sidebar. Its counts change with ``draw`` only, as those of the rest of the screen do.

    The graph is drawn in rows that the conversations leave empty.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "sidebar--title",
        "sidebar--cursor",
        "sidebar--quiet",
        "sidebar--graph",
    }

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", show=False)]

    class Chosen(Message):
        """Another conversation was chosen."""

        def __init__(self, conversation: Conversation) -> None:
            self.conversation = conversation
            super().__init__()

    def __init__(self, store: PresenceStore, language: Language, glyphs: Glyphs) -> None:
        super().__init__("conversations")
        self._store = store
        self._language = language
        self._glyphs = glyphs
        self._conversations: list[Conversation] = []
        self._indexes: dict[str, int] = {}
        self._watched_id = ""
        self._counts: dict[str, str] = {}
        """Counts by conversation, as of the last ``draw``."""
        self._online: dict[str, OnlineCounts] = {}
        """Counts over time by conversation, the one watched last at the end."""
        self._graph: list[str] = []
        """Rows of the graph as last painted; empty without room."""
        self._graph_due_s = 0.0

    def show(self, conversations: Sequence[Conversation], watched_id: str) -> None:
        """Set the conversations and the watched one, which gets the cursor. Call ``draw`` afterwards."""
        self._conversations = list(conversations)
        self._indexes = {conversation.id: index for index, conversation in enumerate(conversations)}
        is_another, self._watched_id = watched_id != self._watched_id, watched_id
        if is_another:
            self._graph_due_s = 0.0
        if is_another or self.selected_key not in self._indexes:
            self.select(watched_id, reveal=True)

    def draw(self, *, is_stale: bool) -> None:
        """Update counts, rows and graph. While stale, the count of the watched conversation is unknown."""
        self._counts.clear()
        watched = self._indexes.get(self._watched_id)
        if watched is not None:
            # Also if it is scrolled out of sight, because other parts of the screen show its counts.
            self._row(self._conversations[watched])
            self._record_online(None if is_stale else self._store.counts(self._watched_id).online)
        self.follow()
        now_s = self._store.clock.stamp().monotonic_s
        if not self._graph or now_s >= self._graph_due_s:
            self._graph_due_s = now_s + _GRAPH_EVERY_S
            self._follow_graph()

    def render_line(self, y: int) -> Strip:
        row = y - self._graph_from
        return self._graph_line(row) if 0 <= row < len(self._graph) else super().render_line(y)

    def on_resize(self) -> None:
        super().on_resize()
        self._follow_graph()

    def row_count(self) -> int:
        return len(self._conversations)

    def rows_between(self, start: int, stop: int) -> list[SidebarRow]:
        return [self._row(conversation) for conversation in self._conversations[start:stop]]

    def row_key_at(self, index: int) -> str | None:
        return self._conversations[index].id if 0 <= index < len(self._conversations) else None

    def index_of(self, key: str) -> int | None:
        return self._indexes.get(key)

    def picked(self, key: str) -> None:
        self.select(key, reveal=True)

    def opened(self, key: str) -> None:
        self.post_message(self.Chosen(self._conversations[self._indexes[key]]))

    def action_choose(self) -> None:
        if self.selected_key in self._indexes:
            self.opened(self.selected_key)

    def on_click(self, event: events.Click) -> None:
        """Choose at the first click, because nothing else can be done with a conversation here."""
        event.prevent_default()
        offset = event.get_content_offset(self)
        key = None if offset is None else self.row_key_at(offset.y + self.scroll_offset.y)
        if key is not None:
            self.picked(key)
            self.opened(key)

    def drawn(self, row: SidebarRow, width: int) -> Strip:
        base = self.palette["cursor"] if row.selected else self.palette["row"]
        text = _line(row.title, row.counts, self._glyphs, row.watched, width - 1)
        return Strip([Segment(text, base + self.palette["title"])]).adjust_cell_length(width, base)

    def _row(self, conversation: Conversation) -> SidebarRow:
        counts = self._counts.get(conversation.id)
        if counts is None:
            counts = self._counts[conversation.id] = online_and_total(conversation, self._store)
        return SidebarRow(
            conversation.title,
            counts,
            watched=conversation.id == self._watched_id,
            selected=conversation.id == self.selected_key,
        )

    def _record_online(self, online: int | None) -> None:
        counts = self._online.pop(self._watched_id, None) or OnlineCounts()
        self._online[self._watched_id] = counts
        if len(self._online) > _GRAPHS_KEPT:
            del self._online[next(iter(self._online))]
        if self._store.rosters.knows(self._watched_id):
            counts.record(self._store.clock.stamp().monotonic_s, online)

    @property
    def _graph_from(self) -> int:
        """The line at which the graph begins."""
        return self.size.height - GRAPH_ROWS

    def _follow_graph(self) -> None:
        """Repaint the changed rows of the graph."""
        before, self._graph = self._graph, self._graph_now()
        if len(before) != len(self._graph):
            self.refresh()
            return
        for row, (text, painted) in enumerate(zip(self._graph, before, strict=True)):
            if text != painted:
                self.refresh_line(self._graph_from + row)

    def _graph_now(self) -> list[str]:
        width = self.size.width - 2
        counts = self._online.get(self._watched_id)
        if counts is None or width < 1 or self.row_count() >= self._graph_from:
            return []
        columns = counts.columns(width)
        return graph_rows(columns, width, self._language, self._glyphs) if columns.means else []

    def _graph_line(self, row: int) -> Strip:
        base, is_bars = self.palette["row"], 0 < row < GRAPH_ROWS - 1
        styles = {True: base + self.palette["graph"], False: base + self.palette["quiet"]}
        runs = groupby(f" {self._graph[row]}", key=lambda cell: is_bars and cell != _UNKNOWN_COUNT)
        line = Strip([Segment("".join(run), styles[is_bar]) for is_bar, run in runs])
        return line.adjust_cell_length(self.size.width, base)


def graph_rows(columns: Columns, width: int, language: Language, glyphs: Glyphs) -> list[str]:
    """The graph: a heading with the largest count, bars on a scale from zero, and the time that is shown.

    A column without a known count is a dot; before the first one there is nothing.
    """
    span = language.span(columns.step_s * width)
    return [
        _between(language.say("Online"), language.say("up to {n}", n=columns.most), width),
        *(_bars(columns.means, columns.most, row, width, glyphs) for row in reversed(range(_BARS_ROWS))),
        _between(language.say("{age} ago", age=span), language.say("now"), width),
    ]


def _bars(means: Sequence[float | None], most: int, row: int, width: int, glyphs: Glyphs) -> str:
    """One row of the bars; row 0 is the lowest."""
    return "".join(_bar_cell(mean, most, row, glyphs) for mean in means[-width:]).rjust(width)


def _bar_cell(mean: float | None, most: int, row: int, glyphs: Glyphs) -> str:
    if mean is None:
        return " " if row else _UNKNOWN_COUNT
    eighths = round(8 * _BARS_ROWS * mean / most) if most else 0
    if mean and not eighths:
        # Somebody is more than nobody.
        eighths = 1
    inside = min(max(eighths - 8 * row, 0), 8)
    return glyphs.block if inside == 8 else _EIGHTHS[inside]


def _between(left: str, right: str, width: int) -> str:
    """Texts at both ends; without room for both, the left one."""
    gap = width - len(left) - len(right)
    return f"{left}{' ' * gap}{right}" if gap > 0 else fitted(left, width)
