"""Split a terminal's input into text, complete escape sequences and pastes.

Textual's parser reads bytes of a bracketed paste as keys, waits for the rest of sequences it does not
know, and passes it on as text. Here each sequence ends as defined by ECMA-48, known
or not, and everything up to ``ESC[201~`` is one paste. The result does not depend on how bytes are
split over reads, only on the pauses between them.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import Final, NamedTuple

SILENCE_S: Final = 1.0
"""A paste or sequence without its end for this long is cut off."""
CTRL_C_S: Final = 0.1
"""After ctrl+c at the end of an unfinished paste, this pause makes it the key. Pasted text continues
sooner.
"""
PASTE_BYTES: Final = 65_536
"""Maximum bytes kept of a paste; the rest is dropped."""
FIELD_CHARACTERS: Final = 1_000
"""Maximum characters of a pasted line for an input."""
SEQUENCE_BYTES: Final = 256
"""Maximum bytes kept of a sequence; known ones are shorter."""

_ESC: Final = b"\x1b"
_PASTE_BEGIN: Final = b"\x1b[200~"
_PASTE_END: Final = b"\x1b[201~"
_TAIL_BYTES: Final = 32
"""The last bytes of a paste, which may be the start of its end marker, or ctrl+c."""

_CTRL_C: Final = re.compile(rb"(?:\x03|\x1b\[99[0-9:]*;(?P<modifiers>\d{1,3})(?::[12])?u|\x1b\[27;5;99~)\Z")
_CTRL_BIT: Final = 4

_UTF8_CHARACTER: Final = rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
_WHOLE: Final = re.compile(
    rb"""
      \x1b \[ M [\x20-\xff]{3}                      # a mouse report of the first kind: three raw bytes
    | \x1b \[ \[ [A-Z]                              # a function key of the Linux console
    | \x1b \[ \d{1,2} \$                            # a shifted key of rxvt, which has no final byte
    | \x1b \[ (?![M\[]) [0-?]* [\ -/]* [@-~]        # CSI
    | \x1b O [0-9;]* [@-~]                          # SS3
    | \x1b [\]P_^X] [^\x00-\x1f]* (?: \x07 | \x1b\\ )  # OSC, DCS, APC, PM and SOS: answers of the terminal
    | \x1b [^\x1b\[O\]P_^X\x80-\xff]                # alt and a key
    | \x1b (?: """
    + _UTF8_CHARACTER
    + rb""" )
    """,
    re.VERBOSE | re.DOTALL,
)
_BEGUN: Final = re.compile(
    rb"""
    \x1b (?:
      \[ (?: M [\x20-\xff]{0,2} | \[ | [0-?]* [\ -/]* )
    | O [0-9;]*
    | [\]P_^X] [^\x00-\x1f]* \x1b?
    | [\xc2-\xf4] [\x80-\xbf]{0,2}
    )?
    """,
    re.VERBOSE | re.DOTALL,
)
_AMBIGUOUS: Final = re.compile(rb"\x1b[\[O\]P_^X]?")
"""The start of a sequence that may also be esc, or alt and a key."""


class Text(NamedTuple):
    """Characters, each one a key."""

    text: str


class Sequence(NamedTuple):
    """One complete escape sequence; also esc alone, and alt with a key."""

    text: str


class Paste(NamedTuple):
    """Pasted text, prepared for an input: one printable line of limited length."""

    text: str


Part = Text | Sequence | Paste


class InputSplitter:
    """Splits the input of one terminal.

    Pass read bytes to ``feed``. If none arrive until ``due_s``, ``expire`` returns what the bytes so far
    mean. Times are seconds of any monotonic clock.
    """

    def __init__(self, escape_s: float) -> None:
        """``escape_s`` is how long to wait after esc for the rest of a sequence."""
        self._escape_s = escape_s
        self._last_s = 0.0
        self._begun = b""
        """The start of an unfinished sequence."""
        self._paste: _OpenPaste | None = None
        # Invalid UTF-8 has no meaning for inputs or commands.
        self._decoder = getincrementaldecoder("utf-8")("ignore")

    @property
    def due_s(self) -> float | None:
        """When to call ``expire``, or ``None`` if nothing is pending."""
        if self._paste is not None:
            return self._last_s + (CTRL_C_S if self._paste.ends_in_ctrl_c else SILENCE_S)
        if self._begun:
            return self._last_s + (self._escape_s if _AMBIGUOUS.fullmatch(self._begun) else SILENCE_S)
        return None

    def feed(self, arrived: bytes, now_s: float) -> list[Part]:
        """The parts completed by these bytes."""
        self._last_s = now_s
        return list(self._split(arrived))

    def expire(self, now_s: float) -> list[Part]:
        """The pending bytes as parts, if their rest has not arrived in time."""
        if self.due_s is None or now_s < self.due_s:
            return []
        if self._paste is not None:
            paste, self._paste = self._paste, None
            return [*_pasted(paste.content), *([Text("\x03")] if paste.ends_in_ctrl_c else [])]
        begun, self._begun = self._begun, b""
        return list(_cut_short(begun))

    def _split(self, arrived: bytes) -> Iterator[Part]:
        rest, self._begun = self._begun + arrived, b""
        while rest:
            if self._paste is not None:
                rest = self._paste.take(rest)
                if self._paste.has_ended:
                    yield from _pasted(self._paste.content)
                    self._paste = None
            elif not rest.startswith(_ESC):
                text, escape, after = rest.partition(_ESC)
                rest = escape + after
                if characters := self._decoder.decode(text, final=bool(escape)):
                    yield Text(characters)
            elif whole := _WHOLE.match(rest):
                rest = rest[whole.end() :]
                self._decoder.reset()
                if whole.group() == _PASTE_BEGIN:
                    self._paste = _OpenPaste()
                elif whole.group() != _PASTE_END:
                    yield Sequence(_bounded(whole.group()).decode("utf-8", "replace"))
            else:
                self._decoder.reset()
                begun = _beginning(rest)
                if len(begun) == len(rest):
                    self._begun = _bounded(begun)
                    return
                # Another sequence begins before this one is complete.
                if len(begun) > 1:
                    begun = begun.removesuffix(_ESC)
                yield from _cut_short(begun)
                rest = rest[len(begun) :]


class _OpenPaste:
    """A paste without its end so far."""

    def __init__(self) -> None:
        self.has_ended = False
        self._kept = bytearray()
        self._tail = b""

    @property
    def content(self) -> bytes:
        """The pasted bytes, up to the limit, without a final ctrl+c."""
        tail = self._tail if self.has_ended else self._tail[: _ctrl_c_at(self._tail)]
        return bytes(self._kept + tail)[:PASTE_BYTES]

    @property
    def ends_in_ctrl_c(self) -> bool:
        return _ctrl_c_at(self._tail) < len(self._tail)

    def take(self, arrived: bytes) -> bytes:
        """Add bytes, and return those after the end of the paste."""
        arrived = self._tail + arrived
        content, end, after = arrived.partition(_PASTE_END)
        self.has_ended = bool(end)
        whole = len(content) if end else max(0, len(content) - _TAIL_BYTES)
        self._kept += content[: min(whole, PASTE_BYTES - len(self._kept))]
        self._tail = content[whole:]
        return after


def _ctrl_c_at(content: bytes) -> int:
    """Index of a final ctrl+c; the length if there is none."""
    found = _CTRL_C.search(content)
    if found is None or (found["modifiers"] and not int(found["modifiers"]) - 1 & _CTRL_BIT):
        return len(content)
    return found.start()


def _pasted(content: bytes) -> Iterator[Paste]:
    """The first line with printable text."""
    for line in content.decode("utf-8", "ignore").splitlines():
        printable = "".join(map(_printable, line[: FIELD_CHARACTERS * 4]))[:FIELD_CHARACTERS]
        if not printable.isspace() and printable:
            yield Paste(printable)
            return


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else ""


def _beginning(escaped: bytes) -> bytes:
    """The longest start of one sequence; at least esc."""
    begun = _BEGUN.match(escaped)
    return begun.group() if begun else _ESC


def _cut_short(begun: bytes) -> Iterator[Sequence]:
    """Esc, or alt and a key, if the unfinished sequence may mean that."""
    if _AMBIGUOUS.fullmatch(begun):
        yield Sequence(begun.decode("ascii"))


def _bounded(sequence: bytes) -> bytes:
    # The last byte shows whether the sequence is complete.
    return sequence if len(sequence) <= SEQUENCE_BYTES else sequence[: SEQUENCE_BYTES - 1] + sequence[-1:]
