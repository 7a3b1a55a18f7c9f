"""Keys and pastes that arrived together with the key that opened the line they are meant for.

Textual hands each key to whatever has the focus when it arrives, and looks for commands when it comes back.
Of ``/okafor`` in one go, as over a slow line, the panel is handed all letters before ``/`` has moved the
focus; and in front of the line of text that has it by then, they are neither commands nor text.
"""

from collections import deque
from typing import Final

from textual import events
from textual.widget import Widget
from textual.widgets import Input

Typed = events.Key | events.Paste

_REMEMBERED: Final = 200
"""Keys on their way at most; more are typed by nobody."""


class TypedAhead:
    """Knows to whom each key was handed, until it comes back."""

    def __init__(self) -> None:
        self._handed: deque[tuple[Typed, Widget | None]] = deque(maxlen=_REMEMBERED)

    def hand(self, key: Typed, focused: Widget | None) -> None:
        """The key goes to what has the focus now."""
        self._handed.append((key, focused))

    def is_astray(self, key: Typed, focused: Widget | None) -> bool:
        """True of a key that has come back, if a line of text has the focus by now which has not seen it."""
        while self._handed:
            handed, to = self._handed.popleft()
            if handed is key:
                return isinstance(focused, Input) and focused is not to
        return False
