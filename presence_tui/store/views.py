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
from presence_tui.store.sections import FLAGS, SECTIONS_OF, Section, section_of
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
    """Whom the store touched since it was settled last."""

    records: Collection[Record]
    flags: Collection[bool | None]
    """The flag of then of each. Apart from the record, because pairs of them would be so many more objects
    for the garbage collector to look at."""
    renamed: Mapping[str, str]
    """Presence key to the sort key of then, where it is another now."""
    moved: Mapping[str, tuple[str, ...]]
    """Presence key to the conversations of then, of those who joined or left one."""
    counted: Collection[str]
    """Conversations whose counts changed."""


class RosterIndex:
    """An order over a store that follows it. Made by ``PresenceStore.roster_index``; close it when done.

    Reading settles the whole store first, so that two views can never disagree. Reading ``n`` rows costs
    O(n + log total); one participant that moves costs O(log total).
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
        """The filter by which the rows are shown: another one while a search is under way."""
        self._search: Search | None = None
        self._listed: dict[Section, SortedList] = {}
        """Places of everybody."""
        self._shown: dict[Section, SortedList] = {}
        """Those who pass the filter; the same lists without one."""
        self._locations: dict[str, tuple[Section, str]] = {}
        """Key to shelf and place, in orders whose places cannot be told from the name alone."""
        store.reindex()
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
        """Query and facets in one; true if they ask for anything."""
        return self._filter

    @property
    def counts(self) -> Counts:
        """Everybody the view could show, whatever the filter."""
        return self._store.counts(self._conversation_id)

    @property
    def is_searching(self) -> bool:
        """True while a search is under way: shown is who was shown before it."""
        return self._search is not None

    def show(
        self,
        *,
        sort: Sort | None = None,
        query: str | None = None,
        facets: Facets | None = None,
        conversation_id: str | None = None,
    ) -> None:
        """Change the order, the filter or the conversation; what is ``None`` stays."""
        if sort is None and conversation_id is None:
            self.search(query=query, facets=facets).finish()
            return
        self._store.reindex()
        self._filter = self._wanted(query, facets)
        self._sort = self._sort if sort is None else sort
        self._conversation_id = conversation_id or self._conversation_id
        self.rebuild()

    def search(self, *, query: str | None = None, facets: Facets | None = None) -> Search:
        """Change the filter; the search answered does it in turns. Until then, shown is who was shown.

        Another search, or another order or conversation, ends it: it has nothing to do any more.
        """
        self._store.reindex()
        self._filter = self._wanted(query, facets)
        # Typing on looks only at whom the shorter filter left.
        among = self._shown if self._filter.narrows(self._shown_by) else self._listed
        self._search = Search(self, among)
        return self._search

    def count(self, panel: Panel) -> int:
        """Rows in a panel after the filter."""
        self._store.reindex()
        return sum(len(self._shown[section]) for section in SECTIONS_OF[panel])

    def rows(self, panel: Panel, start: int, stop: int) -> list[Record]:
        """The records at ``start <= index < stop`` of a panel; fewer where it ends."""
        self._store.reindex()
        order_keys: list[str] = []
        for section in SECTIONS_OF[panel]:
            order = self._shown[section]
            order_keys += order.islice(max(0, start), max(0, stop))
            start, stop = start - len(order), stop - len(order)
        records = self._store.participants
        return [records[presence_key_in(order_key)] for order_key in order_keys]

    def iterate(self, panel: Panel) -> Iterator[Record]:
        """Everybody shown in a panel now, in order, to be read in turns: who comes meanwhile is left out."""
        self._store.reindex()
        order_keys = [order_key for section in SECTIONS_OF[panel] for order_key in self._shown[section]]
        records = self._store.participants
        found = (records.get(presence_key_in(order_key)) for order_key in order_keys)
        return (record for record in found if record is not None)

    def index_of(self, key: str) -> tuple[Panel, int] | None:
        """The panel and index of a participant, or ``None`` if the view does not show them."""
        self._store.reindex()
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
        """The role of a member in the view's conversation; empty in the view of everyone."""
        return self._store.rosters.role(self._conversation_id, key)

    def record(self, key: str) -> Record | None:
        """Whoever has the key, shown or not."""
        return self._store.get_user_by_id(key)

    def is_pinned(self, key: str) -> bool:
        """True for who stands at the top of their panel because somebody wanted it."""
        return key in self._store.pins

    def close(self) -> None:
        """Stop following the store; what it showed last is not to be read any more."""
        self._store.close_index(self)

    def reopen(self) -> None:
        """Follow the store again, from how it is now. O(n log n) after a ``close``."""
        self._store.reopen_index(self)

    def follow(self, touched: Touched) -> None:
        """Called by the store alone: move the touched participants to where they belong now."""
        removed, added = self._by_name(touched) if self._sort is Sort.NAME else self._by_last_key(touched)
        self._move(removed, added)
        if self._shown_by.facets:
            self._refilter(touched.records)
        if self._search is not None:
            self._search.record_changes(touched.records, removed)

    def follow_pins(self, records: Iterable[Record]) -> None:
        """Called by the store alone: these were pinned just now, or are pinned no more."""
        removed: _OrderKeys = defaultdict(list)
        added: _OrderKeys = defaultdict(list)
        moved = [record for record in records if self._is_member(record)]
        for record in moved:
            order_key = record.sort_key if self._sort is Sort.NAME else self._locations[record.key][1]
            after = self._section_of(record)
            before = record.flag if after is not record.flag else record.panel
            removed[before].append(order_key)
            added[after].append(order_key)
            if self._sort is not Sort.NAME:
                self._locations[record.key] = (after, order_key)
        self._move(removed, added)
        if self._search is not None:
            self._search.record_changes(moved, removed)

    def rebuild(self) -> None:
        """Called by the store alone: place everyone anew."""
        order_key_of = self._order_key_function()
        records = self._store.rosters.records(self._conversation_id)
        self._listed = {panel: SortedList() for panel in Panel}
        for flag in FLAGS:
            self._listed[flag] = SortedList(
                [order_key_of(record) for record in records if record.flag is flag]
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
        self.follow_pins(known[key] for key in self._store.pins if key in known)
        if self._filter:
            self.search().finish()

    def filter_keys(self, order_keys: list[str]) -> list[str]:
        """Called by searches alone: those of these places who pass the filter, in the same order."""
        return self._passing(self._filter, order_keys)

    def apply_search(self, found: Mapping[Section, list[str]], touched: Iterable[Record]) -> None:
        """Called by the search under way alone: show these, and of those touched meanwhile who passes."""
        self._search = None
        self._shown_by = self._filter
        if not self._filter:
            self._shown = self._listed
            return
        self._shown = {section: in_order(order_keys) for section, order_keys in found.items()}
        self._refilter(touched)

    def is_searched_by(self, search: Search) -> bool:
        """True until the search is over or another one began."""
        return self._search is search

    def _wanted(self, query: str | None, facets: Facets | None) -> Filter:
        return Filter(self.query if query is None else query, self.facets if facets is None else facets)

    def _move(self, removed: _OrderKeys, added: _OrderKeys) -> None:
        """Take some places out of their shelves, and put others in where they pass the filter."""
        for section in removed.keys() | added.keys():
            self._listed[section] = changed(self._listed[section], removed[section], added[section])
            if self._shown is not self._listed:
                found = self._passing(self._shown_by, added[section])
                self._shown[section] = changed(self._shown[section], removed[section], found)

    def _refilter(self, records: Iterable[Record]) -> None:
        """Let these be shown if they pass the filter, and only then. Nobody need have moved for it."""
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
        return section_of(record.flag, record.key in self._store.pins)

    def _location_of(self, record: Record) -> tuple[Section, str]:
        """Where the view keeps a record, if it lists it."""
        if self._sort is Sort.NAME:
            return self._section_of(record), record.sort_key
        return self._locations.get(record.key, (None, ""))

    def _order_key_function(self) -> Callable[[Record], str]:
        return order_key_function(self._sort, self.role_of)

    def _by_name(self, touched: Touched) -> tuple[_OrderKeys, _OrderKeys]:
        """Whose places are gone and come, by shelf, where the place is the sort key."""
        removed: _OrderKeys = defaultdict(list)
        added: _OrderKeys = defaultdict(list)
        # Many a frame: what is the same for all of them is looked up once.
        pins, renamed, moved = self._store.pins, touched.renamed, touched.moved
        conversation_id = self._conversation_id
        for record, before in zip(touched.records, touched.flags, strict=True):
            key, held = record.key, record.conversations
            if record.flag is before and key not in renamed and key not in moved:
                continue
            if is_listed(conversation_id, moved.get(key, held)):
                removed[section_of(before, key in pins)].append(renamed.get(key, record.sort_key))
            if is_listed(conversation_id, held):
                added[section_of(record.flag, key in pins)].append(record.sort_key)
        return removed, added

    def _by_last_key(self, touched: Touched) -> tuple[_OrderKeys, _OrderKeys]:
        """The same where the place has more in it than the name, by remembering what it was."""
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
