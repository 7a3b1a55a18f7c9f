"""Hands on where the mouse rests, not each cell that it passes.

A terminal reports every cell the mouse moves over, up to some hundred a second, and for each of them Textual
asks what is there and what it looks like. What is under the mouse matters once the mouse has come to rest.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from textual import events
from textual.message import Message

REST_S: Final = 0.08
"""The mouse rests if it has not moved for this long."""


class MouseHover:
    """Holds the last move without a button back until the mouse rests, or does something."""

    def __init__(self) -> None:
        self._move: events.MouseMove | None = None
        self._moved_s = 0.0

    @property
    def due_s(self) -> float | None:
        """When a move that is held back is to be handed on, or ``None`` while there is none."""
        return None if self._move is None else self._moved_s + REST_S

    def hand_on(self, messages: Iterable[Message], now_s: float) -> Iterator[Message]:
        """The messages without moves, but for the one that is due."""
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
