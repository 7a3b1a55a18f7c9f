"""Layout of the wallboard: a count in large digits, departures, online and offline participants.

Few participants get wide columns with empty rows between them, many get narrow ones: no space is left
unused while rows could be larger, and no participant is cut off while there is space.
"""

from dataclasses import dataclass
from typing import Final

_DIGIT_WIDTH: Final = 3
DIGIT_ROWS: Final = 5
"""Rows of a large digit at scale 1."""
_PIXELS: Final = {
    "0": ("###", "# #", "# #", "# #", "###"),
    "1": (" # ", "## ", " # ", " # ", "###"),
    "2": ("###", "  #", "###", "#  ", "###"),
    "3": ("###", "  #", " ##", "  #", "###"),
    "4": ("# #", "# #", "###", "  #", "  #"),
    "5": ("###", "#  ", "###", "  #", "###"),
    "6": ("###", "#  ", "###", "# #", "###"),
    "7": ("###", "  #", "  #", " # ", " # "),
    "8": ("###", "# #", "###", "# #", "###"),
    "9": ("###", "# #", "###", "  #", "###"),
}
_PIXEL_CELLS: Final = 2
"""A terminal cell is about twice as high as wide."""


def digit_rows(number: int, scale: int, pixel: str = "█") -> list[str]:
    """The number in digits readable from a distance: ``DIGIT_ROWS * scale`` rows of ``digit_cells`` each."""
    one_pixel = _PIXEL_CELLS * scale
    rows = []
    for y in range(DIGIT_ROWS):
        digits = (_PIXELS[digit][y] for digit in str(number))
        row = (" " * one_pixel).join(
            "".join((pixel if bit == "#" else " ") * one_pixel for bit in digit) for digit in digits
        )
        rows += [row] * scale
    return rows


def digit_cells(number: int, scale: int) -> int:
    """Width of the number in cells."""
    digits = len(str(number))
    return (digits * _DIGIT_WIDTH + digits - 1) * _PIXEL_CELLS * scale


_SIZES: Final = ((46, 3), (46, 2), (38, 2), (31, 2), (25, 2), (38, 1), (31, 1), (25, 1))
"""Columns per participant, and distance between rows; the largest first."""
_QUIET_CELL_WIDTH: Final = 28
_DIGITS_FROM: Final = (16, 50)
"""Minimum rows and columns for the count in large digits."""
_LARGER_DIGITS_FROM: Final = (34, 110)
"""The same for digits of double size, if participants still have empty rows between them."""
_BESIDE_FROM: Final = 90
"""Minimum columns to place departures beside the count, not below it."""
_COUNT_TEXT_CELLS: Final = 26
"""Width of the words beside the digits."""
_LEAST_OFFLINE_ROWS: Final = 3
"""A heading and two rows."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid filled row by row. In rows and columns of the wall, from zero."""

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
        """Column and row of the wall for the participant at ``index``."""
        return self.x + index % self.columns * self.cell_width, self.y + index // self.columns * self.spacing


@dataclass(frozen=True, slots=True)
class WallLayout:
    """Position of each part. A grid without rows is not drawn, nor is its heading in the row above."""

    digit_scale: int
    """0 for a count in words only."""
    online: Grid
    left: Grid
    offline: Grid


def wall_layout(width: int, height: int, *, online: int, left: int, offline: int) -> WallLayout:
    """The layout of ``width`` by ``height`` cells for these numbers of participants."""
    larger = _layout(2, width, height, online, left, offline)
    if larger is not None and larger.online.spacing > 1:
        return larger
    small = _layout(1, width, height, online, left, offline) or _layout(
        0, width, height, online, left, offline
    )
    assert small is not None, "words always fit"
    return small


def _layout(scale: int, width: int, height: int, online: int, left: int, offline: int) -> WallLayout | None:
    """The layout with a count of this scale; ``None`` if it does not fit."""
    if scale and not _digits_fit(scale, width, height, online):
        return None
    band = DIGIT_ROWS * scale or 1
    y = min(height, band + 1)
    if scale and width >= _BESIDE_FROM:
        x = max(digit_cells(online, scale) + 2 + _COUNT_TEXT_CELLS, width // 3)
        left_grid = _grid(x, 1, width - x, left, band - 1)
    else:
        rows = 3 if height >= _DIGITS_FROM[0] else 1
        left_grid = _grid(0, y + 1, width, left, rows if height - y > 2 * rows + 1 else 0)
        y += left_grid.rows + 2 if left_grid.rows else 0
    reserved = min(_LEAST_OFFLINE_ROWS + 1 if offline else 0, max(0, (height - y) // 3))
    online_grid = _online_grid(y, width, max(0, height - y - reserved), online)
    below = y + online_grid.rows * online_grid.spacing
    # A heading, and an empty row above it unless the rows above end with one.
    top = below + (2 if online_grid.spacing == 1 and online_grid.rows else 1)
    return WallLayout(scale, online_grid, left_grid, _grid(0, top, width, offline, height - top))


def _digits_fit(scale: int, width: int, height: int, online: int) -> bool:
    rows, columns = _LARGER_DIGITS_FROM if scale > 1 else _DIGITS_FROM
    return height >= rows and width >= max(columns, digit_cells(online, scale) + _COUNT_TEXT_CELLS)


def _online_grid(y: int, width: int, height: int, count: int) -> Grid:
    for cell_width, spacing in _SIZES:
        columns = max(1, width // cell_width)
        rows = -(-count // columns)
        if rows * spacing <= height:
            return Grid(0, y, width, columns, rows, spacing)
    columns = max(1, width // _SIZES[-1][0])
    return Grid(0, y, width, columns, height)


def _grid(x: int, y: int, width: int, count: int, height: int) -> Grid:
    """Departures or offline participants, with empty rows between them if all fit."""
    columns = max(1, width // _QUIET_CELL_WIDTH)
    rows = -(-count // columns)
    spacing = 2 if rows * 2 <= height else 1
    return Grid(x, y, width, columns, max(0, min(height, rows)), spacing)
