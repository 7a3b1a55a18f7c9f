"""Screens that paint at once and only what changed, and wait for their terminal.

Why at once: Textual paints what changed at the next tick of a timer, up to a sixtieth of a second later.
Why only what changed: see ``painting``.

Why wait: Textual hands frames to a thread that writes them, through a queue of bounded length. A
terminal that drains slowly (an SSH line) fills it, and then the whole event loop waits for the line: keys,
socket and all. A patient screen leaves what changed unpainted while a frame still waits to be
written, and paints it all in one once it is. A terminal that keeps up is given a moment for a whole screen.

It looks at inner parts of Textual, whose major version is pinned for that; ``is_behind`` alone takes a driver
without a queue, as in tests and in a browser, for one that keeps up.
"""

import asyncio
import time
from queue import Queue
from typing import ClassVar, Final, TypeVar

from textual import events
from textual.app import App
from textual.geometry import Size
from textual.screen import Screen

from presence_tui.tui.partial_painting import Painter

Answered = TypeVar("Answered")
"""What a screen answers when it is dismissed."""

WRITE_S: Final = 0.0005
"""Time enough to write a whole screen to a terminal that takes it."""

WRITES_WAITING: Final = 1
"""What may wait to be written before a terminal is behind: nothing, because a key's answer comes after it."""


class BackpressureScreen(Screen[Answered]):
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
        asyncio.get_running_loop().call_soon(self._on_timer_update)

    def paint_once_told(self) -> None:
        """Paint what has been changed just now: of that the screen hears two turns of the loop later.

        In the first, each widget finds that it has nothing else to do; in the second, it has told so.
        """
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_soon, loop.call_soon, self._on_timer_update)

    def _on_timer_update(self) -> None:
        # Without the library's part nothing is taken off its lists, and its timer comes again.
        if self.is_running and not is_behind(self.app):
            super()._on_timer_update()

    def on_screen_suspend(self) -> None:
        # What has changed by now is painted through the screen that opens, with all of it.
        self._repaint_required = False
        self._dirty_widgets.clear()
        self._compositor._dirty_regions.clear()

    def _screen_resized(self, size: Size) -> None:
        self._knows_its_size = True
        if self is self.app.screen or size != self._compositor.size:
            # Else it is only looked at through a dialog that opens, and nothing of it has moved.
            super()._screen_resized(size)

    def _compositor_refresh(self) -> None:
        if not self._knows_its_size:
            # A screen that opens is laid out, then told its size, and laid out again: painted once.
            return
        if not self._paints_alone:
            # What is painted in a batch is not displayed.
            paints_all = self is self.app.screen and self._is_all_dirty and not self.app._batch_count
            super()._compositor_refresh()
            if paints_all:
                let_write(self.app)
                # What widgets have asked for by themselves is in it, and is not to be painted again.
                for widget in self._compositor.visible_widgets:
                    widget._repaint_regions.clear()
            return
        if self._painter is None:
            self._painter = Painter(self._compositor)
        self.app._display(self, self._painter.update())
        self._dirty_widgets.clear()
        self.app._update_mouse_over(self)

    @property
    def _paints_alone(self) -> bool:
        """True while only parts have changed, and no other screen shines through."""
        app = self.app
        if self._is_all_dirty:
            return False
        return self is app.screen and not app.is_inline and len(app.screen_stack) == 1

    @property
    def _is_all_dirty(self) -> bool:
        return self.size.region in self._compositor._dirty_regions


def is_behind(app: App[object]) -> bool:
    """True while the terminal has not been written the last frame yet."""
    queue = _queue_to_the_writer(app)
    return queue is not None and queue.qsize() >= WRITES_WAITING


def let_write(app: App[object]) -> None:
    """Stand aside until the thread that writes has written, or has to wait for the terminal itself.

    While there is anything else to do here, it gets the interpreter every 5 ms only, and needs it twice.
    """
    if _queue_to_the_writer(app) is not None:
        time.sleep(WRITE_S)


def _queue_to_the_writer(app: App[object]) -> Queue[str | None] | None:
    writer = getattr(app._driver, "_writer_thread", None)
    return getattr(writer, "_queue", None)
