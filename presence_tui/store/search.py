"""Applies a filter in steps, so that input stays responsive."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from sortedcontainers import SortedList

from presence_tui.store.records import Record
from presence_tui.store.sort_keys import Section

if TYPE_CHECKING:
    from presence_tui.store.filtered_order import FilteredOrder

KEYS_PER_STEP: Final = 1_000
"""Order keys per step: a millisecond or two."""


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
