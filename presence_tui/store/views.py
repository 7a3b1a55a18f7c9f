"""Ordered views of a store: both panels of one conversation, or of everyone, filtered and sorted."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from presence_tui.domain.words import Panel
from presence_tui.store.order import Sort, key_in, placing
from presence_tui.store.records import Record, folded
from presence_tui.store.rosters import Counts
from presence_tui.store.sections import Section

if TYPE_CHECKING:
    from presence_tui.store.presence_store import PresenceStore


class View:
    """An order over a store that follows it. Made by ``PresenceStore.view``; close it when done.

    Reading settles the whole store first, so that two views can never disagree. Reading ``n`` rows costs
    O(n + log total); one participant that moves costs O(log total).
    """

    def __init__(self, store: "PresenceStore", conversation_id: str | None, sort: Sort, query: str) -> None:
        self._store = store
        self._conversation_id = conversation_id
        self._sort = sort
        self._query = query
        self._sections: dict[bool | None, Section] = {True: Section(), False: Section(), None: Section()}
        store.settle()
        self.rebuild()

    @property
    def conversation_id(self) -> str | None:
        return self._conversation_id

    @property
    def sort(self) -> Sort:
        return self._sort

    @property
    def query(self) -> str:
        return self._query

    @property
    def counts(self) -> Counts:
        """Everybody the view could show, whatever the filter."""
        return self._store.counts(self._conversation_id)

    def show(
        self,
        *,
        sort: Sort | None = None,
        query: str | None = None,
        conversation_id: str | None = None,
    ) -> None:
        """Change the order, the filter or the conversation; what is ``None`` stays."""
        self._sort = self._sort if sort is None else sort
        self._query = self._query if query is None else query
        self._conversation_id = conversation_id or self._conversation_id
        self._store.settle()
        self.rebuild()

    def count(self, panel: Panel) -> int:
        """Rows in a panel after the filter."""
        self._store.settle()
        return sum(len(section) for section in self._sections_of(panel))

    def rows(self, panel: Panel, start: int, stop: int) -> list[Record]:
        """The records at ``start <= index < stop`` of a panel; fewer where it ends."""
        self._store.settle()
        places: list[str] = []
        for section in self._sections_of(panel):
            places += section.order.islice(max(0, start), max(0, stop))
            start, stop = start - len(section), stop - len(section)
        records = self._store.participants
        return [records[key_in(place)] for place in places]

    def index_of(self, key: str) -> tuple[Panel, int] | None:
        """The panel and index of a participant, or ``None`` if the view does not show them."""
        self._store.settle()
        for panel in Panel:
            before = 0
            for section in self._sections_of(panel):
                place = section.places.get(key)
                if place is not None:
                    return panel, before + section.order.index(place)
                before += len(section)
        return None

    def role_of(self, key: str) -> str:
        """The role of a member in the view's conversation; empty in the view of everyone."""
        return self._store.rosters.role(self._conversation_id, key)

    def close(self) -> None:
        """Stop following the store."""
        self._store.forget_view(self)

    def follow(self, touched: Iterable[Record]) -> None:
        """Called by the store alone: move the touched participants to where they belong now."""
        rosters, conversation_id, query = self._store.rosters, self._conversation_id, folded(self._query)
        place_of = placing(self._sort, self.role_of)
        gone: dict[bool | None, list[str]] = defaultdict(list)
        come: dict[bool | None, dict[str, str]] = defaultdict(dict)
        for record in touched:
            key, flag = record.key, record.flag
            is_shown = rosters.lists(conversation_id, record) and (not query or record.matches(query))
            place = place_of(record) if is_shown else None
            if place is not None and self._sections[flag].places.get(key) == place:
                continue
            for held, section in self._sections.items():
                if key in section.places:
                    gone[held].append(key)
            if place is not None:
                come[flag][key] = place
        for held, section in self._sections.items():
            if held in gone or held in come:
                section.change(gone[held], come[held])

    def rebuild(self) -> None:
        """Called by the store alone: place everyone anew."""
        records, query = self._store.participants, folded(self._query)
        listed = [records[key] for key in self._store.rosters.keys(self._conversation_id)]
        if query:
            listed = [record for record in listed if record.matches(query)]
        place_of = placing(self._sort, self.role_of)
        for flag, section in self._sections.items():
            section.fill({record.key: place_of(record) for record in listed if record.flag is flag})

    def _sections_of(self, panel: Panel) -> list[Section]:
        if panel is Panel.ONLINE:
            return [self._sections[True]]
        return [self._sections[False], self._sections[None]]
