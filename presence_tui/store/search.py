"""A filter over everybody in turns, so that a key need not wait for the end of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from sortedcontainers import SortedList

from presence_tui.store.records import Record
from presence_tui.store.sections import Section

if TYPE_CHECKING:
    from presence_tui.store.views import RosterIndex

PLACES_A_TURN: Final = 1_000
"""Looked at before the clock is asked again: a millisecond or two."""


class Search:
    """Made by ``RosterIndex.search``. Whatever happens meanwhile is looked at again at the end."""

    def __init__(self, view: "RosterIndex", among: Mapping[Section, SortedList]) -> None:
        self._view = view
        self._among = among
        self._left = [shelf for shelf, order in among.items() if order] if view.filter else []
        self._last: str | None = None
        """The last place of the current shelf that was looked at: no copy is needed to go on from there."""
        self._found: dict[Section, list[str]] = {shelf: [] for shelf in among}
        self._touched: dict[str, Record] = {}
        self._gone: defaultdict[Section, set[str]] = defaultdict(set)

    @property
    def is_over(self) -> bool:
        """True once the view shows what was found, or is looked through for something else."""
        return not self._view.is_searched_by(self)

    def advance(self, places: int = PLACES_A_TURN) -> bool:
        """Look at so many more; true if the search is over."""
        if self.is_over:
            return True
        if self._left:
            self._look_at(self._left[-1], places)
        if not self._left:
            self._end()
        return not self._left

    def finish(self) -> None:
        """Look at everybody who is left, at once."""
        while not self.advance():
            pass

    def note(self, records: Iterable[Record], gone: Mapping[Section, list[str]]) -> None:
        """Called by the view alone: of these something is new, and these places are void."""
        self._touched.update((record.key, record) for record in records)
        for shelf, places in gone.items():
            self._gone[shelf].update(places)

    def _look_at(self, shelf: Section, places: int) -> None:
        order = self._among[shelf]
        start = 0 if self._last is None else order.bisect_right(self._last)
        some = order[start : start + places]
        self._found[shelf] += self._view.let_through(some)
        self._last = some[-1] if len(some) == places else None
        if self._last is None:
            self._left.pop()

    def _end(self) -> None:
        for shelf, gone in self._gone.items():
            self._found[shelf] = [place for place in self._found[shelf] if place not in gone]
        self._view.take(self._found, self._touched.values())
