"""Order keys of an index: those of all members, and those that pass its filter."""

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from sortedcontainers import SortedList

from presence_tui.store.filters import Filter
from presence_tui.store.locations import Locations, Moves
from presence_tui.store.records import Record
from presence_tui.store.search import Search
from presence_tui.store.sort_keys import Section, changed, presence_key_in, text_begins
from presence_tui.store.sortedcontainers_internals import in_order

if TYPE_CHECKING:
    from presence_tui.store.presence_store import PresenceStore


class FilteredOrder:
    """``shown`` follows the filter at the end of each search, while earlier rows stay shown."""

    def __init__(self, store: "PresenceStore", wanted: Filter, locations: Locations) -> None:
        self._store = store
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
        records = map(self._store.participants.__getitem__, map(presence_key_in, found))
        return wanted.facets.admitted(zip(records, found, strict=True), self._locations.role_of)
