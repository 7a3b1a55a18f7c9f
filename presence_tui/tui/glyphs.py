"""The glyphs of the screen, and the whole screen in ASCII.

Each state has a glyph, a word and a colour, never only one of them.
"""

import locale
import os
import sys
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from presence_tui.domain.enums import State, Verdict


class Glyphs(NamedTuple):
    """One set of glyphs, each one cell wide."""

    states: Mapping[State, str]
    verdicts: Mapping[Verdict, str]
    link_live: str
    link_other: str
    typing: str
    came: str
    left: str
    corrected: str
    disagrees: str
    notice: str
    selected: str
    pinned: str
    rule: str
    marked: str
    unmarked: str
    bar_full: str
    bar_empty: str
    block: str


UNICODE = Glyphs(
    states={
        State.ONLINE: "●",
        State.AWAY: "◐",
        State.IDLE: "◌",
        State.OFFLINE: "○",
        State.UNKNOWN: "?",
    },
    verdicts={
        Verdict.APPLIED: "✓",
        Verdict.DUPLICATE: "=",
        Verdict.LATE: "‹",
        Verdict.MALFORMED: "✗",
        Verdict.UNKNOWN: "?",
        Verdict.REFUSED: "!",
        Verdict.STALE: "~",
        Verdict.CONTROL: "·",
        Verdict.SENT: "›",
    },
    link_live="●",
    link_other="◌",
    typing="✎",
    came="●",
    left="○",
    corrected="↻",
    disagrees="≠",
    notice="!",
    selected="▸",
    pinned="▲",
    rule="♪",
    marked="■",
    unmarked="□",
    bar_full="━",
    bar_empty="─",
    block="█",
)
ASCII = Glyphs(
    states={
        State.ONLINE: "*",
        State.AWAY: "+",
        State.IDLE: "~",
        State.OFFLINE: ".",
        State.UNKNOWN: "?",
    },
    verdicts={
        Verdict.APPLIED: "+",
        Verdict.DUPLICATE: "=",
        Verdict.LATE: "<",
        Verdict.MALFORMED: "x",
        Verdict.UNKNOWN: "?",
        Verdict.REFUSED: "!",
        Verdict.STALE: "~",
        Verdict.CONTROL: ".",
        Verdict.SENT: ">",
    },
    link_live="*",
    link_other="~",
    typing="/",
    came="*",
    left=".",
    corrected="=",
    disagrees="!",
    notice="!",
    selected=">",
    pinned="^",
    rule="!",
    marked="x",
    unmarked="-",
    bar_full="=",
    bar_empty="-",
    block="#",
)


def glyphs_for(ascii_wanted: bool, environment: Mapping[str, str] = os.environ) -> Glyphs:
    """ASCII if requested, if the terminal's encoding is not UTF-8, and on the Linux console.

    The console's fonts have 256 or 512 characters, which seldom include the glyphs of states.
    """
    if ascii_wanted or environment.get("TERM") == "linux" or not speaks_unicode():
        return ASCII
    return UNICODE


_SIGNS: Final = {
    "─━═╌┄┈╍╴╶╸╺▔▀": "-",
    "│┃║╎╏╵╷╹╻▌▐▎▏▕▊▉▋▍█▛▜▙▟": "|",
    "▁▂▃▄": "_",
    "▅▆▇": "#",
    "·–—−": "-",
    "•": "*",
    "…": "~",
    "‘’‛′": "'",
    "“”„«»″": '"',
    "←‹◀": "<",
    "→›▸▶": ">",
    "↑▲": "^",
    "↓▼": "v",
    "×": "x",
    "≤": "<",
    "≥": ">",
    "≠": "!",
    "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}": " ",
    "🔎": "> ",
}
_BY_SIGN: Final = {sign: plain for signs, plain in _SIGNS.items() for sign in signs}
_CORNERS: Final = range(0x2500, 0x2580)
"""The Unicode block of box drawing characters; those that are not lines are corners or crossings."""


class AsciiDrawing(LineFilter):
    """Replaces borders, scrollbars and signs of all widgets by ASCII characters of the same width.

    Letters stay, because a name without accents is another name. With ``whole`` they are replaced
    too, for terminals whose encoding lacks them.
    """

    def __init__(self, whole: bool) -> None:
        super().__init__()
        self._whole = whole

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment
            if segment.text.isascii() or segment.control
            else Segment(in_ascii(segment.text, self._whole), segment.style)
            for segment in segments
        ]


def speaks_unicode() -> bool:
    """True if the terminal's encoding covers Unicode."""
    # PYTHONIOENCODING takes precedence over the locale; a test's stream has no encoding.
    encoding = getattr(sys.stdout, "encoding", None) or locale.getpreferredencoding(False)
    return encoding.replace("-", "").lower() == "utf8"


@lru_cache(maxsize=4096)
def in_ascii(text: str, whole: bool) -> str:
    """Replace signs by ASCII, keeping the width in cells."""
    replaced = "".join(_character(character, whole) for character in text)
    return replaced if cell_len(replaced) == cell_len(text) else set_cell_size(replaced, cell_len(text))


def _character(character: str, whole: bool) -> str:
    if character.isascii():
        return character
    if character in _BY_SIGN:
        return _BY_SIGN[character]
    if ord(character) in _CORNERS:
        return "+"
    if not whole:
        return character
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    cells = cell_len(character)
    return plain if len(plain) == cells else "?" * cells
