"""Side by side: several conversations in columns, on wide terminals."""

from collections.abc import Callable, Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from presence_tui.domain.participants import Conversation
from presence_tui.service.service import PresenceService
from presence_tui.storage.view_state import Arrangement
from presence_tui.store import Record, RosterIndex, Sort
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.status_texts import StatusTexts
from presence_tui.tui.views.names import SIDE_BY_SIDE_FROM, ViewName, heading
from presence_tui.tui.views.people_view import roles_in
from presence_tui.tui.views.screen_view import ScreenView
from presence_tui.tui.widgets.panels import Panels
from presence_tui.tui.widgets.roster_panel import RowSources

COLUMN_CELLS = 40
"""With less, a name would not fit beside role, state and age."""


class Column(Vertical):
    """One conversation: title, count, and both panels stacked."""

    def __init__(
        self,
        conversation: Conversation,
        arrangement: Arrangement,
        wording: Wording,
        glyphs: Glyphs,
        has_rule: Callable[[Record], bool],
    ) -> None:
        super().__init__(classes="column")
        self.conversation = conversation
        self._wording = wording
        sort, query, facets = arrangement
        self.order = wording.store.roster_index(conversation.id, sort=Sort(sort), query=query, facets=facets)
        self.panels = Panels(self.order, wording, glyphs, RowSources(has_rule, lambda record: []))
        self._title = Static(classes="column-title", markup=False)
        self._said = ""

    def compose(self) -> ComposeResult:
        yield self._title
        yield self.panels

    def draw(self, you: str, nobody: str, members: str) -> None:
        """``members`` is the count in words."""
        text = f"{self.conversation.title} · {members}" if members else self.conversation.title
        if text != self._said:
            self._said = text
            self._title.update(text, layout=False)
        self.panels.draw(you, nobody)


class ColumnRow(Horizontal):
    """The columns, of which the first are shown, as many as fit; the cursor is in one of those."""

    def __init__(
        self, conversations: Sequence[Conversation], make_column: Callable[[Conversation], Column]
    ) -> None:
        columns = [make_column(each) for each in conversations]
        super().__init__(*columns, id="columns")
        self.columns = columns
        """All columns, shown or not."""
        self._make_column = make_column
        self._current: Column | None = None

    @property
    def fitting(self) -> int:
        """Number of columns that fit; 0 in a terminal that is too narrow for this view."""
        width = self.app.size.width
        return width // COLUMN_CELLS if width >= SIDE_BY_SIDE_FROM else 0

    @property
    def chosen(self) -> Column | None:
        """The column with the cursor, otherwise the first; ``None`` if none is shown."""
        seen = self.columns[: self.fitting]
        return self._current if self._current in seen else next(iter(seen), None)

    def set_conversations(self, wanted: Sequence[Conversation]) -> None:
        """Add and remove columns, so that there is one for each conversation, in this order."""
        if [column.conversation.id for column in self.columns] == [each.id for each in wanted]:
            return
        before = {column.conversation.id: column for column in self.columns}
        self.columns = [before.get(each.id) or self._added(each) for each in wanted]
        for column in set(before.values()) - set(self.columns):
            column.order.close()
            column.remove()
        if self._current not in self.columns:
            self._current = None

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        for column in self.columns:
            if column in event.widget.ancestors:
                self._current = column

    def _added(self, conversation: Conversation) -> Column:
        column = self._make_column(conversation)
        self.mount(column)
        return column


class SideBySideView(ScreenView):
    """Filter and sort order apply to all columns; the cursor is in one of them."""

    def __init__(
        self, service: PresenceService, texts: StatusTexts, wording: Wording, glyphs: Glyphs
    ) -> None:
        super().__init__(ViewName.SIDE_BY_SIDE, service, texts, wording)
        self._arrangement = Arrangement()
        self._row = ColumnRow(
            service.state.beside,
            lambda conversation: Column(conversation, self._arrangement, wording, glyphs, service.marks),
        )
        self._sentence = Static(id="no-columns", markup=False)

    def compose(self) -> ComposeResult:
        yield self._sentence
        yield self._row

    def on_resize(self) -> None:
        self.draw()

    @property
    def selected_key(self) -> str | None:
        column = self._row.chosen
        return column.panels.selected_key if column is not None else None

    def select_participant(self, key: str) -> bool:
        return any(column.panels.select_participant(key) for column in self._row.columns)

    @property
    def selected_conversation_id(self) -> str | None:
        column = self._row.chosen
        return column.conversation.id if column is not None else None

    @property
    def arrangement(self) -> Arrangement:
        return self._arrangement

    def rearrange(self, arrangement: Arrangement) -> None:
        before, self._arrangement = self._arrangement, arrangement
        for column in self._row.columns:
            sort = Sort(arrangement.sort) if arrangement.sort != before.sort else None
            column.order.show(sort=sort, query=arrangement.query, facets=arrangement.facets)

    @property
    def order(self) -> RosterIndex | None:
        """The index of the column with the cursor, otherwise of the first."""
        column = self._row.chosen
        return column.order if column is not None else None

    def roles(self) -> Sequence[str]:
        return roles_in(self.service.store, *(column.conversation.id for column in self._row.columns))

    def shown(self) -> str:
        """Sum of all columns; a participant in several counts in each."""
        shown = sum(column.panels.shown for column in self._row.columns)
        total = sum(column.order.counts.total for column in self._row.columns)
        return self.words.shown(shown, total)

    def freeze(self) -> None:
        for column in self._row.columns:
            column.panels.freeze()

    def resume(self) -> None:
        for column in self._row.columns:
            column.panels.resume()

    def selected_text(self) -> str:
        column = self._row.chosen
        return column.panels.selected_text if column is not None else ""

    def panel_texts(self) -> tuple[str, list[str], int]:
        column = self._row.chosen
        return column.panels.chosen_texts() if column is not None else ("", [], 0)

    def sort_by_next(self) -> None:
        orders = list(Sort)
        following = orders[(orders.index(Sort(self._arrangement.sort)) + 1) % len(orders)]
        self.rearrange(self._arrangement._replace(sort=following))

    def shows(self, record: Record) -> bool:
        rosters, seen = self.service.store.rosters, (each for each in self._row.columns if each.display)
        return any(rosters.is_member(each.conversation.id, record) for each in seen) or super().shows(record)

    def titles(self) -> tuple[str, str]:
        marked, fitting = len(self._row.columns), self._row.fitting
        text = self.words.beside(min(marked, fitting), marked) if marked and fitting else ""
        return heading(ViewName.SIDE_BY_SIDE, self.wording.language), text

    def remark(self) -> str:
        return self.words.hint() if self._row.columns and self._row.fitting else ""

    def take_focus(self) -> None:
        column = self._row.chosen
        if column is not None:
            # A new column must be mounted before it can be focused.
            self.call_after_refresh(self._focus, column)

    def appear(self) -> None:
        for column in self._row.columns:
            column.order.reopen()
        self._row.set_conversations(self.service.state.beside)

    def disappear(self) -> None:
        for column in self._row.columns:
            column.order.close()

    def repaint(self) -> None:
        for column in self._row.columns:
            column.panels.repaint()

    def follow(self) -> None:
        for column in self._row.columns:
            if column.display:
                column.panels.follow()

    def draw(self) -> None:
        self._row.set_conversations(self.service.state.beside)
        fitting = self._row.fitting
        self.set_class(not self._row.columns or not fitting, "-without-columns")
        if not fitting:
            self._sentence.update(self.words.too_narrow(SIDE_BY_SIDE_FROM, self.app.size.width))
        elif not self._row.columns:
            self._sentence.update(self.words.nothing_beside())
        for place, column in enumerate(self._row.columns):
            column.display = place < fitting
            if column.display:
                conversation = column.conversation
                nobody = self.words.nobody_in(conversation)
                column.draw(self.service.state.you, nobody, self.words.members(conversation))

    def _focus(self, column: Column) -> None:
        self.draw()
        column.panels.take_focus()
