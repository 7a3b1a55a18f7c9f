"""Numbers in large digits, readable from a distance."""

from typing import Final

_WIDTH: Final = 3
HEIGHT: Final = 5
"""Rows of a digit at scale 1."""
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
    """The rows of the number, of equal length. Needs ``cells(number, scale)`` by ``HEIGHT * scale`` cells."""
    one_pixel = _PIXEL_CELLS * scale
    rows = []
    for y in range(HEIGHT):
        digits = (_PIXELS[digit][y] for digit in str(number))
        row = (" " * one_pixel).join(
            "".join((pixel if bit == "#" else " ") * one_pixel for bit in digit) for digit in digits
        )
        rows += [row] * scale
    return rows


def cells(number: int, scale: int) -> int:
    """Width of the number in cells."""
    digits = len(str(number))
    return (digits * _WIDTH + digits - 1) * _PIXEL_CELLS * scale
