"""The only module that uses private names of Textual, each with its reason and a fallback.

They are checked at start. If one is missing, the library's own way is used: the screen
works, but paints later and with more bytes. ``presence-tui info`` lists missing names.
"""

from queue import Queue
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from rich.align import Align
from rich.console import RenderableType
from rich.text import Text
from textual.app import App
from textual.command import CommandList, CommandPalette
from textual.driver import Driver
from textual.geometry import Region, Size
from textual.notifications import Notification
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.widgets.option_list import Option

from presence_tui.private_names import PrivateNames

if TYPE_CHECKING:
    # typing only; the module may be missing
    from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, InlineUpdate, LayoutUpdate
    from textual._xterm_parser import XTermParser
else:
    try:
        from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, InlineUpdate, LayoutUpdate
    except ImportError:

        class CompositorUpdate:
            """Replaces the type of an unknown compositor's updates; it has no instances."""

        class LayoutUpdate(CompositorUpdate): ...

        class InlineUpdate(CompositorUpdate): ...

        class ChopsUpdate(CompositorUpdate): ...

        class Compositor: ...


__all__ = ["ChopsUpdate", "Compositor", "CompositorUpdate", "InlineUpdate", "LayoutUpdate"]

Answered = TypeVar("Answered")
"""The result of a dismissed screen."""

PAINTING: Final = PrivateNames(
    {
        "textual._compositor.CompositorUpdate": "render_segments",
        "textual._compositor.ChopsUpdate": "spans chops chop_ends",
        "textual._compositor.InlineUpdate": "strips clear",
        "textual._compositor.LayoutUpdate": "strips region",
        "textual._compositor.Compositor": "_dirty_regions visible_widgets size",
        "textual.app.App": "_display _batch_count _update_mouse_over",
        "textual.screen.Screen": "_compositor _compositor_refresh _dirty_widgets _on_timer_update "
        "_screen_resized",
        "textual.widget.Widget": "_repaint_regions",
    }
)
"""For painting at once and only changed lines, for positioning text of disputed width, and for waiting for a
slow terminal. Textual paints at the tick of a timer, and the rectangle around all changes, which for two
distant rows is a whole screen (``bytes_out``, ``frame_cost`` and ``busy_terminal`` of the bench).
"""

WRITING: Final = PrivateNames(
    {
        "textual.app.App": "_driver",
        "textual.drivers.linux_driver.LinuxDriver": "_writer_thread _file",
        "textual.drivers._writer_thread.WriterThread": "_queue",
    }
)
"""For drawing on standard output if that is the terminal, for checking whether frames wait to be written, and
for writing notifications and the clipboard through tmux. Textual draws on standard error, and its full queue
blocks the event loop (``slow_terminal``).
"""

READING: Final = PrivateNames(
    {
        "textual._xterm_parser.XTermParser": "feed parse_mouse_code last_x last_y mouse_pixels terminal_size "
        "terminal_pixel_size"
    }
)
"""For passing one complete sequence at a time to Textual's parser: its own driver answers esc after 100 ms,
and reads a paste as keys.
"""

CRASHES: Final = PrivateNames({"textual.app.App": "_handle_exception _fatal_error _return_code"})
"""For raising a crash to the caller. Textual renders the local variables of each frame, which may contain a
token; without these names it does so on a console that prints nothing, and the exception is lost.
"""

SCROLLBARS: Final = PrivateNames({"textual.widget.Widget": "_scroll_update"})
"""For keeping a scrollbar unchanged on a layout that did not move it."""

PALETTE: Final = PrivateNames(
    {
        "textual.command.CommandPalette": "_start_no_matches_countdown _stop_no_matches_countdown "
        "_NO_MATCHES_COUNTDOWN _NO_MATCHES _no_matches_timer _list_visible"
    }
)
"""For a translated message for no matches, which has no public interface."""

TOASTS: Final = PrivateNames({"textual.app.App": "_notifications _unnotify"})
"""For removing a single toast, so that a newer one replaces it; otherwise they are stacked."""

SWITCHING: Final = PrivateNames({"textual.screen.Screen": "_push_result_callback"})
"""For replacing the screen that an app begins with. ``switch_screen`` fails on it, because it removes a
result callback that only pushed screens have; without the name, the other screen is pushed above it.
"""

_ALL: Final = (PAINTING, WRITING, READING, CRASHES, SCROLLBARS, PALETTE, TOASTS, SWITCHING)


def missing() -> list[str]:
    """Private names that the installed Textual lacks."""
    return [name for names in _ALL for name in names.missing()]


class UpdatedApp(App[None]):
    """An app that may change each update before it is written, and receives its crash."""

    async def replace(self, base: Screen[Any], screen: Screen[Any], *, is_first: bool) -> None:
        """Close the screens above ``base``, and show another screen instead of it.

        ``is_first``: the app began with it.
        """
        while self.screen is not base:
            await self.pop_screen()
        if is_first and not SWITCHING.available:
            await self.push_screen(screen)
            return
        if is_first:
            base._push_result_callback(base, None)
        await self.switch_screen(screen)

    def changed_update(self, screen: Screen[object], update: CompositorUpdate) -> CompositorUpdate:
        """Override to replace an update of a screen before it is written."""
        return update

    def keep_crash(self, error: BaseException) -> None:
        """Override to keep the unhandled exception that ends the application."""

    def fail(self, error: Exception) -> None:
        """End the application as by an exception of its own."""
        if CRASHES.available:
            self._handle_exception(error)
        else:
            self.keep_crash(error)
            self.exit(return_code=1)

    def panic(self, *renderables: RenderableType) -> None:
        """End the application as after a crash. ``renderables`` are dropped, because they may contain
        secrets.
        """
        if CRASHES.available:
            self._return_code = 1
        super().panic()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        # The type of a compositor update does not declare that it can be rendered.
        update: object = renderable
        if PAINTING.available and isinstance(update, CompositorUpdate):
            update = self.changed_update(screen, update)
        super()._display(screen, cast(RenderableType | None, update))

    def _handle_exception(self, error: Exception) -> None:
        self.keep_crash(error)
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        # Replaces the library's method, which renders the local variables of every frame.
        self.panic()


class SteppedScreen(Screen[Answered]):
    """A screen whose steps from a change to the terminal may be overridden, if the library has them."""

    def may_update(self) -> bool:
        """Override to return false to postpone painting."""
        return True

    def size_is_known(self) -> None:
        """Override to react when the size of the screen is known, before the layout."""

    def paint(self) -> None:
        """Override to write dirty regions."""
        self.paint_all()

    def update_now(self) -> None:
        """Lay out and paint changes, without waiting for the timer."""
        if PAINTING.available:
            self._on_timer_update()

    def paint_all(self) -> None:
        """Paint like the library."""
        super()._compositor_refresh()

    def show(self, update: CompositorUpdate | None) -> None:
        """Write an update instead of the one that the library would make."""
        self.app._display(self, cast(RenderableType | None, update))
        self._dirty_widgets.clear()
        self.app._update_mouse_over(self)

    def forget_requests(self) -> None:
        """Drop repaint requests of widgets, which were just painted."""
        for widget in self._compositor.visible_widgets:
            widget._repaint_regions.clear()

    @property
    def is_all_dirty(self) -> bool:
        """True if the whole screen is dirty."""
        return self.size.region in self._compositor._dirty_regions

    @property
    def is_in_batch(self) -> bool:
        """True while the app displays nothing because of a batch of updates."""
        return bool(self.app._batch_count)

    def _on_timer_update(self) -> None:
        # If the library's method is not called, its lists stay and its timer comes again.
        if not PAINTING.available:
            super()._on_timer_update()
        elif self.may_update():
            if self.is_current and not self.is_in_batch:
                self._collect_requests()
            super()._on_timer_update()

    def _collect_requests(self) -> None:
        """Collect the widgets to repaint, so that one frame has all changes made so far.

        Otherwise each widget reports to the screen when its own message queue is empty, so that a frame
        may have one of two counts that changed together.
        """
        for widget in self._compositor.visible_widgets:
            if widget is not self and widget._repaint_regions:
                self._dirty_widgets.add(widget)

    def _screen_resized(self, size: Size) -> None:
        if PAINTING.available:
            self.size_is_known()
        super()._screen_resized(size)

    def _compositor_refresh(self) -> None:
        if not self.app.screen_stack:
            # This was due when the app closed its screens; the library would raise.
            return
        if not PAINTING.available:
            super()._compositor_refresh()
        elif not self.is_in_batch or self is not self.app.screen:
            # A batch displays nothing, so that what it painted would be lost. See ``paint_after_batch``.
            self.paint()

    def paint_after_batch(self) -> None:
        """Paint what changed during a batch of updates."""
        if (
            PAINTING.available
            and self.is_running
            and not self.is_in_batch
            and self._compositor._dirty_regions
        ):
            self.paint()


def compositor_of(screen: Screen[Any]) -> Compositor:
    """The compositor of a screen."""
    return screen._compositor


def dirty_regions(compositor: Compositor) -> set[Region]:
    """The dirty regions of a screen; the caller clears them after painting."""
    return compositor._dirty_regions


class SteadyScrollbars(ScrollView):
    """A view that may keep its scrollbars unchanged on a layout of the screen."""

    def scrollbars_follow(self, virtual_size: Size) -> bool:
        """Override to return false if the scrollbars look the same as before."""
        return True

    def _scroll_update(self, virtual_size: Size) -> None:
        if self.scrollbars_follow(virtual_size):
            super()._scroll_update(virtual_size)


class TranslatedPalette(CommandPalette):
    """A palette with a translated message for no matches."""

    nothing_matches = ""

    def _start_no_matches_countdown(self, search_value: str) -> None:
        if not PALETTE.available:
            super()._start_no_matches_countdown(search_value)
            return
        self._stop_no_matches_countdown()
        self._no_matches_timer = self.set_timer(
            self._NO_MATCHES_COUNTDOWN, lambda: self._say_that_nothing_matches(bool(search_value))
        )

    def _say_that_nothing_matches(self, was_searched_for: bool) -> None:
        if was_searched_for:
            message = Align.center(Text(self.nothing_matches))
            self.query_one(CommandList).add_option(Option(message, disabled=True, id=self._NO_MATCHES))
        self._list_visible = was_searched_for


def write_to_terminal(app: App[Any], sequence: str) -> bool:
    """Write a control sequence between two frames; false if that is not possible."""
    driver: Driver | None = getattr(app, "_driver", None)
    if driver is None:
        return False
    driver.write(sequence)
    return True


def notifications_of(app: App[Any]) -> list[Notification]:
    """The toasts that can be removed."""
    return list(app._notifications) if TOASTS.available else []


def take_back(app: App[Any], notification: Notification, *, refresh: bool = False) -> None:
    """Remove a toast early: with the next refresh of toasts, or with ``refresh`` at once."""
    app._unnotify(notification, refresh=refresh)
    # The library removes the toast, but not the container around it, which keeps its room.
    for screen in app.screen_stack:
        for holder in screen.query("ToastHolder"):
            if holder.id is not None and holder.id.endswith(notification.identity):
                holder.remove()


def draw_on(driver: Driver, output: object) -> None:
    """Let a terminal driver draw on ``output`` instead of standard error."""
    if WRITING.available:
        driver._file = output  # type: ignore[attr-defined]


def queue_to_writer(app: App[Any]) -> Queue[str | None] | None:
    """The queue of frames to write; ``None`` without a writer thread, as in tests and in a browser."""
    writer = getattr(getattr(app, "_driver", None), "_writer_thread", None)
    return getattr(writer, "_queue", None)


def new_parser() -> "XTermParser":
    """A parser of terminal input. Requires ``READING``."""
    from textual._xterm_parser import XTermParser

    return XTermParser()
