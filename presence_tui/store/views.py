"""Ordered views of a store: both panels of one conversation, or of everyone, filtered and sorted."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sortedcontainers import SortedList

from presence_tui.domain.enums import Panel
from presence_tui.store.filters import NO_FACETS, Facets, Filter
from presence_tui.store.records import Record
from presence_tui.store.rosters import Counts, are_listed
from presence_tui.store.search import Search
from presence_tui.store.sections import FLAGS, SHELVES_OF, Section, shelf_of
from presence_tui.store.sort_keys import Sort, changed, in_order, key_in, placing, text_begins

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
    """An order over a store that follows it. Made by ``PresenceStore.view``; close it when done.

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
        self._held: dict[str, tuple[Section, str]] = {}
        """Key to shelf and place, in orders whose places cannot be told from the name alone."""
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
        self._store.settle()
        self._filter = self._wanted(query, facets)
        self._sort = self._sort if sort is None else sort
        self._conversation_id = conversation_id or self._conversation_id
        self.rebuild()

    def search(self, *, query: str | None = None, facets: Facets | None = None) -> Search:
        """Change the filter; the search answered does it in turns. Until then, shown is who was shown.

        Another search, or another order or conversation, ends it: it has nothing to do any more.
        """
        self._store.settle()
        self._filter = self._wanted(query, facets)
        # Typing on looks only at whom the shorter filter left.
        among = self._shown if self._filter.narrows(self._shown_by) else self._listed
        self._search = Search(self, among)
        return self._search

    def count(self, panel: Panel) -> int:
        """Rows in a panel after the filter."""
        self._store.settle()
        return sum(len(self._shown[shelf]) for shelf in SHELVES_OF[panel])

    def rows(self, panel: Panel, start: int, stop: int) -> list[Record]:
        """The records at ``start <= index < stop`` of a panel; fewer where it ends."""
        self._store.settle()
        places: list[str] = []
        for shelf in SHELVES_OF[panel]:
            order = self._shown[shelf]
            places += order.islice(max(0, start), max(0, stop))
            start, stop = start - len(order), stop - len(order)
        records = self._store.participants
        return [records[key_in(place)] for place in places]

    def everybody(self, panel: Panel) -> Iterator[Record]:
        """Everybody shown in a panel now, in order, to be read in turns: who comes meanwhile is left out."""
        self._store.settle()
        places = [place for shelf in SHELVES_OF[panel] for place in self._shown[shelf]]
        records = self._store.participants
        found = (records.get(key_in(place)) for place in places)
        return (record for record in found if record is not None)

    def index_of(self, key: str) -> tuple[Panel, int] | None:
        """The panel and index of a participant, or ``None`` if the view does not show them."""
        self._store.settle()
        record = self._store.get_user_by_id(key)
        if record is None:
            return None
        shelf, place = self._place_of(record)
        order = self._shown[shelf]
        index = order.bisect_left(place)
        if index == len(order) or order[index] != place:
            return None
        panel = record.panel
        shelves = SHELVES_OF[panel]
        return panel, index + sum(len(self._shown[above]) for above in shelves[: shelves.index(shelf)])

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
        self._store.forget_view(self)

    def reopen(self) -> None:
        """Follow the store again, from how it is now. O(n log n) after a ``close``."""
        self._store.keep_view(self)

    def follow(self, touched: Touched) -> None:
        """Called by the store alone: move the touched participants to where they belong now."""
        gone, come = self._by_name(touched) if self._sort is Sort.NAME else self._by_held(touched)
        self._move(gone, come)
        if self._shown_by.facets:
            self._show_as_they_are(touched.records)
        if self._search is not None:
            self._search.note(touched.records, gone)

    def follow_pins(self, records: Iterable[Record]) -> None:
        """Called by the store alone: these were pinned just now, or are pinned no more."""
        gone: _OrderKeys = defaultdict(list)
        come: _OrderKeys = defaultdict(list)
        moved = [record for record in records if self._lists(record)]
        for record in moved:
            place = record.sort_key if self._sort is Sort.NAME else self._held[record.key][1]
            after = self._shelf_of(record)
            before = record.flag if after is not record.flag else record.panel
            gone[before].append(place)
            come[after].append(place)
            if self._sort is not Sort.NAME:
                self._held[record.key] = (after, place)
        self._move(gone, come)
        if self._search is not None:
            self._search.note(moved, gone)

    def rebuild(self) -> None:
        """Called by the store alone: place everyone anew."""
        place_of = self._placing()
        records = self._store.rosters.records(self._conversation_id)
        self._listed = {panel: SortedList() for panel in Panel}
        for flag in FLAGS:
            self._listed[flag] = SortedList([place_of(record) for record in records if record.flag is flag])
        self._held = {}
        if self._sort is not Sort.NAME:
            self._held = {
                key_in(place): (shelf, place) for shelf, order in self._listed.items() for place in order
            }
        self._shown, self._shown_by = self._listed, Filter()
        self._search = None
        known = self._store.participants
        self.follow_pins(known[key] for key in self._store.pins if key in known)
        if self._filter:
            self.search().finish()

    def let_through(self, places: list[str]) -> list[str]:
        """Called by searches alone: those of these places who pass the filter, in the same order."""
        return self._passing(self._filter, places)

    def take(self, found: Mapping[Section, list[str]], touched: Iterable[Record]) -> None:
        """Called by the search under way alone: show these, and of those touched meanwhile who passes."""
        self._search = None
        self._shown_by = self._filter
        if not self._filter:
            self._shown = self._listed
            return
        self._shown = {shelf: in_order(places) for shelf, places in found.items()}
        self._show_as_they_are(touched)

    def is_searched_by(self, search: Search) -> bool:
        """True until the search is over or another one began."""
        return self._search is search

    def _wanted(self, query: str | None, facets: Facets | None) -> Filter:
        return Filter(self.query if query is None else query, self.facets if facets is None else facets)

    def _move(self, gone: _OrderKeys, come: _OrderKeys) -> None:
        """Take some places out of their shelves, and put others in where they pass the filter."""
        for shelf in gone.keys() | come.keys():
            self._listed[shelf] = changed(self._listed[shelf], gone[shelf], come[shelf])
            if self._shown is not self._listed:
                found = self._passing(self._shown_by, come[shelf])
                self._shown[shelf] = changed(self._shown[shelf], gone[shelf], found)

    def _show_as_they_are(self, records: Iterable[Record]) -> None:
        """Let these be shown if they pass the filter, and only then. Nobody need have moved for it."""
        kept = [self._place_of(record) for record in records if self._lists(record)]
        passing = set(self._passing(self._shown_by, [place for _, place in kept]))
        for shelf, place in kept:
            order = self._shown[shelf]
            is_shown = place in order
            if place in passing and not is_shown:
                order.add(place)
            elif is_shown and place not in passing:
                order.remove(place)

    def _passing(self, wanted: Filter, places: list[str]) -> list[str]:
        found = wanted.pick()(places, text_begins(self._sort))
        if not wanted.facets:
            return found
        records = map(self._store.participants.__getitem__, map(key_in, found))
        return wanted.facets.admitted(zip(records, found, strict=True), self.role_of)

    def _lists(self, record: Record) -> bool:
        return self._store.rosters.lists(self._conversation_id, record)

    def _shelf_of(self, record: Record) -> Section:
        return shelf_of(record.flag, record.key in self._store.pins)

    def _place_of(self, record: Record) -> tuple[Section, str]:
        """Where the view keeps a record, if it lists it."""
        if self._sort is Sort.NAME:
            return self._shelf_of(record), record.sort_key
        return self._held.get(record.key, (None, ""))

    def _placing(self) -> Callable[[Record], str]:
        return placing(self._sort, self.role_of)

    def _by_name(self, touched: Touched) -> tuple[_OrderKeys, _OrderKeys]:
        """Whose places are gone and come, by shelf, where the place is the sort key."""
        gone: _OrderKeys = defaultdict(list)
        come: _OrderKeys = defaultdict(list)
        # Many a frame: what is the same for all of them is looked up once.
        pins, renamed, moved = self._store.pins, touched.renamed, touched.moved
        conversation_id = self._conversation_id
        for record, before in zip(touched.records, touched.flags, strict=True):
            key, held = record.key, record.conversations
            if record.flag is before and key not in renamed and key not in moved:
                continue
            if are_listed(conversation_id, moved.get(key, held)):
                gone[shelf_of(before, key in pins)].append(renamed.get(key, record.sort_key))
            if are_listed(conversation_id, held):
                come[shelf_of(record.flag, key in pins)].append(record.sort_key)
        return gone, come

    def _by_held(self, touched: Touched) -> tuple[_OrderKeys, _OrderKeys]:
        """The same where the place has more in it than the name, by remembering what it was."""
        gone: _OrderKeys = defaultdict(list)
        come: _OrderKeys = defaultdict(list)
        place_of = self._placing()
        for record in touched.records:
            before = self._held.pop(record.key, None)
            after = None
            if self._lists(record):
                after = self._held[record.key] = (self._shelf_of(record), place_of(record))
            if before == after:
                continue
            if before is not None:
                gone[before[0]].append(before[1])
            if after is not None:
                come[after[0]].append(after[1])
        return gone, come
