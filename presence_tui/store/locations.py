"""Where each member of a conversation stands in an index: section and order key."""

from collections import defaultdict
from collections.abc import Iterable

from sortedcontainers import SortedList

from presence_tui.domain.enums import Panel
from presence_tui.store.index_registry import Touched
from presence_tui.store.indexed_store import IndexedStore
from presence_tui.store.records import Record
from presence_tui.store.rosters import is_listed
from presence_tui.store.sort_keys import (
    LISTED,
    Section,
    Sort,
    order_key_function,
    presence_key_in,
    section_of,
)

OrderKeys = dict[Section, list[str]]
Moves = tuple[OrderKeys, OrderKeys]
"""Removed and added order keys by section."""


class Locations:
    """Locations for one conversation, or everyone, in one sort order.

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
