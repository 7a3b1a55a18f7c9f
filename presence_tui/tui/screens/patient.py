"""Screens that wait for their terminal.

Why: Textual hands frames to a thread that writes them, through a queue of bounded length. A terminal that
drains slowly (an SSH line) fills it, and then the whole event loop waits for the line: keys, socket and all.
A patient screen leaves what changed unpainted while a whole frame still waits to be written, and paints it
all in one once it is. It looks at inner parts of Textual; where these are gone, it paints like any other.
"""

from typing import Final

from textual.app import App
from textual.screen import Screen

WRITES_A_FRAME: Final = 3
"""Textual writes a frame in three pieces: begin, content, end."""


class Patient:
    """A mixin for screens, to be named before ``Screen``."""

    def _on_timer_update(self: "Screen") -> None:  # type: ignore[type-arg, misc]
        # Without the library's part nothing is taken off its lists, and its timer comes again.
        if not is_behind(self.app):
            Screen._on_timer_update(self)


def is_behind(app: App[object]) -> bool:
    """True while the terminal has not been written a whole frame yet."""
    writer = getattr(app._driver, "_writer_thread", None)
    queue = getattr(writer, "_queue", None)
    return queue is not None and queue.qsize() >= WRITES_A_FRAME
