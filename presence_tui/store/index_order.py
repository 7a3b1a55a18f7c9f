"""The order of one index: where each member stands, and which pass its filter, searched for in steps."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from sortedcontainers import SortedList

from presence_tui.domain.enums import Panel
from presence_tui.store.filters import Filter
from presence_tui.store.index_registry import Touched
from presence_tui.store.indexed_store import IndexedStore
from presence_tui.store.records import Record
from presence_tui.store.rosters import is_listed
from presence_tui.store.sort_keys import (
    LISTED,
    Section,
    Sort,
    changed,
    order_key_function,
    presence_key_in,
    section_of,
    text_begins,
)
from presence_tui.store.sortedcontainers_internals import in_order

KEYS_PER_STEP: Final = 1_000
"""Order keys per step: a millisecond or two."""

OrderKeys = dict[Section, list[str]]
Moves = tuple[OrderKeys, OrderKeys]
"""Removed and added order keys by section."""


class Locations:
    """Section and order key of each member of a conversation, or of everyone, in one sort order.

    By name they follow from the record; for other sort orders they are remembered.
    """

    def __init__(self, store: IndexedStore, conversation_id: str | None, sort: Sort) -> None:
        self._store = store
        self.conversation_id = conversation_id
        self.sort = sort
        self._remembered: dict[str, tuple[Section, str]] = {}

    def role_of(self, key: str) -> str:
        """Role of a member; empty for everyone's index."""
        return self._store.rosters.role(self.conversation_id, key)

    def is_member(self, record: Record) -> bool:
        return self._store.rosters.is_member(self.conversation_id, record)

    def of(self, record: Record) -> tuple[Section, str]:
        """Section and order key of a listed record."""
        if self.sort is Sort.NAME:
            return self._section_of(record), record.sort_key
        return self._remembered.get(record.key, (None, ""))

    def rebuild(self) -> dict[Section, SortedList]:
        """Compute and sort the order keys of all members, with nobody pinned."""
        order_key_of = order_key_function(self.sort, self.role_of)
        records = self._store.rosters.records(self.conversation_id)
        order: dict[Section, SortedList] = {panel: SortedList() for panel in Panel}
        for listed in LISTED:
            order[listed] = SortedList(
                [order_key_of(record) for record in records if record.listed is listed]
            )
        self._remembered = {}
        if self.sort is not Sort.NAME:
            self._remembered = {
                presence_key_in(order_key): (section, order_key)
                for section, order_keys in order.items()
                for order_key in order_keys
            }
        return order

    def follow(self, touched: Touched) -> Moves:
        """The moves of touched participants."""
        return self._by_name(touched) if self.sort is Sort.NAME else self._by_remembered(touched)

    def follow_pins(self, records: Iterable[Record]) -> Moves:
        """The moves of members who were pinned or unpinned."""
        removed: OrderKeys = defaultdict(list)
        added: OrderKeys = defaultdict(list)
        for record in records:
            order_key = record.sort_key if self.sort is Sort.NAME else self._remembered[record.key][1]
            after = self._section_of(record)
            before = record.listed if after is not record.listed else record.panel
            removed[before].append(order_key)
            added[after].append(order_key)
            if self.sort is not Sort.NAME:
                self._remembered[record.key] = (after, order_key)
        return removed, added

    def _section_of(self, record: Record) -> Section:
        return section_of(record.listed, record.key in self._store.indexes.pins)

    def _by_name(self, touched: Touched) -> Moves:
        removed: OrderKeys = defaultdict(list)
        added: OrderKeys = defaultdict(list)
        # Called often per frame, so shared lookups are done once.
        pins, renamed, moved = self._store.indexes.pins, touched.renamed, touched.moved
        conversation_id = self.conversation_id
        for record, before in zip(touched.records, touched.listed, strict=True):
            key, held = record.key, record.conversations
            if record.listed is before and key not in renamed and key not in moved:
                continue
            if is_listed(conversation_id, moved.get(key, held)):
                removed[section_of(before, key in pins)].append(renamed.get(key, record.sort_key))
            if is_listed(conversation_id, held):
                added[section_of(record.listed, key in pins)].append(record.sort_key)
        return removed, added

    def _by_remembered(self, touched: Touched) -> Moves:
        removed: OrderKeys = defaultdict(list)
        added: OrderKeys = defaultdict(list)
        order_key_of = order_key_function(self.sort, self.role_of)
        for record in touched.records:
            before = self._remembered.pop(record.key, None)
            after = None
            if self.is_member(record):
                after = self._remembered[record.key] = (self._section_of(record), order_key_of(record))
            if before == after:
                continue
            if before is not None:
                removed[before[0]].append(before[1])
            if after is not None:
                added[after[0]].append(after[1])
        return removed, added


class Search:
    """Created by ``RosterIndex.search``. Changes during the search are applied at its end."""

    def __init__(self, order: "FilteredOrder", among: Mapping[Section, SortedList]) -> None:
        self._order = order
        self._among = among
        self._left = [section for section, order_keys in among.items() if order_keys] if order.filter else []
        self._last: str | None = None
        """The last scanned order key of the current section, to continue there without a copy."""
        self._found: dict[Section, list[str]] = {section: [] for section in among}
        self._touched: dict[str, Record] = {}
        self._removed: defaultdict[Section, set[str]] = defaultdict(set)

    @property
    def is_over(self) -> bool:
        """True once the result is shown, or another search replaced this one."""
        return not self._order.is_searched_by(self)

    def advance(self, order_keys: int = KEYS_PER_STEP) -> bool:
        """Scan more order keys; true if the search is over."""
        if self.is_over:
            return True
        if self._left:
            self._scan(self._left[-1], order_keys)
        if not self._left:
            self._end()
        return not self._left

    def finish(self) -> None:
        """Scan all remaining order keys."""
        while not self.advance():
            pass

    def record_changes(self, records: Iterable[Record], removed: Mapping[Section, list[str]]) -> None:
        """For the order: records changed, and order keys removed, during the search."""
        self._touched.update((record.key, record) for record in records)
        for section, order_keys in removed.items():
            self._removed[section].update(order_keys)

    def _scan(self, section: Section, order_keys: int) -> None:
        order = self._among[section]
        start = 0 if self._last is None else order.bisect_right(self._last)
        some = order[start : start + order_keys]
        self._found[section] += self._order.filter_keys(some)
        self._last = some[-1] if len(some) == order_keys else None
        if self._last is None:
            self._left.pop()

    def _end(self) -> None:
        for section, removed in self._removed.items():
            self._found[section] = [
                order_key for order_key in self._found[section] if order_key not in removed
            ]
        self._order.apply_search(self._found, self._touched.values())


class FilteredOrder:
    """Order keys of all members, and those that pass the filter.

    ``shown`` follows the filter at the end of each search; until then, earlier rows stay shown.
    """

    def __init__(self, participants: Mapping[str, Record], wanted: Filter, locations: Locations) -> None:
        self._participants = participants
        self._locations = locations
        self.filter = wanted
        """The filter last set. Read-only."""
        self._shown_by = wanted
        """The filter of the shown rows; differs from ``filter`` during a search."""
        self._search: Search | None = None
        self._listed: dict[Section, SortedList] = {}
        """Order keys of all members."""
        self.shown: dict[Section, SortedList] = {}
        """Order keys that pass the filter; the same lists without a filter. Read-only."""

    @property
    def is_searching(self) -> bool:
        return self._search is not None

    def rebuild(self, wanted: Filter, locations: Locations, pinned: Collection[Record]) -> None:
        """Compute everything again, for these locations."""
        self.filter = wanted
        self._locations = locations
        self._listed = locations.rebuild()
        self.shown, self._shown_by = self._listed, Filter()
        self._search = None
        self.move(locations.follow_pins(pinned), pinned)
        if wanted:
            self.search(wanted).finish()

    def search(self, wanted: Filter) -> Search:
        """Set the filter; the returned search applies it in steps."""
        self.filter = wanted
        # A narrower filter scans only the rows that passed the wider one.
        among = self.shown if wanted.narrows(self._shown_by) else self._listed
        self._search = Search(self, among)
        return self._search

    def move(self, moves: Moves, records: Iterable[Record]) -> None:
        """Move order keys of changed records between sections, and show those that pass the filter."""
        removed, added = moves
        for section in removed.keys() | added.keys():
            self._listed[section] = changed(self._listed[section], removed[section], added[section])
            if self.shown is not self._listed:
                passing = self._passing(self._shown_by, added[section])
                self.shown[section] = changed(self.shown[section], removed[section], passing)
        if self._search is not None:
            self._search.record_changes(records, removed)

    def refilter(self, records: Iterable[Record]) -> None:
        """Show or hide changed records by facets, whether or not they moved."""
        if self._shown_by.facets:
            self._refilter(records)

    def filter_keys(self, order_keys: list[str]) -> list[str]:
        """For searches: the order keys that pass the filter, in order."""
        return self._passing(self.filter, order_keys)

    def apply_search(self, found: Mapping[Section, list[str]], touched: Iterable[Record]) -> None:
        """For the search in progress: show its result, and apply the filter to records changed meanwhile."""
        self._search = None
        self._shown_by = self.filter
        if not self.filter:
            self.shown = self._listed
            return
        self.shown = {section: in_order(order_keys) for section, order_keys in found.items()}
        self._refilter(touched)

    def is_searched_by(self, search: Search) -> bool:
        """True until this search is over or replaced."""
        return self._search is search

    def _refilter(self, records: Iterable[Record]) -> None:
        locations = self._locations
        held = [locations.of(record) for record in records if locations.is_member(record)]
        passing = set(self._passing(self._shown_by, [order_key for _, order_key in held]))
        for section, order_key in held:
            order = self.shown[section]
            is_shown = order_key in order
            if order_key in passing and not is_shown:
                order.add(order_key)
            elif is_shown and order_key not in passing:
                order.remove(order_key)

    def _passing(self, wanted: Filter, order_keys: list[str]) -> list[str]:
        found = wanted.pick()(order_keys, text_begins(self._locations.sort))
        if not wanted.facets:
            return found
        records = map(self._participants.__getitem__, map(presence_key_in, found))
        return wanted.facets.admitted(zip(records, found, strict=True), self._locations.role_of)
