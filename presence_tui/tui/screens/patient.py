"""Screens that paint at once, and wait for their terminal.

Why the one: Textual paints what changed at the next tick of a timer, up to a sixtieth of a second later.

Why the other: Textual hands frames to a thread that writes them, through a queue of bounded length. A
terminal that drains slowly (an SSH line) fills it, and then the whole event loop waits for the line: keys,
socket and all. A patient screen leaves what changed unpainted while a frame still waits to be
written, and paints it all in one once it is. It looks at inner parts of Textual; where these are gone, it
paints like any other.
"""

import asyncio
from typing import Final, TypeVar

from textual.app import App
from textual.screen import Screen

Answered = TypeVar("Answered")
"""What a screen answers when it is dismissed."""

WRITES_WAITING: Final = 1
"""What may wait to be written before a terminal is behind: nothing, because a key's answer comes after it."""


class Patient(Screen[Answered]):
    """To be derived from; behind ``ModalScreen``, whose styles go by the first base."""

    def paint_soon(self) -> None:
        """Paint what has changed by the next turn of the loop, without waiting for the timer."""
        asyncio.get_running_loop().call_soon(self._on_timer_update)

    def _on_timer_update(self) -> None:
        # Without the library's part nothing is taken off its lists, and its timer comes again.
        if self.is_running and not is_behind(self.app):
            super()._on_timer_update()


def is_behind(app: App[object]) -> bool:
    """True while the terminal has not been written the last frame yet."""
    writer = getattr(app._driver, "_writer_thread", None)
    queue = getattr(writer, "_queue", None)
    return queue is not None and queue.qsize() >= WRITES_WAITING
