"""``RosterIndex``: both panels of one conversation, or of everyone, filtered and sorted."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sortedcontainers import SortedList

from presence_tui.domain.enums import Panel
from presence_tui.store.filters import NO_FACETS, Facets, Filter
from presence_tui.store.records import Record
from presence_tui.store.rosters import Counts, is_listed
from presence_tui.store.search import Search
from presence_tui.store.sections import LISTED, SECTIONS_OF, Section, section_of
from presence_tui.store.sort_keys import (
    Sort,
    changed,
    order_key_function,
    presence_key_in,
    text_begins,
)
from presence_tui.store.sortedcontainers_internals import in_order

if TYPE_CHECKING:
    from presence_tui.store.presence_store import PresenceStore

_OrderKeys = dict[Section, list[str]]


@dataclass(frozen=True, slots=True)
class Touched:
    """Participants touched since the last reindex."""

    records: Collection[Record]
    listed: Collection[bool | None]
    """Where each was listed then. Apart from the record, because pairs of them would be so many more objects
    for the garbage collector to look at."""
    renamed: Mapping[str, str]
    """Presence key to the earlier sort key, if it changed."""
    moved: Mapping[str, tuple[str, ...]]
    """Presence key to the earlier conversations, for members who joined or left."""
    counted: Collection[str]
    """Conversations whose counts changed."""


class RosterIndex:
    """An index of a store, updated with it. Created by ``PresenceStore.roster_index``; close it when done.

    Reading reindexes the whole store first, so that views never disagree. Reading ``n`` rows costs
    O(n + log total); moving one participant costs O(log total).
    """

    def __init__(
        self,
        store: "PresenceStore",
        conversation_id: str | None,
        sort: Sort,
        query: str = "",
        facets: Facets = NO_FACETS,
    ) -> None:
        self._store = store
        self._conversation_id = conversation_id
        self._sort = sort
        self._filter = Filter(query, facets)
        self._shown_by = self._filter
        """The filter of the shown rows; differs from ``_filter`` during a search."""
        self._search: Search | None = None
        self._listed: dict[Section, SortedList] = {}
        """Order keys of all members."""
        self._shown: dict[Section, SortedList] = {}
        """Order keys that pass the filter; the same lists without a filter."""
        self._locations: dict[str, tuple[Section, str]] = {}
        """Presence key to section and order key, for sort orders other than by name."""
        store.indexes.reindex()
        self.rebuild()

    @property
    def conversation_id(self) -> str | None:
        return self._conversation_id

    @property
    def sort(self) -> Sort:
        return self._sort

    @property
    def query(self) -> str:
        return self._filter.query

    @property
    def facets(self) -> Facets:
        return self._filter.facets

    @property
    def filter(self) -> Filter:
        """Query and facets; false if they select everyone."""
        return self._filter

    @property
    def counts(self) -> Counts:
        """Counts of all members, ignoring the filter."""
        return self._store.counts(self._conversation_id)

    @property
    def is_searching(self) -> bool:
        """True during a search, while the earlier result is shown."""
        return self._search is not None

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
        self._filter = self._wanted(query, facets)
        self._sort = self._sort if sort is None else sort
        self._conversation_id = conversation_id or self._conversation_id
        self.rebuild()

    def search(self, *, query: str | None = None, facets: Facets | None = None) -> Search:
        """Change the filter; the returned search applies it in steps, while earlier rows stay shown.

        Another search, sort order or conversation ends it.
        """
        self._store.indexes.reindex()
        self._filter = self._wanted(query, facets)
        # A narrower filter scans only the rows that passed the wider one.
        among = self._shown if self._filter.narrows(self._shown_by) else self._listed
        self._search = Search(self, among)
        return self._search

    def count(self, panel: Panel) -> int:
        """Rows in a panel after the filter."""
        self._store.indexes.reindex()
        return sum(len(self._shown[section]) for section in SECTIONS_OF[panel])

    def rows(self, panel: Panel, start: int, stop: int) -> list[Record]:
        """The records at ``start <= index < stop`` of a panel, as far as there are any."""
        self._store.indexes.reindex()
        order_keys: list[str] = []
        for section in SECTIONS_OF[panel]:
            order = self._shown[section]
            order_keys += order.islice(max(0, start), max(0, stop))
            start, stop = start - len(order), stop - len(order)
        records = self._store.participants
        return [records[presence_key_in(order_key)] for order_key in order_keys]

    def iterate(self, panel: Panel) -> Iterator[Record]:
        """Iterate over the rows now shown in a panel, in order; participants added later are not included."""
        self._store.indexes.reindex()
        order_keys = [order_key for section in SECTIONS_OF[panel] for order_key in self._shown[section]]
        records = self._store.participants
        found = (records.get(presence_key_in(order_key)) for order_key in order_keys)
        return (record for record in found if record is not None)

    def index_of(self, key: str) -> tuple[Panel, int] | None:
        """The panel and index of a participant, or ``None`` if not shown."""
        self._store.indexes.reindex()
        record = self._store.get_user_by_id(key)
        if record is None:
            return None
        section, order_key = self._location_of(record)
        order = self._shown[section]
        index = order.bisect_left(order_key)
        if index == len(order) or order[index] != order_key:
            return None
        panel = record.panel
        sections = SECTIONS_OF[panel]
        return panel, index + sum(len(self._shown[above]) for above in sections[: sections.index(section)])

    def role_of(self, key: str) -> str:
        """Role of a member in the index's conversation; empty in the index of everyone."""
        return self._store.rosters.role(self._conversation_id, key)

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
        removed, added = self._by_name(touched) if self._sort is Sort.NAME else self._by_last_key(touched)
        self._move(removed, added)
        if self._shown_by.facets:
            self._refilter(touched.records)
        if self._search is not None:
            self._search.record_changes(touched.records, removed)

    def follow_pins(self, records: Iterable[Record]) -> None:
        """For the store: move participants that were pinned or unpinned."""
        removed: _OrderKeys = defaultdict(list)
        added: _OrderKeys = defaultdict(list)
        moved = [record for record in records if self._is_member(record)]
        for record in moved:
            order_key = record.sort_key if self._sort is Sort.NAME else self._locations[record.key][1]
            after = self._section_of(record)
            before = record.listed if after is not record.listed else record.panel
            removed[before].append(order_key)
            added[after].append(order_key)
            if self._sort is not Sort.NAME:
                self._locations[record.key] = (after, order_key)
        self._move(removed, added)
        if self._search is not None:
            self._search.record_changes(moved, removed)

    def rebuild(self) -> None:
        """For the store: compute all order keys again."""
        order_key_of = self._order_key_function()
        records = self._store.rosters.records(self._conversation_id)
        self._listed = {panel: SortedList() for panel in Panel}
        for listed in LISTED:
            self._listed[listed] = SortedList(
                [order_key_of(record) for record in records if record.listed is listed]
            )
        self._locations = {}
        if self._sort is not Sort.NAME:
            self._locations = {
                presence_key_in(order_key): (section, order_key)
                for section, order in self._listed.items()
                for order_key in order
            }
        self._shown, self._shown_by = self._listed, Filter()
        self._search = None
        known = self._store.participants
        self.follow_pins(known[key] for key in self._store.indexes.pins if key in known)
        if self._filter:
            self.search().finish()

    def filter_keys(self, order_keys: list[str]) -> list[str]:
        """For searches: the order keys that pass the filter, in order."""
        return self._passing(self._filter, order_keys)

    def apply_search(self, found: Mapping[Section, list[str]], touched: Iterable[Record]) -> None:
        """For the search in progress: show its result, and apply the filter to records changed meanwhile."""
        self._search = None
        self._shown_by = self._filter
        if not self._filter:
            self._shown = self._listed
            return
        self._shown = {section: in_order(order_keys) for section, order_keys in found.items()}
        self._refilter(touched)

    def is_searched_by(self, search: Search) -> bool:
        """True until this search is over or replaced."""
        return self._search is search

    def _wanted(self, query: str | None, facets: Facets | None) -> Filter:
        return Filter(self.query if query is None else query, self.facets if facets is None else facets)

    def _move(self, removed: _OrderKeys, added: _OrderKeys) -> None:
        """Move order keys between sections, and show those that pass the filter."""
        for section in removed.keys() | added.keys():
            self._listed[section] = changed(self._listed[section], removed[section], added[section])
            if self._shown is not self._listed:
                found = self._passing(self._shown_by, added[section])
                self._shown[section] = changed(self._shown[section], removed[section], found)

    def _refilter(self, records: Iterable[Record]) -> None:
        """Show or hide changed records by the filter, whether or not they moved."""
        kept = [self._location_of(record) for record in records if self._is_member(record)]
        passing = set(self._passing(self._shown_by, [order_key for _, order_key in kept]))
        for section, order_key in kept:
            order = self._shown[section]
            is_shown = order_key in order
            if order_key in passing and not is_shown:
                order.add(order_key)
            elif is_shown and order_key not in passing:
                order.remove(order_key)

    def _passing(self, wanted: Filter, order_keys: list[str]) -> list[str]:
        found = wanted.pick()(order_keys, text_begins(self._sort))
        if not wanted.facets:
            return found
        records = map(self._store.participants.__getitem__, map(presence_key_in, found))
        return wanted.facets.admitted(zip(records, found, strict=True), self.role_of)

    def _is_member(self, record: Record) -> bool:
        return self._store.rosters.is_member(self._conversation_id, record)

    def _section_of(self, record: Record) -> Section:
        return section_of(record.listed, record.key in self._store.indexes.pins)

    def _location_of(self, record: Record) -> tuple[Section, str]:
        """Section and order key of a listed record."""
        if self._sort is Sort.NAME:
            return self._section_of(record), record.sort_key
        return self._locations.get(record.key, (None, ""))

    def _order_key_function(self) -> Callable[[Record], str]:
        return order_key_function(self._sort, self.role_of)

    def _by_name(self, touched: Touched) -> tuple[_OrderKeys, _OrderKeys]:
        """Removed and added order keys by section, for the sort order by name."""
        removed: _OrderKeys = defaultdict(list)
        added: _OrderKeys = defaultdict(list)
        # Called often per frame, so shared lookups are done once.
        pins, renamed, moved = self._store.indexes.pins, touched.renamed, touched.moved
        conversation_id = self._conversation_id
        for record, before in zip(touched.records, touched.listed, strict=True):
            key, held = record.key, record.conversations
            if record.listed is before and key not in renamed and key not in moved:
                continue
            if is_listed(conversation_id, moved.get(key, held)):
                removed[section_of(before, key in pins)].append(renamed.get(key, record.sort_key))
            if is_listed(conversation_id, held):
                added[section_of(record.listed, key in pins)].append(record.sort_key)
        return removed, added

    def _by_last_key(self, touched: Touched) -> tuple[_OrderKeys, _OrderKeys]:
        """The same for other sort orders, using the remembered locations."""
        removed: _OrderKeys = defaultdict(list)
        added: _OrderKeys = defaultdict(list)
        order_key_of = self._order_key_function()
        for record in touched.records:
            before = self._locations.pop(record.key, None)
            after = None
            if self._is_member(record):
                after = self._locations[record.key] = (self._section_of(record), order_key_of(record))
            if before == after:
                continue
            if before is not None:
                removed[before[0]].append(before[1])
            if after is not None:
                added[after[0]].append(after[1])
        return removed, added
