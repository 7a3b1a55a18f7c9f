"""Sanitizes external text. Everything passes ``safe_text`` before it is displayed.

Terminals interpret control bytes. ESC in a name can set the window title or the clipboard, a bidi control can
make one name read as another, a zero-width character can make two names look alike, and stacked combining
marks overwrite the lines above. ``safe_text`` removes all of these.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rich.cells import cell_len, get_character_cell_size

NAME_CELLS: Final = 80
"""Maximum width of a title, role or other short text, in terminal cells."""
LONGEST_NAME_CELLS: Final = 240
"""Maximum width of a participant's name when read; a setting limits it further."""
MESSAGE_CELLS: Final = 400
"""Maximum width of an error message, in terminal cells."""
ID_CHARS: Final = 255
"""Maximum length of an id (wire contract, section 1.6)."""

ELLIPSIS: Final = "…"
REPLACEMENT: Final = "\ufffd"
_MARKS_PER_CHARACTER: Final = 2
_CELLLESS_PER_CHARACTER: Final = 6
"""Maximum zero-width characters, such as marks and vowels; Burmese syllables have up to five."""
_NUKTA_AND_VIRAMA: Final = (7, 9)
"""Combining classes of marks that are part of a letter, such as the dot below in Burmese."""
_RAW_CHARS_PER_CELL: Final = 8
_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u180b\u180c\u180d\u180f")
"""Characters other than controls that draw nothing: fillers, a joiner, a blank Braille cell."""


def safe_text(text: str, cells: int = NAME_CELLS) -> str:
    """Return the text as it may be shown: visible, one line, NFC, at most ``cells`` terminal cells wide.

    Control characters become their pictures (``␛`` for ESC), white space and line separators become
    single spaces, invisible and direction-changing characters vanish, what cannot be drawn becomes
    ``�``, and what is too long ends in ``…``. The result may be empty.
    """
    if text.isascii() and text.isprintable() and len(text) <= cells and "  " not in text:
        return text.strip()
    # Limit the length first, so that a hostile megabyte costs no more than the longest text kept.
    bound = cells * _RAW_CHARS_PER_CELL
    return _made_safe(text[:bound], cells, len(text) > bound)


def safe_name(text: str) -> str:
    """Sanitize the name or handle of a participant."""
    return safe_text(text, LONGEST_NAME_CELLS)


def safe_names(texts: Sequence[str]) -> Sequence[str]:
    """Sanitize many names, with one check for all if they are plain, as nearly all are."""
    return texts if _are_plain(texts, LONGEST_NAME_CELLS) else [safe_name(text) for text in texts]


@lru_cache(maxsize=4_096)
def name_within(text: str, cells: int) -> tuple[str, int]:
    """Cut a safe name to so many cells, with ``…`` at the end, and return its full width too."""
    return _cut(text, cells, False), cell_len(text)


def is_cut_of(cut: str, name: str) -> bool:
    """True if ``cut`` is ``name`` cut by ``name_within``."""
    return cut.endswith(ELLIPSIS) and name.startswith(cut[: -len(ELLIPSIS)])


def is_safe_id(text: str) -> bool:
    """True for an id that can be used unchanged: 1 to 255 characters and equal to its ``safe_text``.

    An id with U+FFFD lost a character, and would identify another participant.
    """
    if not 0 < len(text) <= ID_CHARS or REPLACEMENT in text:
        return False
    # Nearly every id consists of letters and digits, which is checked three times as fast.
    return (text.isascii() and text.isalnum()) or text == safe_text(text, ID_CHARS * 2)


def are_safe_ids(texts: Sequence[str]) -> bool:
    """True if all of these are safe ids."""
    joined = "".join(texts)
    if joined.isascii() and joined.isalnum() and all(texts) and max(map(len, texts)) <= ID_CHARS:
        return True
    return all(map(is_safe_id, texts))


def cell_width(character: str) -> int:
    """Width of a safe character: 0, 1 or 2 cells, as the screen counts.

    Safe text has no joiners or variation selectors, so its width is the sum of its characters' widths.
    """
    return get_character_cell_size(character)


def _are_plain(texts: Sequence[str], cells: int) -> bool:
    """True only if ``safe_text`` changes none of these; may be false for a text with "|"."""
    joined = "|".join(texts)
    if not (joined.isascii() and joined.isprintable()) or max(map(len, texts), default=0) > cells:
        return False
    begins_or_ends_in_space = joined[:1] == " " or joined[-1:] == " " or " |" in joined or "| " in joined
    return not begins_or_ends_in_space and "  " not in joined


@lru_cache(maxsize=4_096)
def _made_safe(text: str, cells: int, clipped: bool) -> str:
    drawn = "".join(map(_drawable, unicodedata.normalize("NFC", text)))
    # Again, because a removed character may have separated a character from its mark.
    visible = unicodedata.normalize("NFC", " ".join(drawn.split()))
    return _cut(_without_mark_piles(visible), cells, clipped)


def _drawable(character: str) -> str:
    if " " < character < "\x7f":
        return character
    category = unicodedata.category(character)
    if category in ("Zs", "Zl", "Zp") or character in "\t\n\v\f\r\x85":
        return " "
    if category == "Cc":
        return _picture(character)
    if category == "Cf" or character in _INVISIBLE or _is_variation_selector(character):
        return ""
    return REPLACEMENT if category in ("Cs", "Co", "Cn") else character


def _picture(control: str) -> str:
    code = ord(control)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else REPLACEMENT


def _is_variation_selector(character: str) -> bool:
    # Terminals disagree on the width of the modified characters; without selectors it is the same everywhere.
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _without_mark_piles(text: str) -> str:
    safe: list[str] = []
    marks = cellless = 0
    for character in text:
        cellless = cellless + 1 if cell_width(character) == 0 else 0
        marks = marks + _piles_up(character) if cellless else 0
        if marks <= _MARKS_PER_CHARACTER and cellless <= _CELLLESS_PER_CHARACTER:
            safe.append(character)
    return "".join(safe)


def _piles_up(character: str) -> bool:
    """True for a mark above or below a letter; others stand beside it, although they have zero width."""
    is_mark = unicodedata.category(character) in ("Mn", "Me")
    return is_mark and unicodedata.combining(character) not in _NUKTA_AND_VIRAMA


def _cut(text: str, cells: int, clipped: bool) -> str:
    used = 0
    for index, character in enumerate(text):
        used += cell_width(character)
        if used > cells:
            return _ending_in_ellipsis(text[:index], cells)
    return _ending_in_ellipsis(text, cells) if clipped else text


def _ending_in_ellipsis(text: str, cells: int) -> str:
    width = cell_len(text)
    while text and width > cells - 1:
        width -= cell_width(text[-1])
        text = text[:-1]
    return text.rstrip() + ELLIPSIS
