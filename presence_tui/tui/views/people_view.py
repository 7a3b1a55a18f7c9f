"""Views with both panels, filter, sort order, pause and copy: their base, and the participants."""

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult

from presence_tui.service.service import PresenceService
from presence_tui.storage.view_state import Arrangement
from presence_tui.store import Facets, PresenceStore, Record, RosterIndex, Sort
from presence_tui.store.index_order import Search
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.status_texts import StatusTexts
from presence_tui.tui.views.names import ViewName
from presence_tui.tui.views.screen_view import ScreenView
from presence_tui.tui.widgets.panels import Panels
from presence_tui.tui.widgets.roster_panel import RowSources

STEP_S: Final = 0.008
"""Maximum time per step."""


class IncrementalSearch:
    """Filters one index in steps, so that a million names never delay a key.

    ``on_found`` is called if that took more than one step.
    A new search, sort order or conversation ends the previous search.
    """

    def __init__(self, index: RosterIndex, on_found: Callable[[], object]) -> None:
        self._index = index
        self._on_found = on_found

    def start(self, query: str, facets: Facets) -> None:
        """Apply a filter: at once for few participants, otherwise in later iterations of the loop."""
        self._step(self._index.search(query=query, facets=facets))

    def _step(self, search: Search) -> bool:
        """Return true if the search is over."""
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + STEP_S
        while not search.advance():
            if loop.time() >= ends_s:
                loop.call_soon(self._continue, search)
                return False
        return True

    def _continue(self, search: Search) -> None:
        # A replaced search is not continued.
        if not search.is_over and self._step(search):
            self._on_found()


_USUAL_ROLES: Final = ("creator", "admin", "moderator", "member")
"""Roles of every gateway, by rank."""


def roles_in(store: PresenceStore, *conversation_ids: str | None) -> list[str]:
    """The selectable roles: the usual ones, and others that members have. O(n)."""
    held = {role for each in conversation_ids for role in store.rosters.roles(each)}
    return [*_USUAL_ROLES, *sorted(held - {*_USUAL_ROLES, ""})]


class PeopleView(ScreenView):
    """Shows one index of the store."""

    SORTS: ClassVar[Sequence[Sort]] = tuple(Sort)

    def __init__(
        self,
        name: ViewName,
        service: PresenceService,
        texts: StatusTexts,
        wording: Wording,
        panels: Panels,
        order: RosterIndex,
    ) -> None:
        super().__init__(name, service, texts, wording)
        self._order = order
        self._panels = panels
        self._searching = IncrementalSearch(order, lambda: self.post_message(self.Found()))
        self._titles: dict[str, str] = {}
        """Titles of conversations by id, as of the last ``draw``."""

    def compose(self) -> ComposeResult:
        yield self._panels

    @property
    def order(self) -> RosterIndex:
        return self._order

    @property
    def is_searching(self) -> bool:
        return self._order.is_searching

    @property
    def selected_key(self) -> str | None:
        return self._panels.selected_key

    def select_participant(self, key: str) -> bool:
        return self._panels.select_participant(key)

    @property
    def arrangement(self) -> Arrangement:
        return Arrangement(self._order.sort, self._order.query, self._order.facets)

    def rearrange(self, arrangement: Arrangement) -> None:
        sort = Sort(arrangement.sort) if arrangement.sort in self.SORTS else self._order.sort
        if sort is not self._order.sort:
            self._order.show(sort=sort, query=arrangement.query, facets=arrangement.facets)
        else:
            self._searching.start(arrangement.query, arrangement.facets)

    def sort_by_next(self) -> None:
        following = self.SORTS[(self.SORTS.index(self._order.sort) + 1) % len(self.SORTS)]
        self.rearrange(self.arrangement._replace(sort=following))

    def shown(self) -> str:
        return self.words.shown(self._panels.shown, self._order.counts.total)

    def freeze(self) -> None:
        self._panels.freeze()

    def resume(self) -> None:
        self._panels.resume()

    def selected_text(self) -> str:
        return self._panels.selected_text

    def panel_texts(self) -> tuple[str, list[str], int]:
        return self._panels.chosen_texts()

    def take_focus(self) -> None:
        self._panels.take_focus()

    def appear(self) -> None:
        self._order.reopen()

    def disappear(self) -> None:
        self._order.close()

    def repaint(self) -> None:
        self._panels.repaint()

    def places_of(self, record: Record) -> list[str]:
        """Titles of the conversations a participant was seen in, without the one of this view."""
        others = (held for held in record.conversations if held != self._order.conversation_id)
        return [title for held in others if (title := self._titles.get(held))]

    def draw(self) -> None:
        self._titles = {known.id: known.title for known in self.service.state.conversations}
        self._panels.draw(self.service.state.you, self.nobody())

    def nobody(self) -> str:
        """The text while no participant is known."""
        raise NotImplementedError

    def follow(self) -> None:
        self._panels.follow()


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
