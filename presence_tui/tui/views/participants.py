"""Participants: the members of the watched conversation, online and offline."""

from textual.app import ComposeResult

from presence_tui.store import Sort
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.situation import Situation
from presence_tui.tui.situation_words import SituationWords
from presence_tui.tui.views.names import ViewName
from presence_tui.tui.views.screen_view import Arrangement, ScreenView
from presence_tui.tui.widgets.panels import Panels
from presence_tui.tui.wording import Wording


class ParticipantsView(ScreenView):
    """Both panels of one conversation."""

    def __init__(self, situation: Situation, words: SituationWords, wording: Wording, glyphs: Glyphs) -> None:
        super().__init__(ViewName.PARTICIPANTS, situation, words, wording)
        self._order = situation.store.view()
        self._panels = Panels(self._order, wording, glyphs)

    def compose(self) -> ComposeResult:
        yield self._panels

    @property
    def selected_key(self) -> str | None:
        return self._panels.selected_key

    @property
    def arrangement(self) -> Arrangement:
        return Arrangement(self._order.sort, self._order.query)

    def rearrange(self, arrangement: Arrangement) -> None:
        sort = Sort(arrangement.sort) if arrangement.sort in set(Sort) else self._order.sort
        self._order.show(sort=None if sort is self._order.sort else sort, query=arrangement.query)

    def sort_by_next(self) -> None:
        orders = list(Sort)
        self._order.show(sort=orders[(orders.index(self._order.sort) + 1) % len(orders)])

    def titles(self) -> tuple[str, str]:
        conversation = self.situation.conversation
        if conversation is None:
            return "presence-tui", ""
        return conversation.title, self.words.people()

    def take_focus(self) -> None:
        self._panels.take_focus()

    def appear(self) -> None:
        self._order.reopen()

    def disappear(self) -> None:
        self._order.close()

    def start_anew(self) -> None:
        """Nobody is selected, from the top."""
        conversation = self.situation.conversation
        if conversation is not None:
            self._order.show(conversation_id=conversation.id)
        self._panels.start_anew()

    def repaint(self) -> None:
        self._panels.repaint()

    def follow(self) -> None:
        self._panels.follow()

    def draw(self) -> None:
        self._panels.draw(self.situation.you, self.words.nobody())
