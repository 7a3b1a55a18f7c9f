"""Applies the roster limit: known participants, and new ones while there is room."""

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

Row = TypeVar("Row")


def admitted(
    rows: Sequence[Row], key_of: Callable[[Row], str], held: Collection[str], most: int
) -> Sequence[Row]:
    """Return the rows of held keys, in order, and of others until ``most`` keys would be held."""
    room = most - len(held)
    if len(rows) <= room:
        return rows
    newcomers: set[str] = set()
    found: list[Row] = []
    for row in rows:
        key = key_of(row)
        if key not in held and key not in newcomers:
            if len(newcomers) >= room:
                continue
            newcomers.add(key)
        found.append(row)
    return found
