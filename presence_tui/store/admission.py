"""Applies the roster bound: participants already held, and others while there is room."""

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

Row = TypeVar("Row")


def admitted(
    rows: Sequence[Row], key_of: Callable[[Row], str], held: Collection[str], most: int
) -> Sequence[Row]:
    """The rows, in their order, of those held, and of others until ``most`` would be held."""
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
