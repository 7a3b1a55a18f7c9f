"""The base of views with both panels: filter, sort order, pause and copy."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult

from presence_tui.service.service import PresenceService
from presence_tui.storage.view_state import Arrangement
from presence_tui.store import PresenceStore, Record, RosterIndex, Sort
from presence_tui.text.wording import Wording
from presence_tui.tui.incremental_search import IncrementalSearch
from presence_tui.tui.status_texts import StatusTexts
from presence_tui.tui.views.names import ViewName
from presence_tui.tui.views.screen_view import ScreenView
from presence_tui.tui.widgets.panels import Panels

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
