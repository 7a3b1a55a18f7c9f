"""Screens that paint at once and only what changed, and wait for their terminal.

Why at once: Textual paints what changed at the next tick of a timer, up to a sixtieth of a second later.
Why only what changed: see ``painting``.

Why wait: Textual hands frames to a thread that writes them, through a queue of bounded length. A
terminal that drains slowly (an SSH line) fills it, and then the whole event loop waits for the line: keys,
socket and all. A patient screen leaves what changed unpainted while a frame still waits to be
written, and paints it all in one once it is. A terminal that keeps up is given a moment for a whole screen.

Where the installed Textual lacks the names for it (``textual_internals``), the library paints. A driver
without a queue, as in tests and in a browser, keeps up.
"""

import asyncio
import time
from collections.abc import Callable
from typing import ClassVar, Final

from textual import events
from textual.app import App
from textual.geometry import Size

from presence_tui.tui.partial_painting import Painter
from presence_tui.tui.textual_internals import Answered, SteppedScreen, compositor_of, queue_to_writer

WRITE_S: Final = 0.0005
"""Time enough to write a whole screen to a terminal that takes it."""

WRITES_WAITING: Final = 1
"""What may wait to be written before a terminal is behind: nothing, because a key's answer comes after it."""

TURNS_TO_TELL: Final = 3
"""Turns of the loop after which a screen has heard of a change, the one that paints included."""


class BackpressureScreen(SteppedScreen[Answered]):
    """To be derived from; behind a screen of the library, whose styles go by the first base."""

    SHOWS_WHAT_IS_BEHIND: ClassVar = False
    """True if what is behind goes on being drawn, at the price of the whole screen each time."""
    _painter: Painter | None = None
    _knows_its_size = False
    _is_styled = False

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        # Each widget was styled when it came; once the screen has been away, things may be otherwise.
        event.refresh_styles = event.refresh_styles and self._is_styled
        self._is_styled = True

    def paint_soon(self) -> None:
        """Paint what has changed by the next turn of the loop, without waiting for the timer."""
        asyncio.get_running_loop().call_soon(self.update_now)

    def paint_once_told(self) -> None:
        """Paint what has been changed just now: of that the screen hears two turns of the loop later.

        In the first, each widget finds that it has nothing else to do; in the second, it has told so.
        """
        in_turns(TURNS_TO_TELL, self.update_now)

    def may_update(self) -> bool:
        return self.is_running and not is_behind(self.app)

    def on_screen_suspend(self) -> None:
        # What has changed by now is painted through the screen that opens, with all of it.
        self.forget_changes()

    def may_resize(self, size: Size) -> bool:
        self._knows_its_size = True
        # Else it is only looked at through a dialog that opens, and nothing of it has moved.
        return self is self.app.screen or size != self.laid_out_for

    def paint(self) -> None:
        if not self._knows_its_size:
            # A screen that opens is laid out, then told its size, and laid out again: painted once.
            return
        if not self._paints_alone:
            # What is painted in a batch is not displayed.
            paints_all = self is self.app.screen and self.is_all_dirty and not self.is_in_batch
            self.paint_all()
            if paints_all:
                let_write(self.app)
                # What widgets have asked for by themselves is in it, and is not to be painted again.
                self.forget_requests()
            return
        if self._painter is None:
            self._painter = Painter(compositor_of(self))
        self.show(self._painter.update())

    @property
    def _paints_alone(self) -> bool:
        """True while only parts have changed, and no other screen shines through."""
        app = self.app
        if self.is_all_dirty:
            return False
        return self is app.screen and not app.is_inline and len(app.screen_stack) == 1


def is_behind(app: App[object]) -> bool:
    """True while the terminal has not been written the last frame yet."""
    queue = queue_to_writer(app)
    return queue is not None and queue.qsize() >= WRITES_WAITING


def let_write(app: App[object]) -> None:
    """Stand aside until the thread that writes has written, or has to wait for the terminal itself.

    This sleeps on the event loop, for half a millisecond, because sleeping hands over the GIL: while the loop
    has anything else to do, the other thread gets the interpreter every 5 ms only, and needs it twice.
    """
    if queue_to_writer(app) is not None:
        time.sleep(WRITE_S)


def in_turns(turns: int, call: Callable[[], object]) -> None:
    """Call by the end of so many turns of the event loop."""
    if turns == 0:
        call()
    else:
        asyncio.get_running_loop().call_soon(in_turns, turns - 1, call)
