"""Ordered views of a store: both panels of one conversation, or of everyone, filtered and sorted."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sortedcontainers import SortedList

from presence_tui.domain.words import Panel
from presence_tui.store.order import Sort, changed, key_in, matching, placing
from presence_tui.store.records import Record, folded
from presence_tui.store.rosters import Counts

if TYPE_CHECKING:
    from presence_tui.store.presence_store import PresenceStore

_FLAGS: tuple[bool | None, ...] = (True, False, None)
_FLAGS_OF: Mapping[Panel, tuple[bool | None, ...]] = {Panel.ONLINE: (True,), Panel.OFFLINE: (False, None)}

_Places = dict[bool | None, list[str]]


@dataclass(frozen=True, slots=True)
class Touched:
    """Whom the store touched since it was settled last."""

    records: Collection[tuple[Record, bool | None]]
    """Each with the flag of then."""
    renamed: Mapping[str, str]
    """Presence key to the sort key of then, where it is another now."""
    moved: Collection[str]
    """Keys of those who joined or left a conversation."""


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
        self._listed: dict[bool | None, SortedList] = {}
        """Places of everybody by flag."""
        self._shown: dict[bool | None, SortedList] = {}
        """Those that match the filter; the same lists without one."""
        self._held: dict[str, tuple[bool | None, str]] = {}
        """Key to flag and place, in orders whose places cannot be told from the name alone."""
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
        self._store.settle()
        narrower = query is not None and folded(self._query) in folded(query)
        self._query = self._query if query is None else query
        if sort is None and conversation_id is None:
            self._filter(self._shown if narrower else self._listed)
            return
        self._sort = self._sort if sort is None else sort
        self._conversation_id = conversation_id or self._conversation_id
        self.rebuild()

    def count(self, panel: Panel) -> int:
        """Rows in a panel after the filter."""
        self._store.settle()
        return sum(len(self._shown[flag]) for flag in _FLAGS_OF[panel])

    def rows(self, panel: Panel, start: int, stop: int) -> list[Record]:
        """The records at ``start <= index < stop`` of a panel; fewer where it ends."""
        self._store.settle()
        places: list[str] = []
        for flag in _FLAGS_OF[panel]:
            order = self._shown[flag]
            places += order.islice(max(0, start), max(0, stop))
            start, stop = start - len(order), stop - len(order)
        records = self._store.participants
        return [records[key_in(place)] for place in places]

    def index_of(self, key: str) -> tuple[Panel, int] | None:
        """The panel and index of a participant, or ``None`` if the view does not show them."""
        self._store.settle()
        record = self._store.get_user_by_id(key)
        if record is None:
            return None
        if self._sort is Sort.NAME:
            flag, place = record.flag, record.sort_key
        else:
            flag, place = self._held.get(key, (None, ""))
        order = self._shown[flag]
        index = order.bisect_left(place)
        if index == len(order) or order[index] != place:
            return None
        before = len(self._shown[False]) if flag is None else 0
        return record.panel, before + index

    def role_of(self, key: str) -> str:
        """The role of a member in the view's conversation; empty in the view of everyone."""
        return self._store.rosters.role(self._conversation_id, key)

    def close(self) -> None:
        """Stop following the store."""
        self._store.forget_view(self)

    def follow(self, touched: Touched) -> None:
        """Called by the store alone: move the touched participants to where they belong now."""
        gone, come = self._by_name(touched) if self._sort is Sort.NAME else self._by_held(touched)
        query = folded(self._query)
        for flag in gone.keys() | come.keys():
            self._listed[flag] = changed(self._listed[flag], gone[flag], come[flag])
            if query:
                found = matching(come[flag], query, self._sort)
                self._shown[flag] = changed(self._shown[flag], gone[flag], found)
        if not query:
            self._shown = self._listed

    def rebuild(self) -> None:
        """Called by the store alone: place everyone anew."""
        place_of = placing(self._sort, self.role_of)
        records = self._store.rosters.records(self._conversation_id)
        self._listed = {
            flag: SortedList([place_of(record) for record in records if record.flag is flag])
            for flag in _FLAGS
        }
        self._held = {}
        if self._sort is not Sort.NAME:
            self._held = {
                key_in(place): (flag, place) for flag, order in self._listed.items() for place in order
            }
        self._filter(self._listed)

    def _filter(self, among: dict[bool | None, SortedList]) -> None:
        """Show those who match among these; typing on looks only at whom the shorter filter left."""
        query = folded(self._query)
        if query:
            found = {flag: matching(order, query, self._sort) for flag, order in among.items()}
            self._shown = {flag: SortedList(places) for flag, places in found.items()}
        else:
            self._shown = self._listed

    def _by_name(self, touched: Touched) -> tuple[_Places, _Places]:
        """Whose places are gone and come, by flag, where the place is the sort key."""
        gone: _Places = defaultdict(list)
        come: _Places = defaultdict(list)
        rosters, renamed, moved = self._store.rosters, touched.renamed, touched.moved
        for record, before in touched.records:
            key = record.key
            if record.flag is before and key not in renamed and key not in moved:
                continue
            gone[before].append(renamed.get(key, record.sort_key))
            if rosters.lists(self._conversation_id, record):
                come[record.flag].append(record.sort_key)
        return gone, come

    def _by_held(self, touched: Touched) -> tuple[_Places, _Places]:
        """The same where the place has more in it than the name, by remembering what it was."""
        gone: _Places = defaultdict(list)
        come: _Places = defaultdict(list)
        rosters, place_of = self._store.rosters, placing(self._sort, self.role_of)
        for record, _ in touched.records:
            before = self._held.pop(record.key, None)
            after = None
            if rosters.lists(self._conversation_id, record):
                after = self._held[record.key] = (record.flag, place_of(record))
            if before == after:
                continue
            if before is not None:
                gone[before[0]].append(before[1])
            if after is not None:
                come[after[0]].append(after[1])
        return gone, come
