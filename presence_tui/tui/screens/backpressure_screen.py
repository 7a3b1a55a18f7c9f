"""Screens that paint changes at once, and wait for a slow terminal.

At once: Textual paints changes at the next tick of a timer, up to a sixtieth of a second later.
Only changes: see ``partial_painting``.

Waiting: Textual passes frames to a writer thread through a queue of bounded length. A
slow terminal (over SSH) fills it, and then the whole event loop blocks: keys,
socket and all. This screen leaves changes unpainted while a frame still waits to be
written, and then paints them together. A fast terminal gets a moment for a whole screen.

Where the installed Textual lacks the names for it (``textual_internals``), the library paints. A driver
without a queue, as in tests and in a browser, keeps up.
"""

import asyncio
import time
from typing import ClassVar, Final

from textual import events
from textual.app import App

from presence_tui.tui.partial_painting import Layout, Painter, changed_regions
from presence_tui.tui.textual_internals import (
    Answered,
    SteppedScreen,
    compositor_of,
    dirty_regions,
    queue_to_writer,
)

WRITE_S: Final = 0.0005
"""Enough time to write a whole screen to a terminal that keeps up."""

WRITES_WAITING: Final = 1
"""Frames in the queue at which the terminal is behind: any, because the answer to a key comes after them."""


class BackpressureScreen(SteppedScreen[Answered]):
    """A base class, to be listed after a screen of the library, whose styles follow the first base."""

    SHOWS_WHAT_IS_BEHIND: ClassVar = False
    """True to continue drawing the screen behind, at the cost of a full repaint each time."""
    _painter: Painter | None = None
    _painted_layout: Layout | None = None
    skipped_frames = 0
    """How often changes were not painted because the terminal was behind."""
    _knows_its_size = False
    _is_styled = False

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        # Widgets were styled when mounted; only after the screen was suspended may styles have changed.
        event.refresh_styles = event.refresh_styles and self._is_styled
        self._is_styled = True
        self._show_toasts(True)

    @property
    def is_seen(self) -> bool:
        """True while in front, or behind a dialog that shows what is behind."""
        # Behind other dialogs every repaint goes through them as well; once a second is enough there. And
        # while the app closes there is no screen left, but perhaps something still to be drawn soon.
        above = next(reversed(self.app.screen_stack), None)
        seen = above is self or (isinstance(above, BackpressureScreen) and above.SHOWS_WHAT_IS_BEHIND)
        return self.is_mounted and seen

    def draw_figures(self) -> None:
        """Override to update counts, whenever the screen behind updates its own."""

    def paint_soon(self) -> None:
        """Paint changes in the next iteration of the loop, without waiting for the timer."""
        asyncio.get_running_loop().call_soon(self.update_now)

    def may_update(self) -> bool:
        if not self.is_running:
            return False
        if is_behind(self.app):
            self.skipped_frames += 1
            return False
        return True

    def on_screen_suspend(self) -> None:
        # The opening screen shows them, and this one may be visible behind it.
        self._show_toasts(False)

    def size_is_known(self) -> None:
        self._knows_its_size = True

    def paint(self) -> None:
        if not self._knows_its_size:
            # An opening screen is laid out, gets its size and is laid out again; paint it once.
            return
        self._mark_moved_widgets()
        if not self._paints_alone:
            paints_all = self is self.app.screen and self.is_all_dirty
            self.paint_all()
            if paints_all:
                let_write(self.app)
                # It includes what widgets requested, which must not be painted again.
                self.forget_requests()
            return
        if self._painter is None:
            self._painter = Painter(compositor_of(self))
        self.show(self._painter.update())

    def _show_toasts(self, shows: bool) -> None:
        for rack in self.query_children("ToastRack"):
            rack.display = shows

    def _mark_moved_widgets(self) -> None:
        """Mark as dirty what widgets have left since the last painting.

        The library marks it on a layout, compared with the last one. In between, after scrolling, anything
        that reads the place of a widget makes another layout, which marks nothing: of a toast that went
        meanwhile, cells would stay.
        """
        compositor = compositor_of(self)
        before, self._painted_layout = self._painted_layout, compositor.visible_widgets
        if before is not None and before is not self._painted_layout:
            dirty_regions(compositor).update(changed_regions(before, self._painted_layout))

    @property
    def _paints_alone(self) -> bool:
        """True while only parts have changed and no other screen is visible."""
        app = self.app
        if self.is_all_dirty:
            return False
        return self is app.screen and not app.is_inline and len(app.screen_stack) == 1


def is_behind(app: App[object]) -> bool:
    """True while the last frame is not yet written to the terminal."""
    queue = queue_to_writer(app)
    return queue is not None and queue.qsize() >= WRITES_WAITING


def let_write(app: App[object]) -> None:
    """Sleep until the writer thread has written, or waits for the terminal itself.

    This sleeps on the event loop for half a millisecond, because sleeping releases the GIL: while the loop
    is busy, the other thread gets the interpreter only every 5 ms, and needs it twice.
    """
    if queue_to_writer(app) is not None:
        time.sleep(WRITE_S)
