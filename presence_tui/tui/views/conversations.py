"""Conversations: all of the account, with live counts."""

from textual.app import ComposeResult

from presence_tui.service.service import PresenceService
from presence_tui.storage.view_state import Arrangement
from presence_tui.store import ConversationSort
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.status_texts import StatusTexts
from presence_tui.tui.views.names import ViewName, heading
from presence_tui.tui.views.screen_view import ScreenView
from presence_tui.tui.widgets.containers import TitledBox
from presence_tui.tui.widgets.conversation_table import ConversationTable
from presence_tui.tui.widgets.panels import MOST_COPIED


class ConversationsView(ScreenView):
    """A table whose cursor is on a conversation, not on a participant."""

    WITHOUT = ScreenView.WITHOUT | {"explain", "facets", "pin", "watch_person", "export"}

    def __init__(
        self, service: PresenceService, texts: StatusTexts, wording: Wording, glyphs: Glyphs
    ) -> None:
        super().__init__(ViewName.CONVERSATIONS, service, texts, wording)
        self._order = service.store.conversation_index()
        self._table = ConversationTable(self._order, service.store, wording, glyphs)
        self._box = TitledBox(self._table)

    def compose(self) -> ComposeResult:
        yield self._box

    @property
    def selected_key(self) -> str | None:
        return None

    @property
    def selected_conversation_id(self) -> str | None:
        return self._table.selected_key or self._table.row_key_at(0)

    @property
    def arrangement(self) -> Arrangement:
        return Arrangement(self._order.sort, self._order.query)

    def rearrange(self, arrangement: Arrangement) -> None:
        known = set(ConversationSort)
        sort = ConversationSort(arrangement.sort) if arrangement.sort in known else None
        self._order.show(sort=sort, query=arrangement.query)

    def sort_by_next(self) -> None:
        orders = list(ConversationSort)
        self._order.show(sort=orders[(orders.index(self._order.sort) + 1) % len(orders)])

    def titles(self) -> tuple[str, str]:
        return heading(ViewName.CONVERSATIONS, self.wording.language), self.words.conversations()

    def remark(self) -> str:
        if self._table.selected_key is None:
            return self.words.hint()
        return self.words.conversation(self._table.selected_key)

    def selected_text(self) -> str:
        key = self._table.selected_key
        index = self._table.index_of(key) if key is not None else None
        return "" if index is None else self._table.texts(index, index + 1)[0]

    def panel_texts(self) -> tuple[str, list[str], int]:
        return self._box.title, self._table.texts(0, MOST_COPIED), self._table.row_count()

    def take_focus(self) -> None:
        self._table.focus()

    def appear(self) -> None:
        self._order.reopen()

    def disappear(self) -> None:
        self._order.close()

    def repaint(self) -> None:
        self._table.refresh()

    def follow(self) -> None:
        """Rows change with ``draw`` only, because they are counts."""

    def draw(self) -> None:
        state, language = self.service.state, self.wording.language
        self._order.set_conversations(state.conversations)
        self._table.mark(state.conversation_id or "", {each.id for each in state.beside})
        total, shown = self._order.total, self._order.count()
        title = language.say("Conversations ({n})", n=total)
        if self._order.query:
            title += " · " + language.say("{n} shown", n=shown)
        order = language.say("by {order}", order=self._sort_word())
        columns = language.say("online / members")
        self._box.show_titles(title, f"{columns} · {order}")
        self._table.show_placeholder(
            language.say("None matches. esc shows all of them.") if total else self.words.no_conversations()
        )
        self._table.draw()
        first = self._table.row_key_at(0)
        if self._table.selected_key is None and first is not None:
            self._table.suggest(first)

    def _sort_word(self) -> str:
        say = self.wording.language.say
        match self._order.sort:
            case ConversationSort.ACTIVITY:
                return say("activity")
            case ConversationSort.NAME:
                return say("name")
            case ConversationSort.ONLINE:
                return say("online")
