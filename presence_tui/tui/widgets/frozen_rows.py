"""The rows of a panel at one moment, shown while paused."""

from collections.abc import Sequence
from typing import Final, Generic, Protocol, TypeVar

ROWS_KEPT: Final = 1_000
"""Rows kept above and below the visible ones. Keeping all would be a second store."""


class Keyed(Protocol):
    """A row of one participant."""

    @property
    def key(self) -> str: ...


Shown = TypeVar("Shown", bound=Keyed)


class FrozenRows(Generic[Shown]):
    """The number of rows, and the content of those from ``first`` on."""

    def __init__(self, count: int, first: int, rows: Sequence[Shown]) -> None:
        self.count = count
        self._first = first
        self._rows = rows
        self._indexes = {row.key: first + offset for offset, row in enumerate(rows)}

    def at(self, index: int) -> Shown | None:
        """The row at an index; ``None`` if not kept."""
        offset = index - self._first
        return self._rows[offset] if 0 <= offset < len(self._rows) else None

    def index_of(self, key: str) -> int | None:
        """The index of a participant; ``None`` if not kept."""
        return self._indexes.get(key)
