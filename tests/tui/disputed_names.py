"""Names whose width terminals measure differently, and a comparison of screen cells with the expected
ones.
"""

from collections.abc import Iterator, Sequence

from rich.cells import get_character_cell_size
from textual.strip import Strip

from presence_tui.tui.disputed_width import positioned

DISPUTED_NAMES = [
    "अनन्या शर्मा",
    "क्षि I deva",
    "မြို့တော် Aung",
    "தமிழ்ச்செல்வி",
    "ខ្មែរ សុខា",
    "สมชาย ใจดี",
    "👍🏽 Q skin",
    "👨🏿🚀 S",
    "👩👩👧👦 family",
    "🇫🇷🇩🇪 flags",
    "Zoe\u0301\u0323 Marks",
    "क्षि स्त्री " * 8,
    "🚀" * 40,
]
PLAIN_NAMES = ["Ada Okafor", "Bo Chen", "Chloé Bérenger", "佐藤 花", "한국어 이름", "Łukasz Żak", "Юлия"]

Cells = Sequence[Sequence[str]]
"""Rows of a terminal; a cell is its text, empty after a wide one."""


def misplaced(cells: Cells, strips: Sequence[Strip]) -> list[tuple[int, int, str, str]]:
    """Column, row, actual and expected text of all wrong cells outside a disputed text."""
    return [
        (x, y, cell, wanted)
        for y, (row, strip) in enumerate(zip(cells, strips, strict=True))
        for x, wanted in _agreed_cells(strip)
        if (cell := row[x]) != wanted
    ]


def _agreed_cells(strip: Strip) -> Iterator[tuple[int, str]]:
    # The compositor may cut a line within a name, at the edges of the widgets behind it.
    spans = positioned(strip.simplify(), 0).spans
    x = 0
    for character in strip.text:
        cells = get_character_cell_size(character)
        # The next text may have cut off a wide character in the middle.
        if cells and not any(span.start <= x < span.end for span in spans):
            yield from enumerate([character, ""][:cells], x)
        x += cells
