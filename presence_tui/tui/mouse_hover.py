"""Reports where the mouse rests, not every cell it passes.

A terminal reports every cell the mouse moves over, up to some hundred a second, and for each one Textual
looks up the widget and its style. That matters only where the mouse comes to rest.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from textual import events
from textual.message import Message

REST_S: Final = 0.08
"""The mouse rests after not moving for this long."""


class MouseHover:
    """Holds the last move without a button until the mouse rests or clicks."""

    def __init__(self) -> None:
        self._move: events.MouseMove | None = None
        self._moved_s = 0.0

    @property
    def due_s(self) -> float | None:
        """When a held move is due, or ``None`` if there is none."""
        return None if self._move is None else self._moved_s + REST_S

    def hand_on(self, messages: Iterable[Message], now_s: float) -> Iterator[Message]:
        """The messages without moves, except the one that is due."""
        for message in messages:
            if isinstance(message, events.MouseMove) and not message.button:
                self._move, self._moved_s = message, now_s
                continue
            if isinstance(message, events.MouseEvent):
                yield from self._release()
            yield message
        if self.due_s is not None and now_s >= self.due_s:
            yield from self._release()

    def _release(self) -> Iterator[Message]:
        move, self._move = self._move, None
        if move is not None:
            yield move
