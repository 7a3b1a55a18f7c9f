"""Repair JSON that a strict parser rejects, without losing the rows around the fault.

JavaScript writes a name cut in the middle of an emoji as a lone surrogate (``"\\ud83d"``).
Such text, invalid UTF-8 or an unknown escape makes msgspec reject the whole body, so that one name
would hide a roster. Here each fault becomes U+FFFD; values nested deeper than parsers allow, and numbers
out of range such as ``1e999`` or ``NaN``, become ``null``. Only bodies that failed to parse are repaired.
"""

import json
import math
import re
from collections.abc import Callable
from typing import Final, TypeVar

import msgspec

DEEPEST: Final = 64
"""Nesting that is kept; the contract needs six levels."""

_MOST_FAULTS: Final = 100_000
_MOST_BRACKETS: Final = 500_000
"""A body with more brackets is not repaired, because that would take seconds."""

_REPLACED: Final = "\\ufffd"
_TEXT_AND_FAULT: Final = re.compile(
    r"""(?P<text>(?:
        [^\\]++
        | \\["\\/bfnrt]
        | \\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}
        | \\u(?![dD][89a-fA-F])[0-9a-fA-F]{4}
    )*+)
    (?P<fault>\\(?:u[0-9a-fA-F]{4}|.)?|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_TO_BRACKET: Final = re.compile(
    r"""(?: [^"\[{\]}]++ | "(?: [^"\\]++ | \\. )*+ (?:"|\\?\Z) )*+ (?P<bracket>[\[{\]}]|\Z)""",
    re.VERBOSE | re.DOTALL,
)
"""Matches at every position, like the pattern above, so that no text takes quadratic time."""

_TO_ODD: Final = re.compile(
    r"""(?P<usual>(?:
        [^"\-0-9NI]++
        | "(?: [^"\\\x00-\x1f]++ | \\. )*+"
        | -?(?:0|[1-9][0-9]{0,14})(?![0-9.eE+\-])
    )*+)
    (?P<odd>"(?: [^"\\]++ | \\. )*+"? | -?(?:NaN|Infinity) | -?[0-9][0-9.eE+\-]*+ | [\-NI] | \Z)""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_MOST_DIGITS: Final = 300
_CONTROLS: Final = {
    code: " " if chr(code) in "\t\n\r" else "\N{REPLACEMENT CHARACTER}" for code in range(0x20)
}

Decoded = TypeVar("Decoded")


def decode_repaired(text: str | bytes, decode: Callable[[str | bytes], Decoded]) -> Decoded:
    """Decode the text or, if it is not valid JSON, the repaired text.

    Raises what ``decode`` raises: ``msgspec.DecodeError``, ``UnicodeDecodeError`` or ``RecursionError``.
    """
    try:
        return decode(text)
    except msgspec.ValidationError:
        # Usually of another shape, but this is also how a number out of range is reported.
        text = _text_of(text)
        mended = without_odd_tokens(text)
        if mended == text:
            raise
        return decode(mended)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        mended = repaired(text)
    for mend in (without_odd_tokens, without_depths):
        try:
            return decode(mended)
        except msgspec.ValidationError:
            raise
        except (msgspec.DecodeError, RecursionError):
            mended = mend(mended)
    return decode(mended)


def repaired_object(parsed: object) -> object:
    """The same for an object that Python's less strict parser has already read.

    Raises ``msgspec.ValidationError`` for values outside of JSON, such as NaN or bytes of an attachment.
    """
    try:
        return msgspec.json.decode(repaired(json.dumps(parsed, allow_nan=False)))
    except (TypeError, ValueError, RecursionError) as problem:
        raise msgspec.ValidationError(str(problem)) from problem


def repaired(text: str | bytes) -> str:
    """Replace every invalid character by U+FFFD. Well-formed parts stay unchanged."""
    text = _text_of(text)
    pieces: list[str] = []
    for found in _TEXT_AND_FAULT.finditer(text):
        pieces.append(found["text"])
        if found["fault"]:
            pieces.append(_REPLACED)
        if len(pieces) > 2 * _MOST_FAULTS:
            return text
    return "".join(pieces)


def without_odd_tokens(text: str) -> str:
    """Replace numbers that are none or out of range by ``null``, and control characters in texts."""
    pieces: list[str] = []
    for found in _TO_ODD.finditer(text):
        pieces += (found["usual"], _usual(found["odd"]))
        if len(pieces) > 2 * _MOST_FAULTS:
            return text
    return "".join(pieces)


def without_depths(text: str) -> str:
    """Replace lists and objects nested deeper than ``DEEPEST`` by ``null``."""
    pieces: list[str] = []
    depth = start = 0
    for number, found in enumerate(_TO_BRACKET.finditer(text)):
        if number > _MOST_BRACKETS:
            return text
        bracket = found["bracket"]
        if bracket in ("[", "{"):
            depth += 1
            if depth == DEEPEST + 1:
                pieces += (text[start : found.start("bracket")], "null")
        elif bracket:
            if depth == DEEPEST + 1:
                start = found.end()
            depth -= 1
    return "".join((*pieces, text[start:])) if depth <= DEEPEST else text


def _text_of(text: str | bytes) -> str:
    if isinstance(text, bytes):
        # A byte order mark is no JSON, but browsers skip it.
        return text.decode(errors="replace").removeprefix("\N{BYTE ORDER MARK}")
    return text


def _usual(odd: str) -> str:
    if not odd or odd[0] == '"':
        return odd.translate(_CONTROLS)
    is_number = len(odd) <= _MOST_DIGITS and _NUMBER.fullmatch(odd) and math.isfinite(float(odd))
    return odd if is_number else "null"
