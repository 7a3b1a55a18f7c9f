"""Write text of disputed width so that nothing after it moves.

Terminals count cells of Devanagari, Burmese, Tamil, Khmer, skin tones and many emoji differently: by
code point or by cluster, and by different versions of Unicode. No single count fits all of them.
So a field with such text is written as blanks first, then the cursor goes back to the column of
the field, then the text, then the cursor goes to the column of what follows. A terminal that counts fewer
cells shows blanks behind the text; in one that counts more, what follows overwrites the end of it.

A field is a run of words with single spaces between them, within one segment: its words stay together.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import ControlType, Segment
from rich.style import Style

from presence_tui.text.language import restored

_AGREED: Final = (
    r"\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u0482"
    r"\u048a-\u052f\u05d0-\u05ea\u0620-\u064a\u0660-\u066f\u0671-\u06d3\u1e00-\u1eff\u1f00-\u1f15"
    r"\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2100-\u214f\u2190-\u21ff\u2200-\u22ff\u2400-\u2426"
    r"\u2500-\u25fc\u2800-\u28ff\u3001-\u3020\u3041-\u3096\u309b-\u30ff\u3105-\u312d\u3131-\u3163"
    r"\u3400-\u4db5\u4e00-\u9fa5\uac00-\ud7a3\uf900-\ufa2d\uff01-\uff60\uff61-\uff9d\uffe0-\uffe6\ufffd"
)
"""Characters of undisputed width. All others count as disputed until measured."""
_USUAL: Final = re.compile(r"[\x20-\x7e\xa0-\xac\xae-\u024f\u2010-\u2027\u2190-\u21ff\u2500-\u25fc]*")
"""Some of them: what the screen is drawn with before the first names arrive."""
_PIECE: Final = re.compile(r" +|[^ ]+(?: [^ ]+)*")
_WIDE: Final = "WFA"


class Span(NamedTuple):
    """A range of columns from zero; ``end`` is exclusive."""

    start: int
    end: int

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Positioned:
    """Segments with the cursor positioned around each field of disputed width."""

    segments: list[Segment]
    spans: list[Span]
    """Columns that each such field may occupy in some terminal."""
    start: int
    end: int
    """The column after the segments."""
    reach: int
    """The column after the last cell that may have been written; may exceed ``end``."""


class _Piece(NamedTuple):
    text: str
    style: Style | None
    cells: int

    @property
    def is_blank(self) -> bool:
        return self.text.isspace()


def is_disputed(text: str) -> bool:
    """True if terminals may count different cells for the text."""
    return not text.isascii() and _has_disputed(text)


def any_disputed(segments: Iterable[Segment]) -> bool:
    """True if any segment must be positioned."""
    # Not a generator expression, which is slower: called for every painted line.
    for text, _, _ in segments:  # noqa: SIM110
        if not text.isascii() and _has_disputed(text):
            return True
    return False


def positioned(segments: Iterable[Segment], x: int) -> Positioned:
    """Position the segments of a line that begins at column ``x``; the cursor ends after them."""
    pieces = [piece for segment in segments for piece in _pieces(segment)]
    written: list[Segment] = []
    spans: list[Span] = []
    start_of_line = reach = x
    index = 0
    while index < len(pieces):
        piece = pieces[index]
        index += 1
        if not is_disputed(piece.text):
            written.append(Segment(piece.text, piece.style))
            x += piece.cells
            continue
        start = x
        written.append(Segment(" " * piece.cells, piece.style))
        x += piece.cells
        # Trailing blanks go before the text, which may need them in a terminal that counts more cells.
        blanks: list[_Piece] = []
        while index < len(pieces) and pieces[index].is_blank:
            blanks.append(pieces[index])
            written.append(Segment(pieces[index].text, pieces[index].style))
            x += pieces[index].cells
            index += 1
        written += [_to_column(start), Segment(piece.text, piece.style)]
        # All but the last blank, so that text never touches what follows.
        written += [_to_column(x - 1), Segment(" ", blanks[-1].style)] if blanks else [_to_column(x)]
        most = start + _most_cells(piece.text)
        # The text is ended by what follows in the line. At the end of the line it may extend further.
        spans.append(Span(start, min(most, x) if index < len(pieces) or most < x else x + 1))
        reach = max(reach, most)
    return Positioned(written, spans, start_of_line, x, reach)


class DisputedSpans:
    """Columns of text of disputed width on the terminal, by row."""

    def __init__(self) -> None:
        self._by_row: dict[int, list[Span]] = {}

    def __contains__(self, y: object) -> bool:
        return y in self._by_row

    def clear(self) -> None:
        self._by_row.clear()

    def widened(self, y: int, columns: Span) -> Span:
        """Extend the columns to include all disputed text that they would paint partially."""
        start, end = columns
        for span in sorted(self._by_row.get(y, ())):
            # Each may overlap the next one, so they are processed from the left.
            if span.overlaps(Span(start, end)):
                start, end = min(start, span.start), max(end, span.end)
        return columns if (start, end) == columns else self.widened(y, Span(start, end))

    def replace(self, y: int, columns: Span, spans: Iterable[Span]) -> None:
        """Record that columns were painted, with disputed text in ``spans``."""
        rest = [span for span in self._by_row.get(y, ()) if not span.overlaps(columns)]
        if found := [*rest, *spans]:
            self._by_row[y] = found
        else:
            self._by_row.pop(y, None)


def print_in_columns(console: Console, table: RenderableType) -> None:
    """Print a table with aligned columns in every terminal. Its texts may be ``solid``."""
    # Uncropped, because Rich would count both the blanks and the text over them. The lines fit already.
    console.print(_InColumns(table), crop=False)


class _InColumns:
    def __init__(self, table: RenderableType) -> None:
        self._table = table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if not console.is_terminal or console.is_dumb_terminal:
            yield self._table
            return
        for rendered in console.render_lines(self._table, options, pad=False):
            line = [Segment(restored(text), style, control) for text, style, control in rendered]
            yield from _printed(line, options.max_width) if any_disputed(line) else line
            yield Segment.line()


def _printed(line: list[Segment], width: int) -> list[Segment]:
    found = positioned(line, 0)
    if found.reach <= width:
        return found.segments
    # Turn off wrapping for text that a terminal counts beyond its edge.
    return [_mode("\x1b[?7l"), *found.segments, _mode("\x1b[?7h")]


def _pieces(segment: Segment) -> Iterable[_Piece]:
    text, style, _ = segment
    if segment.control:
        return []
    return [_Piece(piece, style, cells) for piece, cells in _split(text)]


@lru_cache(maxsize=4_096)
def _split(text: str) -> list[tuple[str, int]]:
    """Fields and the blanks around them, with their cells."""
    return [(piece, cell_len(piece)) for piece in _PIECE.findall(text)]


@lru_cache(maxsize=16_384)
def _has_disputed(text: str) -> bool:
    return _USUAL.fullmatch(text) is None and _disputed().search(text) is not None


@lru_cache(maxsize=1)
def _disputed() -> re.Pattern[str]:
    # Slow to compile, so the first paint does without it.
    return re.compile(f"[^{_AGREED}]")


@lru_cache(maxsize=4_096)
def _most_cells(text: str) -> int:
    """Upper limit of cells in any terminal: each character singly at its widest."""
    return max(cell_len(text), sum(map(_widest, text)))


def _widest(character: str) -> int:
    is_symbol = unicodedata.category(character).startswith("S") and not character.isascii()
    return 2 if is_symbol or unicodedata.east_asian_width(character) in _WIDE else 1


def _to_column(x: int) -> Segment:
    return Segment(f"\x1b[{x + 1}G", None, [(ControlType.CURSOR_MOVE_TO_COLUMN, x)])


def _mode(sequence: str) -> Segment:
    # Rich has no names for these modes; with any control it writes them unchanged and counts no cells.
    return Segment(sequence, None, [(ControlType.HOME,)])
