"""The rows of a panel as they were at one moment, for as long as the drawing is paused."""

from collections.abc import Sequence
from typing import Final, Generic, Protocol, TypeVar

ROWS_KEPT: Final = 1_000
"""Above and below those in sight. All of a larger panel would be a second store."""


class Keyed(Protocol):
    """Whatever shows one participant."""

    @property
    def key(self) -> str: ...


Shown = TypeVar("Shown", bound=Keyed)


class FrozenRows(Generic[Shown]):
    """So many rows there were, of which those from ``first`` on are known."""

    def __init__(self, count: int, first: int, rows: Sequence[Shown]) -> None:
        self.count = count
        self._first = first
        self._rows = rows
        self._indexes = {row.key: first + offset for offset, row in enumerate(rows)}

    def at(self, index: int) -> Shown | None:
        """The row there; ``None`` where it is not known."""
        offset = index - self._first
        return self._rows[offset] if 0 <= offset < len(self._rows) else None

    def index_of(self, key: str) -> int | None:
        """Where a participant stood, as far as that is known."""
        return self._indexes.get(key)
