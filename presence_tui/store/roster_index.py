"""``RosterIndex``: both panels of one conversation, or of everyone, filtered and sorted."""

from collections.abc import Iterable, Iterator

from presence_tui.domain.enums import Panel
from presence_tui.store.filters import NO_FACETS, Facets, Filter
from presence_tui.store.index_order import FilteredOrder, Locations, Search
from presence_tui.store.index_registry import Touched
from presence_tui.store.indexed_store import IndexedStore
from presence_tui.store.records import Record
from presence_tui.store.rosters import Counts
from presence_tui.store.sort_keys import SECTIONS_OF, Sort, presence_key_in


class RosterIndex:
    """An index of a store, updated with it. Created by ``PresenceStore.roster_index``; close it when done.

    Reading reindexes the whole store first, so that views never disagree. Reading ``n`` rows costs
    O(n + log total); moving one participant costs O(log total).
    """

    def __init__(
        self,
        store: IndexedStore,
        conversation_id: str | None,
        sort: Sort,
        query: str = "",
        facets: Facets = NO_FACETS,
    ) -> None:
        self._store = store
        self._locations = Locations(store, conversation_id, sort)
        self._order = FilteredOrder(store.participants, Filter(query, facets), self._locations)
        store.indexes.reindex()
        self.rebuild()

    @property
    def conversation_id(self) -> str | None:
        return self._locations.conversation_id

    @property
    def sort(self) -> Sort:
        return self._locations.sort

    @property
    def query(self) -> str:
        return self._order.filter.query

    @property
    def facets(self) -> Facets:
        return self._order.filter.facets

    @property
    def filter(self) -> Filter:
        """Query and facets; false if they select everyone."""
        return self._order.filter

    @property
    def counts(self) -> Counts:
        """Counts of all members, ignoring the filter."""
        return self._store.counts(self.conversation_id)

    @property
    def is_searching(self) -> bool:
        """True during a search, while the earlier result is shown."""
        return self._order.is_searching

    def show(
        self,
        *,
        sort: Sort | None = None,
        query: str | None = None,
        facets: Facets | None = None,
        conversation_id: str | None = None,
    ) -> None:
        """Change sort order, filter or conversation; ``None`` keeps the current one."""
        if sort is None and conversation_id is None:
            self.search(query=query, facets=facets).finish()
            return
        self._store.indexes.reindex()
        self._locations = Locations(
            self._store,
            conversation_id or self.conversation_id,
            self.sort if sort is None else sort,
        )
        self._rebuild(self._wanted(query, facets))

    def search(self, *, query: str | None = None, facets: Facets | None = None) -> Search:
        """Change the filter; the returned search applies it in steps, while earlier rows stay shown.

        Another search, sort order or conversation ends it.
        """
        self._store.indexes.reindex()
        return self._order.search(self._wanted(query, facets))

    def count(self, panel: Panel) -> int:
        """Rows in a panel after the filter."""
        self._store.indexes.reindex()
        return sum(len(self._order.shown[section]) for section in SECTIONS_OF[panel])

    def rows(self, panel: Panel, start: int, stop: int) -> list[Record]:
        """The records at ``start <= index < stop`` of a panel, as far as there are any."""
        self._store.indexes.reindex()
        order_keys: list[str] = []
        for section in SECTIONS_OF[panel]:
            order = self._order.shown[section]
            order_keys += order.islice(max(0, start), max(0, stop))
            start, stop = start - len(order), stop - len(order)
        records = self._store.participants
        return [records[presence_key_in(order_key)] for order_key in order_keys]

    def iterate(self, panel: Panel) -> Iterator[Record]:
        """Iterate over the rows now shown in a panel, in order; participants added later are not included."""
        self._store.indexes.reindex()
        order_keys = [order_key for section in SECTIONS_OF[panel] for order_key in self._order.shown[section]]
        records = self._store.participants
        found = (records.get(presence_key_in(order_key)) for order_key in order_keys)
        return (record for record in found if record is not None)

    def index_of(self, key: str) -> tuple[Panel, int] | None:
        """The panel and index of a participant, or ``None`` if not shown."""
        self._store.indexes.reindex()
        record = self._store.get_user_by_id(key)
        if record is None:
            return None
        section, order_key = self._locations.of(record)
        shown = self._order.shown
        order = shown[section]
        index = order.bisect_left(order_key)
        if index == len(order) or order[index] != order_key:
            return None
        panel = record.panel
        sections = SECTIONS_OF[panel]
        return panel, index + sum(len(shown[above]) for above in sections[: sections.index(section)])

    def role_of(self, key: str) -> str:
        """Role of a member in the index's conversation; empty in the index of everyone."""
        return self._locations.role_of(key)

    def record(self, key: str) -> Record | None:
        """The record of a key, shown or not."""
        return self._store.get_user_by_id(key)

    def is_pinned(self, key: str) -> bool:
        """True for a pinned participant."""
        return key in self._store.indexes.pins

    def close(self) -> None:
        """Stop updating; the index must not be read any more."""
        self._store.indexes.remove(self)

    def reopen(self) -> None:
        """Subscribe again and rebuild. O(n log n)."""
        self._store.indexes.reopen(self)

    def follow(self, touched: Touched) -> None:
        """For the store: move the touched participants."""
        self._order.move(self._locations.follow(touched), touched.records)
        self._order.refilter(touched.records)

    def follow_pins(self, records: Iterable[Record]) -> None:
        """For the store: move participants that were pinned or unpinned."""
        members = [record for record in records if self._locations.is_member(record)]
        self._order.move(self._locations.follow_pins(members), members)

    def rebuild(self) -> None:
        """For the store: compute all order keys again."""
        self._rebuild(self._order.filter)

    def _rebuild(self, wanted: Filter) -> None:
        participants = self._store.participants
        pinned = [participants[key] for key in self._store.indexes.pins if key in participants]
        members = [record for record in pinned if self._locations.is_member(record)]
        self._order.rebuild(wanted, self._locations, members)

    def _wanted(self, query: str | None, facets: Facets | None) -> Filter:
        return Filter(self.query if query is None else query, self.facets if facets is None else facets)
