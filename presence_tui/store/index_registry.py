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
    """Every open view, and who stands at the top of their panels. ``note_touched`` is told of keys."""

    def __init__(
        self, register: ParticipantTable, clock: Clock, note_touched: Callable[[Iterable[str]], None]
    ) -> None:
        self.uncounted: dict[str, Record] = {}
        """Whom the store touched since everybody was counted; for the store to add to."""
        self.pins: set[str] = set()
        """Keys of those at the top. To be read."""
        self._register = register
        self._clock = clock
        self._note_touched = note_touched
        self._views: list[OrderedIndex] = []
        self._unplaced: list[Record] = []
        """Those whom the views know as they were."""
        self._flags_before: dict[str, bool | None] = {}
        """By presence key, in the same order: the flag by which the views know them."""

    def add(self, view: OrderedIndex) -> None:
        """Keep a view in order that is in order now."""
        self._views.append(view)

    def forget(self, view: OrderedIndex) -> None:
        """Keep a view no more; one that is not kept is no error."""
        if view in self._views:
            self._views.remove(view)

    def keep_again(self, view: OrderedIndex) -> None:
        """Put a forgotten view in order, and keep it so."""
        if view not in self._views:
            self.settle()
            self._views.append(view)
            view.rebuild()

    def pin(self, keys: Iterable[str], pinned: bool) -> None:
        """Put these at the top of their panel, or back where they belong; known or not."""
        self.settle()
        moved = [key for key in dict.fromkeys(keys) if (key in self.pins) is not pinned]
        self.pins.symmetric_difference_update(moved)
        known = self._register.records
        records = [known[key] for key in moved if key in known]
        for view in self._views:
            view.follow_pins(records)

    def count(self) -> None:
        """Count whoever was touched. Cheaper than to settle, and enough for who asks how many."""
        if self.uncounted:
            touched, self.uncounted = self.uncounted, {}
            self._note_touched(touched)
            if self._views:
                self._note_unplaced(touched)
            self._register.rosters.recount(touched.values(), self._clock.stamp().wall_s)

    def _note_unplaced(self, touched: Mapping[str, Record]) -> None:
        unplaced, flags_before = self._unplaced, self._flags_before
        for key, record in touched.items():
            if key not in flags_before:
                flags_before[key] = record.counted_flag
                unplaced.append(record)

    def settle(self) -> None:
        """Count whoever was touched, and move each to the right place in every view."""
        self.count()
        if self._unplaced or not self._views:
            # Also where there is no view: the next one begins with how everything is then.
            rosters = self._register.rosters
            touched = Touched(
                self._unplaced,
                self._flags_before.values(),
                self._register.take_renamed(),
                rosters.take_moved(),
                rosters.take_counted(),
            )
            self._unplaced, self._flags_before = [], {}
            for view in self._views:
                view.follow(touched)

    def clear(self) -> None:
        """Nobody is known any more."""
        self.uncounted.clear()
        self._unplaced.clear()
        self._flags_before.clear()
        for view in self._views:
            view.rebuild()
