"""Make a picture that Rich exported look the same in every viewer, whatever fonts it has.

Box-drawing and block characters become paths: as text they show gaps in most fonts. Text is as wide as its
cells: Rich gives it the width of its number of characters, so wide characters overlap. Nothing is downloaded.
"""

import re
from collections.abc import Callable
from html import escape, unescape
from itertools import groupby
from typing import Final, NamedTuple

from rich.cells import cell_len

CELL_WIDTH: Final = 12.2
"""Metrics of Rich's SVG export, in pixels."""
CELL_HEIGHT: Final = 24.4
_TOP_TO_BASELINE: Final = 18.5
_RADIUS: Final = 6.0
_WEIGHTS: Final = {"━": 2.4}
_WEIGHT: Final = 1.4
_NO_BREAK_SPACE: Final = "\N{NO-BREAK SPACE}"
_BLANK: Final = "&#160;"
"""Viewers drop or join plain blanks."""

_BLOCKS: Final = {
    # Left, top, right and bottom, as fractions of a cell.
    "█": (0, 0, 1, 1),
    "▌": (0, 0, 0.5, 1),
    "▐": (0.5, 0, 1, 1),
    "▀": (0, 0, 1, 0.5),
    "▔": (0, 0, 1, 0.125),
    "▕": (0.875, 0, 1, 1),
    **{character: (0, 1 - eighths / 8, 1, 1) for eighths, character in enumerate("▁▂▃▄▅▆▇", 1)},
    **{character: (0, 0, eighths / 8, 1) for eighths, character in enumerate("▏▎▍", 1)},
    **{character: (0, 0, eighths / 8, 1) for eighths, character in enumerate("▋▊▉", 5)},
}
_LINES: Final = "─━│╭╮╰╯├┤┬┴┼┌┐└┘"
_DRAWN: Final = frozenset(_LINES) | set(_BLOCKS)
_FONTS: Final = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
_FONT_FACE: Final = re.compile(r"@font-face\s*\{[^}]*\}\s*")
_TEXT: Final = re.compile(
    r'<text class="(?P<style>[\w-]+-r\d+)" x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)" textLength="[\d.]+"'
    r"(?P<rest>[^>]*)>(?P<said>[^<]*)</text>\n?"
)
_COLOUR: Final = re.compile(r"\.(?P<style>[\w-]+-r\d+) \{ fill: (?P<colour>#\w+)")


class _Cell(NamedTuple):
    """A character and the x coordinate of its left edge, in pixels."""

    character: str
    x: float


def self_contained(picture: str) -> str:
    """The picture with frames as paths, text as wide as its cells, and no font to download.

    ``picture`` is an SVG exported by Rich.
    """
    picture = _FONT_FACE.sub("", picture).replace("Fira Code, monospace", _FONTS)
    colours = {found["style"]: found["colour"] for found in _COLOUR.finditer(picture)}
    return _TEXT.sub(lambda text: _redrawn(text, colours[text["style"]]), picture)


def _redrawn(text: re.Match[str], colour: str) -> str:
    said, x, y = unescape(text["said"]).replace(_NO_BREAK_SPACE, " "), float(text["x"]), float(text["y"])
    cells = [_Cell(each, x + cell_len(said[:at]) * CELL_WIDTH) for at, each in enumerate(said)]
    drawn = []
    for kind, run in groupby(cells, key=_kind()):
        if kind in _DRAWN:
            drawn.append(_shape(kind, [cell.x for cell in run], y - _TOP_TO_BASELINE, colour))
        else:
            drawn.append(_written(list(run), text))
    return "".join(drawn)


def _kind() -> Callable[[_Cell], str]:
    """What is drawn together: equal frames, narrow characters, wide characters with their joiners."""
    last = ""

    def kind(cell: _Cell) -> str:
        nonlocal last
        if cell.character in _DRAWN:
            last = cell.character
        elif (cells := cell_len(cell.character)) or last in _DRAWN:
            last = "wide" if cells > 1 else "narrow"
        return last

    return kind


def _written(run: list[_Cell], text: re.Match[str]) -> str:
    """Characters as text. A viewer spreads the letters of an element evenly over its width."""
    said = "".join(cell.character for cell in run)
    word = said.strip()
    if not word:
        return ""
    x = run[len(said) - len(said.lstrip())].x
    shown = escape(word, quote=False).replace(" ", _BLANK)
    return (
        f'<text class="{text["style"]}" x="{x:.1f}" y="{text["y"]}" '
        f'textLength="{cell_len(word) * CELL_WIDTH:.1f}"{text["rest"]}>{shown}</text>\n'
    )


def _shape(character: str, columns: list[float], top: float, colour: str) -> str:
    """A path for the same character in adjacent columns."""
    left, right = columns[0], columns[-1] + CELL_WIDTH
    if character in _BLOCKS:
        from_x, from_y, to_x, to_y = _BLOCKS[character]
        if from_x == 0 and to_x == 1:
            columns = [left]
            to_x = (right - left) / CELL_WIDTH
        return "".join(
            f'<rect fill="{colour}" x="{x + from_x * CELL_WIDTH:.1f}" y="{top + from_y * CELL_HEIGHT:.1f}" '
            f'width="{(to_x - from_x) * CELL_WIDTH:.1f}" height="{(to_y - from_y) * CELL_HEIGHT:.2f}" '
            'shape-rendering="crispEdges"/>\n'
            for x in columns
        )
    middle_y = top + CELL_HEIGHT / 2
    if character in "─━":
        path = f"M{left:.1f} {middle_y:.1f}H{right:.1f}"
    else:
        path = "".join(_strokes(character, x + CELL_WIDTH / 2, middle_y) for x in columns)
    weight = _WEIGHTS.get(character, _WEIGHT)
    return f'<path fill="none" stroke="{colour}" stroke-width="{weight}" d="{path}"/>\n'


def _strokes(character: str, x: float, y: float) -> str:
    """Path segments of one box-drawing character."""
    left, right = x - CELL_WIDTH / 2, x + CELL_WIDTH / 2
    above, below = y - CELL_HEIGHT / 2, y + CELL_HEIGHT / 2
    radius = _RADIUS if character in "╭╮╰╯" else 0.0
    ends = {"╭": (right, below), "╮": (left, below), "╰": (right, above), "╯": (left, above)}
    ends |= {"┌": (right, below), "┐": (left, below), "└": (right, above), "┘": (left, above)}
    if character in ends:
        to_x, to_y = ends[character]
        bend_x, bend_y = x + radius * (1 if to_x > x else -1), y + radius * (1 if to_y > y else -1)
        return f"M{to_x:.1f} {y:.1f}H{bend_x:.1f}Q{x:.1f} {y:.1f} {x:.1f} {bend_y:.1f}V{to_y:.1f}"
    upright = f"M{x:.1f} {above if character != '┬' else y:.1f}V{below if character != '┴' else y:.1f}"
    if character == "│":
        return upright
    from_x, to_x = (x if character == "├" else left), (x if character == "┤" else right)
    return f"{upright}M{from_x:.1f} {y:.1f}H{to_x:.1f}"
