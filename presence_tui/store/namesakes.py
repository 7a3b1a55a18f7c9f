"""Participants who share a shown name, and what tells them apart."""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Mapping
from typing import Final, NamedTuple

from sortedcontainers import SortedList

from presence_tui.store.records import Record

LEAST_ID_CHARS: Final = 4
"""With fewer, nearly every namesake who joins would change what the others are told apart by."""
_FEW: Final = 64
"""Up to so many, a plain list takes less memory and no more time than a sorted one."""


class Distinction(NamedTuple):
    """What tells a participant from all others of the same shown name."""

    handle: str
    """Empty if they have none of their own."""
    id_end: str
    """The end of the presence key, as long as no other ends like it."""


class Namesakes:
    """Presence keys by shown name. O(1) for a unique name, O(log n) for one of n participants."""

    def __init__(self, records: Mapping[str, Record]) -> None:
        self._records = records
        self._by_name: dict[str, str | _Group] = {}
        """A presence key where the name is unique, because there may be a million of them."""

    def add(self, record: Record) -> None:
        """Add a participant under their current name and handle."""
        name, key = record.shown_name, record.key
        held = self._by_name.setdefault(name, key)
        if held is key:
            return
        if isinstance(held, str):
            group = self._by_name[name] = _Group()
            group.add(self._records[held])
        else:
            group = held
        group.add(record)

    def remove(self, record: Record) -> None:
        """Remove a participant, whose name and handle are those of ``add``."""
        held = self._by_name[record.shown_name]
        if isinstance(held, str):
            del self._by_name[record.shown_name]
            return
        held.remove(record)
        if len(held) == 1:
            self._by_name[record.shown_name] = held.first_key

    def distinction(self, record: Record) -> Distinction | None:
        """What tells a participant from their namesakes; ``None`` if they have none."""
        held = self._by_name.get(record.shown_name)
        return None if held is None or isinstance(held, str) else held.distinction(record)

    def clear(self) -> None:
        """Forget everyone."""
        self._by_name.clear()


class _Group:
    """Several participants with one shown name."""

    __slots__ = ("_handles", "_reversed_keys")

    def __init__(self) -> None:
        self._reversed_keys: list[str] | SortedList = []
        """In order, so that the keys with the longest common end are neighbours."""
        self._handles: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._reversed_keys)

    @property
    def first_key(self) -> str:
        key: str = self._reversed_keys[0]
        return key[::-1]

    def add(self, record: Record) -> None:
        self._handles[record.handle] += 1
        keys = self._reversed_keys
        if isinstance(keys, SortedList):
            keys.add(record.key[::-1])
            return
        insort(keys, record.key[::-1])
        if len(keys) > _FEW:
            self._reversed_keys = SortedList(keys)

    def remove(self, record: Record) -> None:
        self._handles[record.handle] -= 1
        if not self._handles[record.handle]:
            del self._handles[record.handle]
        del self._reversed_keys[self._index(record.key)]

    def distinction(self, record: Record) -> Distinction:
        is_own = bool(record.handle) and self._handles[record.handle] == 1
        return Distinction(record.handle if is_own else "", self._id_end(record.key))

    def _id_end(self, key: str) -> str:
        keys, index, reversed_key, chars = self._reversed_keys, self._index(key), key[::-1], LEAST_ID_CHARS
        neighbours = [keys[at] for at in (index - 1, index + 1) if 0 <= at < len(keys)]
        while chars < len(key) and any(each.startswith(reversed_key[:chars]) for each in neighbours):
            chars += 1
        return key[-chars:]

    def _index(self, key: str) -> int:
        keys = self._reversed_keys
        return keys.bisect_left(key[::-1]) if isinstance(keys, SortedList) else bisect_left(keys, key[::-1])
