"""Redirects keys and pastes that arrived together with the key that opened the input they are for.

Textual sends each key to the widget with the focus, and looks for commands when the key bubbles up.
If ``/okafor`` arrives at once, as over a slow connection, the panel gets all letters before ``/`` has moved
the focus to the input; then they are neither commands nor text.
"""

from collections import deque
from typing import Final

from textual import events
from textual.widget import Widget
from textual.widgets import Input

from presence_tui.tui.widgets.secret_input import SecretInput

Typed = events.Key | events.Paste

_REMEMBERED: Final = 200
"""Maximum keys in progress."""


class TypedAhead:
    """Remembers which widget got each key, until it bubbles up."""

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
