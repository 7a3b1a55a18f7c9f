"""How the parts of a roster row share its width."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from rich.cells import cell_len

from presence_tui.tui.widgets.cells import fitted

LEAST_NAME_CELLS: Final = 8
_HANDLE_FROM: Final = 32
"""Cells for names from which there is a column of handles: room for most names beside most handles."""
_HANDLE_AT: Final = (17, 26)
"""First and last column at which handles may begin."""
_PLACES_OF_EVERYONE: Final = 0.55
"""Share of the places in Contacts, whose purpose they are."""
_PLACES_FROM, _PLACES_SHARE, _LEAST_PLACES, _MOST_PLACES = 64, 0.4, 24, 40
_SINCE_CELLS: Final = 20
_SINCE_NARROW_CELLS: Final = 15
"""Without room for the words of another day's date."""
_SINCE_NARROW_FROM, _SINCE_FROM, _SINCE_OF_EVERYONE_FROM = 47, 84, 92


_GAP_CELLS: Final = 4
"""Between a name that is longer than its column and the handle, so that these do not look like a column."""


class RowLayout(NamedTuple):
    """Cells of the columns between the state's glyph and its word."""

    names: int
    """Name, marks, handle and notes."""
    handle_at: int
    """Where handles begin; behind a longer name elsewhere. 0 without handles."""
    places: int
    """Conversations; 0 for none."""
    since: int
    """Since when they are or are not there; 0 for none."""


@lru_cache(maxsize=32)
def row_layout(room: int, *, is_of_everyone: bool) -> RowLayout:
    """The columns that ``room`` cells have room for: handles first, then times, then conversations.

    In a view of everyone conversations come first.
    """
    places = since = 0
    if is_of_everyone:
        since = _SINCE_CELLS if room >= _SINCE_OF_EVERYONE_FROM else 0
        places = int((room - since) * _PLACES_OF_EVERYONE)
    elif room >= _SINCE_NARROW_FROM:
        since = _SINCE_CELLS if room >= _SINCE_FROM else _SINCE_NARROW_CELLS
        if room - since >= _PLACES_FROM:
            places = max(_LEAST_PLACES, min(int((room - since) * _PLACES_SHARE), _MOST_PLACES))
    names = room - places - since
    first, last = _HANDLE_AT
    return RowLayout(
        names, max(first, min(names // 2 + 1, last)) if names >= _HANDLE_FROM else 0, places, since
    )


class NameCells(NamedTuple):
    """Texts that fill the cells for names: each begins where the one before ends."""

    name: str
    mark: str
    identity: str
    """What tells namesakes apart, or the handle."""
    notes: str


def name_cells(
    name: str, mark: str, handle: str, distinction: Sequence[str], notes: Sequence[str], layout: RowLayout
) -> NameCells:
    """Share the cells for names among these texts. Only the name is ever cut.

    One of ``distinction``, the best first, is always shown, if there are any. The handle is shown if it fits
    in its column, or behind a name that is longer. Notes are dropped, the first first, while the name would
    have less than ``LEAST_NAME_CELLS``.
    """
    mark = f" {mark}" if mark else ""
    label_cells = cell_len(name) + cell_len(mark)
    free = layout.names - _cells_of_notes(notes)
    is_told_apart = not distinction or handle == distinction[0]
    at = layout.handle_at if label_cells < layout.handle_at else label_cells + _GAP_CELLS
    if handle and layout.handle_at and is_told_apart and at + cell_len(handle) <= free:
        return _filled(name, mark, " " * (at - label_cells) + handle, notes, layout.names)
    fitting = (each for each in distinction if label_cells + 1 + cell_len(each) <= free)
    chosen = next(fitting, distinction[-1] if distinction else "")
    identity = f" {chosen}" if chosen else ""
    kept = list(notes)
    fixed_cells, least_name = cell_len(mark) + cell_len(identity), min(cell_len(name), LEAST_NAME_CELLS)
    while kept and layout.names - _cells_of_notes(kept) - fixed_cells < least_name:
        kept.pop(0)
    return _filled(name, mark, identity, kept, layout.names)


def _filled(name: str, mark: str, identity: str, notes: Sequence[str], cells: int) -> NameCells:
    text = " ".join(notes)
    room = max(0, cells - _cells_of_notes(notes) - cell_len(mark) - cell_len(identity))
    name = name if cell_len(name) <= room else fitted(name, room)
    rest = cells - sum(map(cell_len, (name, mark, identity)))
    return NameCells(name, mark, identity, " " * max(0, rest - cell_len(text)) + text)


def _cells_of_notes(notes: Sequence[str]) -> int:
    """With the space before them."""
    return sum(map(cell_len, notes)) + len(notes)
