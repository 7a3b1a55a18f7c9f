"""The views of a store, kept in order: whoever was touched is counted and placed when somebody reads.

Not at each event: who moves ten times between two frames is placed once.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from presence_tui.store.clock import Clock
from presence_tui.store.participant_table import ParticipantTable
from presence_tui.store.records import Record
from presence_tui.store.views import Touched


class OrderedIndex(Protocol):
    """What is kept in order: a view of participants, or the conversations."""

    def follow(self, touched: Touched) -> None:
        """Something is new of these."""

    def follow_pins(self, records: Iterable[Record]) -> None:
        """These were pinned just now, or are pinned no more."""

    def rebuild(self) -> None:
        """Everything may be new."""


class IndexRegistry:
    """Every open view, and who stands at the top of their panels. ``on_touched`` receives their keys."""

    def __init__(
        self, table: ParticipantTable, clock: Clock, on_touched: Callable[[Iterable[str]], None]
    ) -> None:
        self.uncounted: dict[str, Record] = {}
        """Whom the store touched since everybody was counted; for the store to add to."""
        self.pins: set[str] = set()
        """Keys of those at the top. To be read."""
        self._table = table
        self._clock = clock
        self._on_touched = on_touched
        self._indexes: list[OrderedIndex] = []
        self._unindexed: list[Record] = []
        """Those whom the views know as they were."""
        self._flags_before: dict[str, bool | None] = {}
        """By presence key, in the same order: the flag by which the views know them."""

    def add(self, index: OrderedIndex) -> None:
        """Keep a view in order that is in order now."""
        self._indexes.append(index)

    def remove(self, index: OrderedIndex) -> None:
        """Keep a view no more; one that is not kept is no error."""
        if index in self._indexes:
            self._indexes.remove(index)

    def reopen(self, index: OrderedIndex) -> None:
        """Put a forgotten view in order, and keep it so."""
        if index not in self._indexes:
            self.reindex()
            self._indexes.append(index)
            index.rebuild()

    def pin(self, keys: Iterable[str], pinned: bool) -> None:
        """Put these at the top of their panel, or back where they belong; known or not."""
        self.reindex()
        moved = [key for key in dict.fromkeys(keys) if (key in self.pins) is not pinned]
        self.pins.symmetric_difference_update(moved)
        known = self._table.records
        records = [known[key] for key in moved if key in known]
        for index in self._indexes:
            index.follow_pins(records)

    def count(self) -> None:
        """Count whoever was touched. Cheaper than to settle, and enough for who asks how many."""
        if self.uncounted:
            touched, self.uncounted = self.uncounted, {}
            self._on_touched(touched)
            if self._indexes:
                self._queue_for_reindex(touched)
            self._table.rosters.recount(touched.values(), self._clock.stamp().wall_s)

    def _queue_for_reindex(self, touched: Mapping[str, Record]) -> None:
        unindexed, flags_before = self._unindexed, self._flags_before
        for key, record in touched.items():
            if key not in flags_before:
                flags_before[key] = record.counted_flag
                unindexed.append(record)

    def reindex(self) -> None:
        """Count whoever was touched, and move each to the right place in every view."""
        self.count()
        if self._unindexed or not self._indexes:
            # Also where there is no view: the next one begins with how everything is then.
            rosters = self._table.rosters
            touched = Touched(
                self._unindexed,
                self._flags_before.values(),
                self._table.drain_renamed(),
                rosters.drain_moved(),
                rosters.drain_counted(),
            )
            self._unindexed, self._flags_before = [], {}
            for index in self._indexes:
                index.follow(touched)

    def clear(self) -> None:
        """Nobody is known any more."""
        self.uncounted.clear()
        self._unindexed.clear()
        self._flags_before.clear()
        for index in self._indexes:
            index.rebuild()
