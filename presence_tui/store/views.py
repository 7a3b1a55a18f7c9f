"""Ordered views of a store: both panels of one conversation, or of everyone, filtered and sorted."""

from typing import TYPE_CHECKING

from sortedcontainers import SortedList

from presence_tui.domain.words import Panel
from presence_tui.store.order import OFFLINE_SECTION, Position, Sort, position
from presence_tui.store.records import Record, folded
from presence_tui.store.rosters import Counts

if TYPE_CHECKING:
    from presence_tui.store.presence_store import PresenceStore

_REBUILD_SHARE = 4
"""Above one record in so many touched at once, sorting anew is cheaper than moving each."""

_FIRST_OFFLINE: Position = (OFFLINE_SECTION, float("-inf"), "", "")


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
        self._folded_query = folded(query)
        self._order: SortedList = SortedList()
        self._positions: dict[str, Position] = {}
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
        self._folded_query = folded(self._query)
        self._conversation_id = conversation_id or self._conversation_id
        self._store.settle()
        self.rebuild()

    def count(self, panel: Panel) -> int:
        """Rows in a panel after the filter."""
        self._store.settle()
        online: int = self._order.bisect_left(_FIRST_OFFLINE)
        return online if panel is Panel.ONLINE else len(self._order) - online

    def rows(self, panel: Panel, start: int, stop: int) -> list[Record]:
        """The records at ``start <= index < stop`` of a panel; fewer where it ends."""
        self._store.settle()
        online: int = self._order.bisect_left(_FIRST_OFFLINE)
        if panel is Panel.ONLINE:
            window = self._order.islice(start, min(stop, online))
        else:
            window = self._order.islice(online + start, online + stop)
        records = self._store.participants
        return [records[place[-1]] for place in window]

    def index_of(self, key: str) -> tuple[Panel, int] | None:
        """The panel and index of a participant, or ``None`` if the view does not show them."""
        self._store.settle()
        place = self._positions.get(key)
        if place is None:
            return None
        index: int = self._order.index(place)
        if place < _FIRST_OFFLINE:
            return Panel.ONLINE, index
        return Panel.OFFLINE, index - self._order.bisect_left(_FIRST_OFFLINE)

    def role_of(self, key: str) -> str:
        """The rank of a member in the view's conversation; empty in the view of everyone."""
        return self._store.rosters.role(self._conversation_id, key)

    def close(self) -> None:
        """Stop following the store."""
        self._store.forget_view(self)

    def follow(self, touched: set[str]) -> None:
        """Called by the store alone: move the touched participants to where they belong now."""
        if len(touched) * _REBUILD_SHARE > self.counts.total:
            self.rebuild()
            return
        for key in touched:
            self._place(key)

    def rebuild(self) -> None:
        """Called by the store alone: place everyone anew."""
        members = self._store.rosters.keys(self._conversation_id)
        places = ((key, self._position_of(key)) for key in members)
        self._positions = {key: place for key, place in places if place is not None}
        self._order = SortedList(self._positions.values())

    def _place(self, key: str) -> None:
        before = self._positions.get(key)
        after = self._position_of(key)
        if before == after:
            return
        if before is not None:
            self._order.remove(before)
            del self._positions[key]
        if after is not None:
            self._order.add(after)
            self._positions[key] = after

    def _position_of(self, key: str) -> Position | None:
        record = self._store.get_user_by_id(key)
        if record is None or not self._store.rosters.lists(self._conversation_id, record):
            return None
        if self._folded_query and not self._matches(record):
            return None
        return position(record, self.role_of(key), self._sort)

    def _matches(self, record: Record) -> bool:
        return self._folded_query in record.sort_name or self._folded_query in folded(record.handle)
