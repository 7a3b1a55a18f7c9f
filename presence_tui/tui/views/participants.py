"""Participants: the members of the watched conversation, online and offline."""

from collections.abc import Sequence

from presence_tui.service.service import PresenceService
from presence_tui.storage.view_state import Arrangement
from presence_tui.store import Sort
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.status_texts import StatusTexts
from presence_tui.tui.views.names import ViewName
from presence_tui.tui.views.people_view import PeopleView, roles_in
from presence_tui.tui.widgets.panels import Panels
from presence_tui.tui.widgets.roster_panel import RowSources


class ParticipantsView(PeopleView):
    """Both panels of one conversation, with its stored arrangement."""

    def __init__(
        self, service: PresenceService, texts: StatusTexts, wording: Wording, glyphs: Glyphs
    ) -> None:
        order = service.store.roster_index()
        panels = Panels(order, wording, glyphs, RowSources(service.marks, self.places_of))
        super().__init__(ViewName.PARTICIPANTS, service, texts, wording, panels, order)

    def rearrange(self, arrangement: Arrangement) -> None:
        super().rearrange(arrangement)
        if self.service.view_state is not None and self._order.conversation_id is not None:
            self.service.view_state.set_arrangement(self._order.conversation_id, self.arrangement)

    def roles(self) -> Sequence[str]:
        return roles_in(self.service.store, self._order.conversation_id)

    def titles(self) -> tuple[str, str]:
        conversation = self.service.state.conversation
        if conversation is None:
            return "presence-tui", ""
        return conversation.title, self.words.people()

    def reset(self) -> None:
        """Reset cursor and scroll position, and restore the conversation's arrangement."""
        conversation = self.service.state.conversation
        if conversation is not None and conversation.id != self._order.conversation_id:
            sort, query, facets = self._arrangement_for(conversation.id)
            known = Sort(sort) if sort in self.SORTS else Sort.NAME
            self._order.show(conversation_id=conversation.id, sort=known, query=query, facets=facets)
        self._panels.reset()

    def _arrangement_for(self, conversation_id: str) -> Arrangement:
        if self._order.conversation_id is None and self.arrangement != Arrangement():
            # Keep a filter typed before the first conversation is known.
            return self.arrangement
        stored = self.service.view_state
        return (stored.arrangement(conversation_id) if stored is not None else None) or Arrangement()

    def nobody(self) -> str:
        return self.words.nobody()
