"""How a wallboard shares its room: a large count, who left, who is online, and who is offline in the rest.

Few people get wide columns with empty rows between them, many get narrow ones: nothing of the room is left
unused while somebody could be shown larger, and nobody is cut while there is room.
"""

from dataclasses import dataclass
from typing import Final

from presence_tui.tui import block_digits

_SIZES: Final = ((46, 3), (46, 2), (38, 2), (31, 2), (25, 2), (38, 1), (31, 1), (25, 1))
"""Columns a participant takes, and rows from one to the one below; the largest first."""
_QUIET_CELL_WIDTH: Final = 28
_DIGITS_FROM: Final = (16, 50)
"""Rows and columns from which the count is drawn in large digits."""
_LARGER_DIGITS_FROM: Final = (34, 110)
"""The same for digits twice as large, as long as there is an empty row between participants all the same."""
_BESIDE_FROM: Final = 90
"""Columns from which those who left stand beside the count, not below it."""
_COUNT_TEXT_CELLS: Final = 26
"""Of the words beside the digits."""
_LEAST_OFFLINE_ROWS: Final = 3
"""A heading and two rows."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Participants in columns, filled row by row. In rows and columns of the wall, from zero."""

    x: int
    y: int
    width: int
    columns: int
    rows: int
    spacing: int = 1

    @property
    def capacity(self) -> int:
        return self.columns * self.rows

    @property
    def cell_width(self) -> int:
        return self.width // self.columns if self.columns else 0

    def place(self, index: int) -> tuple[int, int]:
        """Column and row of the wall where the participant at ``index`` is drawn."""
        return self.x + index % self.columns * self.cell_width, self.y + index // self.columns * self.spacing


@dataclass(frozen=True, slots=True)
class WallLayout:
    """Where each part is. A grid without rows is not drawn, nor its heading, which is in the row above it."""

    digit_scale: int
    """0: the count is said in words only."""
    online: Grid
    left: Grid
    offline: Grid


def wall_layout(width: int, height: int, *, online: int, left: int, offline: int) -> WallLayout:
    """The layout for so many participants in a room of ``width`` by ``height`` cells."""
    larger = _layout(2, width, height, online, left, offline)
    if larger is not None and larger.online.spacing > 1:
        return larger
    small = _layout(1, width, height, online, left, offline) or _layout(
        0, width, height, online, left, offline
    )
    assert small is not None, "words always fit"
    return small


def _layout(scale: int, width: int, height: int, online: int, left: int, offline: int) -> WallLayout | None:
    """The layout with a count of this scale; ``None`` where that does not fit."""
    if scale and not _digits_fit(scale, width, height, online):
        return None
    band = block_digits.HEIGHT * scale or 1
    y = min(height, band + 1)
    if scale and width >= _BESIDE_FROM:
        x = max(block_digits.cells(online, scale) + 2 + _COUNT_TEXT_CELLS, width // 3)
        left_grid = _grid(x, 1, width - x, left, band - 1)
    else:
        rows = 3 if height >= _DIGITS_FROM[0] else 1
        left_grid = _grid(0, y + 1, width, left, rows if height - y > 2 * rows + 1 else 0)
        y += left_grid.rows + 2 if left_grid.rows else 0
    reserved = min(_LEAST_OFFLINE_ROWS + 1 if offline else 0, max(0, (height - y) // 3))
    online_grid = _online_grid(y, width, max(0, height - y - reserved), online)
    below = y + online_grid.rows * online_grid.spacing
    # A heading, and an empty row above it where the rows above leave none.
    top = below + (2 if online_grid.spacing == 1 and online_grid.rows else 1)
    return WallLayout(scale, online_grid, left_grid, _grid(0, top, width, offline, height - top))


def _digits_fit(scale: int, width: int, height: int, online: int) -> bool:
    rows, columns = _LARGER_DIGITS_FROM if scale > 1 else _DIGITS_FROM
    return height >= rows and width >= max(columns, block_digits.cells(online, scale) + _COUNT_TEXT_CELLS)


def _online_grid(y: int, width: int, height: int, count: int) -> Grid:
    for cell_width, spacing in _SIZES:
        columns = max(1, width // cell_width)
        rows = -(-count // columns)
        if rows * spacing <= height:
            return Grid(0, y, width, columns, rows, spacing)
    columns = max(1, width // _SIZES[-1][0])
    return Grid(0, y, width, columns, height)


def _grid(x: int, y: int, width: int, count: int, height: int) -> Grid:
    """Those who left or are offline: with an empty row between them where all of them fit so."""
    columns = max(1, width // _QUIET_CELL_WIDTH)
    rows = -(-count // columns)
    spacing = 2 if rows * 2 <= height else 1
    return Grid(x, y, width, columns, max(0, min(height, rows)), spacing)
