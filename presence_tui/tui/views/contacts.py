"""Contacts: everyone of all conversations, once, and where they were seen."""

from textual.app import ComposeResult

from presence_tui.store import Record, Sort
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.situation import Situation
from presence_tui.tui.situation_words import SituationWords
from presence_tui.tui.views.names import ViewName, heading
from presence_tui.tui.views.screen_view import Arrangement, ScreenView
from presence_tui.tui.widgets.panels import Panels
from presence_tui.tui.wording import Wording

SORTS = (Sort.NAME, Sort.STATE, Sort.LAST_ACTIVE, Sort.FLAPPING)
"""Without the role, which somebody has in a conversation only."""


class ContactsView(ScreenView):
    """Both panels of everyone. Rows are long, so the panels are above each other."""

    def __init__(self, situation: Situation, words: SituationWords, wording: Wording, glyphs: Glyphs) -> None:
        super().__init__(ViewName.CONTACTS, situation, words, wording)
        self._order = situation.store.view()
        self._titles: dict[str, str] = {}
        self._panels = Panels(self._order, wording, glyphs, self._places)

    def compose(self) -> ComposeResult:
        yield self._panels

    @property
    def selected_key(self) -> str | None:
        return self._panels.selected_key

    @property
    def arrangement(self) -> Arrangement:
        return Arrangement(self._order.sort, self._order.query)

    def rearrange(self, arrangement: Arrangement) -> None:
        sort = Sort(arrangement.sort) if arrangement.sort in SORTS else self._order.sort
        self._order.show(sort=None if sort is self._order.sort else sort, query=arrangement.query)

    def sort_by_next(self) -> None:
        self._order.show(sort=SORTS[(SORTS.index(self._order.sort) + 1) % len(SORTS)])

    def titles(self) -> tuple[str, str]:
        return heading(ViewName.CONTACTS, self.wording.language), self.words.contacts()

    def take_focus(self) -> None:
        self._panels.take_focus()

    def appear(self) -> None:
        self._order.reopen()

    def disappear(self) -> None:
        self._order.close()

    def repaint(self) -> None:
        self._panels.repaint()

    def follow(self) -> None:
        self._panels.follow()

    def draw(self) -> None:
        self._titles = {known.id: known.title for known in self.situation.conversations}
        self._panels.draw(self.situation.you, self.wording.language.say("Nobody is known yet."))

    def _places(self, record: Record) -> list[str]:
        """The titles of the conversations somebody was seen in."""
        return [title for held in record.conversations if (title := self._titles.get(held))]
