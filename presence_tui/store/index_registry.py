"""Keeps the open indexes of a store in order.

Touched participants are counted and reindexed on read, not at each event: a participant that moves ten times
between two frames is reindexed once.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from presence_tui.store.clock import Clock
from presence_tui.store.participant_table import ParticipantTable
from presence_tui.store.records import Record


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


class OrderedIndex(Protocol):
    """An index of participants or of conversations."""

    def follow(self, touched: Touched) -> None:
        """Update the index for changed participants."""

    def follow_pins(self, records: Iterable[Record]) -> None:
        """Update the index for changed pins."""

    def rebuild(self) -> None:
        """Rebuild the index."""


class IndexRegistry:
    """The open indexes and the pins. ``on_touched`` receives the keys of touched participants."""

    def __init__(
        self, table: ParticipantTable, clock: Clock, on_touched: Callable[[Iterable[str]], None]
    ) -> None:
        self.uncounted: dict[str, Record] = {}
        """Participants touched since the last count. The store adds to it."""
        self.pins: set[str] = set()
        """Pinned presence keys. Read-only."""
        self._table = table
        self._clock = clock
        self._on_touched = on_touched
        self._indexes: list[OrderedIndex] = []
        self._unindexed: list[Record] = []
        """Participants whose changes the indexes have not applied."""
        self._listed_before: dict[str, bool | None] = {}
        """By presence key, in the same order: where the views know them to be listed."""

    def add(self, index: OrderedIndex) -> None:
        """Register an index that is in order."""
        self._indexes.append(index)

    def remove(self, index: OrderedIndex) -> None:
        """Unregister an index. Does nothing if it is not registered."""
        if index in self._indexes:
            self._indexes.remove(index)

    def reopen(self, index: OrderedIndex) -> None:
        """Rebuild a closed index and register it again."""
        if index not in self._indexes:
            self.reindex()
            self._indexes.append(index)
            index.rebuild()

    def pin(self, keys: Iterable[str], pinned: bool = True) -> None:
        """Pin these keys to the top of their panel, or unpin them. Unknown keys are allowed."""
        self.reindex()
        moved = [key for key in dict.fromkeys(keys) if (key in self.pins) is not pinned]
        self.pins.symmetric_difference_update(moved)
        known = self._table.records
        records = [known[key] for key in moved if key in known]
        for index in self._indexes:
            index.follow_pins(records)

    def count(self, *, by_rule: bool = False) -> None:
        """Count touched participants. Cheaper than ``reindex``, and enough for counts.

        ``by_rule`` is true if nobody came or left since the last count: another rule lists them.
        """
        if self.uncounted:
            touched, self.uncounted = self.uncounted, {}
            self._on_touched(touched)
            if self._indexes:
                self._queue_for_reindex(touched)
            self._table.rosters.recount(touched.values(), None if by_rule else self._clock.stamp().wall_s)

    def _queue_for_reindex(self, touched: Mapping[str, Record]) -> None:
        unindexed, listed_before = self._unindexed, self._listed_before
        for key, record in touched.items():
            if key not in listed_before:
                listed_before[key] = record.counted
                unindexed.append(record)

    def reindex(self) -> None:
        """Count touched participants and move each within every index."""
        self.count()
        if self._unindexed or not self._indexes:
            # Also without an index: the next one starts from the current state.
            rosters = self._table.rosters
            touched = Touched(
                self._unindexed,
                self._listed_before.values(),
                self._table.drain_renamed(),
                rosters.drain_moved(),
                rosters.drain_counted(),
            )
            self._unindexed, self._listed_before = [], {}
            for index in self._indexes:
                index.follow(touched)

    def clear(self) -> None:
        """Reset after the store was cleared."""
        self.uncounted.clear()
        self._unindexed.clear()
        self._listed_before.clear()
        for index in self._indexes:
            index.rebuild()
