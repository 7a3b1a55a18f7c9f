"""Participants: the members of the watched conversation, online and offline."""

from collections.abc import Sequence

from presence_tui.store import Sort
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.situation import Situation
from presence_tui.tui.situation_words import SituationWords
from presence_tui.tui.views.names import ViewName
from presence_tui.tui.views.people_view import PeopleView, roles_in
from presence_tui.tui.views.screen_view import Arrangement
from presence_tui.tui.widgets.panels import Panels
from presence_tui.tui.wording import Wording


class ParticipantsView(PeopleView):
    """Both panels of one conversation, each looked at as it was the last time."""

    def __init__(self, situation: Situation, words: SituationWords, wording: Wording, glyphs: Glyphs) -> None:
        order = situation.store.view()
        panels = Panels(order, wording, glyphs)
        super().__init__(ViewName.PARTICIPANTS, situation, words, wording, panels, order)

    def rearrange(self, arrangement: Arrangement) -> None:
        super().rearrange(arrangement)
        if self.situation.kept is not None and self._order.conversation_id is not None:
            self.situation.kept.note_arrangement(self._order.conversation_id, self.arrangement)

    def roles(self) -> Sequence[str]:
        return roles_in(self.situation.store, self._order.conversation_id)

    def titles(self) -> tuple[str, str]:
        conversation = self.situation.conversation
        if conversation is None:
            return "presence-tui", ""
        return conversation.title, self.words.people()

    def start_anew(self) -> None:
        """Nobody is selected, from the top, and looked at as the last time."""
        conversation = self.situation.conversation
        if conversation is not None and conversation.id != self._order.conversation_id:
            sort, query, facets = self._arrangement_for(conversation.id)
            known = Sort(sort) if sort in self.SORTS else Sort.NAME
            self._order.show(conversation_id=conversation.id, sort=known, query=query, facets=facets)
        self._panels.start_anew()

    def _arrangement_for(self, conversation_id: str) -> Arrangement:
        if self._order.conversation_id is None and self.arrangement != Arrangement():
            # Whoever looked for somebody before there was a conversation is looking still.
            return self.arrangement
        kept = self.situation.kept
        return (kept.arrangement(conversation_id) if kept is not None else None) or Arrangement()

    def draw(self) -> None:
        self._panels.draw(self.situation.you, self.words.nobody())
