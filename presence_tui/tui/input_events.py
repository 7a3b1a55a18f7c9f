"""Convert parts of terminal input to Textual's events: keys, mouse, pastes, reports.

Textual's parser gets text and one complete sequence at a time, and returns events. A
sequence that is unknown or makes it fail is dropped together with the parser's state.

``TypedAhead`` finds keys and pastes that Textual hands to the wrong widget.
"""

import logging
import re
from collections import deque
from collections.abc import Iterator
from typing import Final

from textual import events
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from presence_tui.tui.terminal_input import Part, Paste, Sequence, Text
from presence_tui.tui.terminal_reports import reported_background
from presence_tui.tui.textual_internals import new_parser
from presence_tui.tui.widgets.secret_input import SecretInput

logger = logging.getLogger(__name__)

_LONGEST: Final = 32
"""Textual reads a longer sequence as keys."""
_ALT_AND_KEY: Final = 2
_MOST_CELLS: Final = 10_000
_LAST_CHARACTER: Final = 0x10FFFF
_RELEASED: Final = "3"
_SHIFT: Final = "2"

_MEANT_FOR_TEXTUAL: Final = "[O"
"""CSI and SS3. Textual would read string replies of the terminal, such as its colours, as keys."""

_MOUSE: Final = re.compile(r"\x1b\[<\d{1,4};-?\d{1,6};-?\d{1,6}[Mm]")
_SIZE: Final = re.compile(r"\x1b\[48;(\d+)(?::\d*)*;(\d+)(?::\d*)*;(\d+)(?::\d*)*;(\d+)(?::\d*)*t")
_KEY: Final = re.compile(
    r"\x1b\[(?P<code>\d{1,7})(?::(?P<shifted>\d{0,7}))?(?::\d{0,7})?"
    r"(?:;(?P<modifiers>\d{0,3})(?::(?P<event>\d?))?(?:;(?P<text>[\d:]*))?)?(?P<end>[u~A-FHPQS])"
)
"""A key of the kitty keyboard protocol, with all optional fields."""


class InputTranslator:
    """Converts parts of one terminal's input to events."""

    def __init__(self) -> None:
        self._parser = new_parser()

    def events(self, part: Part) -> Iterator[Message]:
        """The events of one part; none if it is unknown."""
        if isinstance(part, Paste):
            yield events.Paste(part.text)
        elif isinstance(part, Text):
            yield from self._parsed(part.text)
        elif (background := reported_background(part.text)) is not None:
            yield background
        elif _MOUSE.fullmatch(part.text):
            mouse = self._parser.parse_mouse_code(part.text)
            if mouse is not None:
                yield mouse
        else:
            yield from self._sequence(part)

    def _sequence(self, sequence: Sequence) -> Iterator[Message]:
        for text in _as_textual_knows_it(sequence.text):
            found = self._parsed(text)
            if not found and len(text) <= _ALT_AND_KEY:
                # At the end of input the parser reads esc as a key, and esc before a key as alt.
                found = self._parsed("")
            yield from found
            if not found or len(text) <= _ALT_AND_KEY:
                self._renew()

    def _parsed(self, text: str) -> list[Message]:
        try:
            return list(self._parser.feed(text))
        except Exception:
            # Unknown input must not end the app. The text is not logged, because it may be part of a
            # password.
            logger.debug("Textual's parser failed on %d characters", len(text), exc_info=True)
            self._renew()
            return []

    def _renew(self) -> None:
        """Replace the parser by a new one with the same state of mouse and terminal."""
        last, self._parser = self._parser, new_parser()
        self._parser.last_x, self._parser.last_y = last.last_x, last.last_y
        self._parser.mouse_pixels = last.mouse_pixels
        self._parser.terminal_size = last.terminal_size
        self._parser.terminal_pixel_size = last.terminal_pixel_size


def _as_textual_knows_it(sequence: str) -> list[str]:
    """The sequence without fields that Textual fails on; several, if it stands for several characters."""
    if size := _SIZE.fullmatch(sequence):
        return [sequence] if all(0 < int(each) <= _MOST_CELLS for each in size.groups()) else []
    if len(sequence) > _ALT_AND_KEY and sequence[1] not in _MEANT_FOR_TEXTUAL:
        return []
    if len(sequence) > _ALT_AND_KEY and (key := _KEY.fullmatch(sequence)):
        return _key(key)
    if sequence.startswith("\x1b[") and sequence.endswith("u"):
        return []
    return [sequence] if len(sequence) <= _LONGEST else []


def _key(report: re.Match[str]) -> list[str]:
    code, shifted, modifiers, event, text, end = (
        report[name] or "" for name in ("code", "shifted", "modifiers", "event", "text", "end")
    )
    if event == _RELEASED or not _is_character(code):
        return []
    if not text and shifted and modifiers == _SHIFT:
        text = shifted
    characters = [each for each in text.split(":") if _is_character(each) and chr(int(each)).isprintable()]
    if not modifiers and not characters:
        return [f"\x1b[{code}{end}"]
    modified = f"\x1b[{code};{modifiers}"
    return [f"{modified};{character}{end}" for character in characters] or [f"{modified}{end}"]


def _is_character(code: str) -> bool:
    return bool(code) and int(code) <= _LAST_CHARACTER and not 0xD800 <= int(code) <= 0xDFFF


Typed = events.Key | events.Paste

_REMEMBERED: Final = 200
"""Maximum keys in progress."""


class TypedAhead:
    """Remembers which widget got each key, until it bubbles up.

    Textual sends each key to the widget with the focus, and looks for commands when the key bubbles up.
    If ``/okafor`` arrives at once, as over a slow connection, the panel gets all letters before ``/`` has
    moved the focus to the input; then they are neither commands nor text.
    """

    def __init__(self) -> None:
        self._handed: deque[tuple[Typed, Widget | None]] = deque(maxlen=_REMEMBERED)

    def hand(self, key: Typed, focused: Widget | None) -> None:
        """Record that the focused widget gets the key, unless it is part of a secret."""
        if not isinstance(focused, SecretInput):
            self._handed.append((key, focused))

    def forget(self) -> None:
        """Forget all keys and widgets."""
        self._handed.clear()

    def is_astray(self, key: Typed, focused: Widget | None) -> bool:
        """True for a key that bubbled up if an input has the focus now and has not received it."""
        while self._handed:
            handed, to = self._handed.popleft()
            if handed is key:
                return isinstance(focused, Input) and focused is not to
        return False


def once_more(event: Typed) -> Typed:
    """A copy of the event, to send to the widget that has the focus now."""
    return (
        events.Paste(event.text)
        if isinstance(event, events.Paste)
        else events.Key(event.key, event.character)
    )
