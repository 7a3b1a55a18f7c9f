"""The one module that uses private names of Textual: each with its reason, and a way without it.

They are checked when the application is made. What needs a missing one is left to the library: the screen
works, but is painted later and with more bytes. ``presence-tui info`` names what is missing.
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

from presence_tui.inner_names import InnerNames

if TYPE_CHECKING:
    # typing only: the module may be gone
    from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, InlineUpdate, LayoutUpdate
    from textual._xterm_parser import XTermParser
else:
    try:
        from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, InlineUpdate, LayoutUpdate
    except ImportError:

        class CompositorUpdate:
            """Stands for updates of a compositor that is not known; nothing is ever one."""

        class LayoutUpdate(CompositorUpdate): ...

        class InlineUpdate(CompositorUpdate): ...

        class ChopsUpdate(CompositorUpdate): ...

        class Compositor: ...


__all__ = ["ChopsUpdate", "Compositor", "CompositorUpdate", "InlineUpdate", "LayoutUpdate"]

Answered = TypeVar("Answered")
"""What a screen answers when it is dismissed."""

PAINTING: Final = InnerNames(
    {
        "textual._compositor.CompositorUpdate": "render_segments",
        "textual._compositor.ChopsUpdate": "spans chops chop_ends",
        "textual._compositor.InlineUpdate": "strips clear",
        "textual._compositor.LayoutUpdate": "strips region",
        "textual._compositor.Compositor": "_dirty_regions visible_widgets size",
        "textual.app.App": "_display _batch_count _update_mouse_over",
        "textual.screen.Screen": "_compositor _compositor_refresh _dirty_widgets _on_timer_update "
        "_repaint_required _screen_resized",
        "textual.widget.Widget": "_repaint_regions",
    }
)
"""To paint at once and only the lines that changed, to position text of disputed width, and to wait for a
slow terminal. Textual paints at the tick of a timer, and the rectangle around all changes, which for two rows
far apart is a whole screen (``bytes_out``, ``frame_cost`` and ``busy_terminal`` of the bench)."""

WRITING: Final = InnerNames(
    {
        "textual.app.App": "_driver",
        "textual.drivers.linux_driver.LinuxDriver": "_writer_thread _file",
        "textual.drivers._writer_thread.WriterThread": "_queue",
    }
)
"""To draw on standard output where the terminal is, to see whether frames wait to be written, and to write
what no widget draws: notifications and the clipboard through tmux. Textual draws on standard error, and its
full queue blocks the event loop (``slow_terminal``)."""

READING: Final = InnerNames(
    {
        "textual._xterm_parser.XTermParser": "feed parse_mouse_code last_x last_y mouse_pixels terminal_size "
        "terminal_pixel_size"
    }
)
"""To give Textual's parser one whole sequence at a time: its own driver answers esc after 100 ms, and takes a
paste for keys."""

CRASHES: Final = InnerNames({"textual.app.App": "_handle_exception _fatal_error _return_code"})
"""To hand a crash to whoever runs the application. Textual renders the variables of each frame, which may
hold a token; without these names it does so on a console that prints nothing, and the exception is lost."""

SCROLLBARS: Final = InnerNames({"textual.widget.Widget": "_scroll_update"})
"""To leave a scrollbar as it is at a layout that did not move it."""

PALETTE: Final = InnerNames(
    {
        "textual.command.CommandPalette": "_start_no_matches_countdown _stop_no_matches_countdown "
        "_NO_MATCHES_COUNTDOWN _NO_MATCHES _no_matches_timer _list_visible"
    }
)
"""To say in the language of the screen that nothing matches: the sentence has no public way."""

TOASTS: Final = InnerNames({"textual.app.App": "_notifications _unnotify"})
"""To take a single toast back, so that a newer sentence takes its place; without it they are stacked."""

_ALL: Final = (PAINTING, WRITING, READING, CRASHES, SCROLLBARS, PALETTE, TOASTS)


def missing() -> list[str]:
    """Private names that the installed Textual does not have."""
    return [name for names in _ALL for name in names.missing()]


class UpdatedApp(App[None]):
    """An app that may change each update before it is written, and is told of its crash."""

    def changed_update(self, screen: Screen[object], update: CompositorUpdate) -> CompositorUpdate:
        """To be overridden: what is written instead of an update of a screen."""
        return update

    def keep_crash(self, error: BaseException) -> None:
        """To be overridden: nothing handled this exception, and the application ends by it."""

    def fail(self, error: Exception) -> None:
        """End the application as by an exception of its own."""
        if CRASHES.are_there:
            self._handle_exception(error)
        else:
            self.keep_crash(error)
            self.exit(return_code=1)

    def panic(self, *renderables: RenderableType) -> None:
        """End the application as after a crash. ``renderables`` are dropped, since they may hold anything."""
        if CRASHES.are_there:
            self._return_code = 1
        super().panic()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        # An update of the compositor does not declare that it can be rendered.
        update: object = renderable
        if PAINTING.are_there and isinstance(update, CompositorUpdate):
            update = self.changed_update(screen, update)
        super()._display(screen, cast(RenderableType | None, update))

    def _handle_exception(self, error: Exception) -> None:
        self.keep_crash(error)
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        # Instead of the library's, which renders the local variables of every frame.
        self.panic()


class SteppedScreen(Screen[Answered]):
    """A screen whose steps from a change to the terminal may be overridden, where the library has them."""

    def may_update(self) -> bool:
        """To be overridden: false to leave what has changed for the next time."""
        return True

    def may_resize(self, size: Size) -> bool:
        """To be overridden: false if nothing has to be laid out for this size."""
        return True

    def paint(self) -> None:
        """To be overridden: write what is dirty."""
        self.paint_all()

    def update_now(self) -> None:
        """Lay out and paint what has changed, without waiting for the timer."""
        if PAINTING.are_there:
            self._on_timer_update()

    def paint_all(self) -> None:
        """Paint as the library does."""
        super()._compositor_refresh()

    def show(self, update: CompositorUpdate | None) -> None:
        """Write an update instead of what the library would make of the changes."""
        self.app._display(self, cast(RenderableType | None, update))
        self._dirty_widgets.clear()
        self.app._update_mouse_over(self)

    def forget_changes(self) -> None:
        """Leave unpainted what has changed by now."""
        if PAINTING.are_there:
            self._repaint_required = False
            self._dirty_widgets.clear()
            self._compositor._dirty_regions.clear()

    def forget_requests(self) -> None:
        """Drop what widgets have asked to be painted by themselves: all of it has just been painted."""
        for widget in self._compositor.visible_widgets:
            widget._repaint_regions.clear()

    @property
    def laid_out_for(self) -> Size:
        """The size of the last layout."""
        return self._compositor.size

    @property
    def is_all_dirty(self) -> bool:
        """True if the whole screen is to be painted."""
        return self.size.region in self._compositor._dirty_regions

    @property
    def is_in_batch(self) -> bool:
        """True while the app displays nothing because of a batch of updates."""
        return bool(self.app._batch_count)

    def _on_timer_update(self) -> None:
        # Without the library's part nothing is taken off its lists, and its timer comes again.
        if not PAINTING.are_there or self.may_update():
            super()._on_timer_update()

    def _screen_resized(self, size: Size) -> None:
        if not PAINTING.are_there or self.may_resize(size):
            super()._screen_resized(size)

    def _compositor_refresh(self) -> None:
        if PAINTING.are_there:
            self.paint()
        else:
            super()._compositor_refresh()


def compositor_of(screen: Screen[Any]) -> Compositor:
    """What puts the widgets of a screen together."""
    return screen._compositor


def dirty_regions(compositor: Compositor) -> set[Region]:
    """The parts of a screen to be painted, to be cleared by whoever paints them."""
    return compositor._dirty_regions


class SteadyScrollbars(ScrollView):
    """A view that may leave its scrollbars as they are at a layout of the screen."""

    def scrollbars_follow(self, virtual_size: Size) -> bool:
        """To be overridden: false if the scrollbars look the same as before."""
        return True

    def _scroll_update(self, virtual_size: Size) -> None:
        if self.scrollbars_follow(virtual_size):
            super()._scroll_update(virtual_size)


class TranslatedPalette(CommandPalette):
    """A palette that says ``nothing_matches`` in a sentence of ours."""

    nothing_matches = ""

    def _start_no_matches_countdown(self, search_value: str) -> None:
        if not PALETTE.are_there:
            super()._start_no_matches_countdown(search_value)
            return
        self._stop_no_matches_countdown()
        self._no_matches_timer = self.set_timer(
            self._NO_MATCHES_COUNTDOWN, lambda: self._say_that_nothing_matches(bool(search_value))
        )

    def _say_that_nothing_matches(self, was_searched_for: bool) -> None:
        if was_searched_for:
            said = Align.center(Text(self.nothing_matches))
            self.query_one(CommandList).add_option(Option(said, disabled=True, id=self._NO_MATCHES))
        self._list_visible = was_searched_for


def write_to_terminal(app: App[Any], sequence: str) -> bool:
    """Write a control sequence between two frames; false where that cannot be done."""
    driver: Driver | None = getattr(app, "_driver", None)
    if driver is None:
        return False
    driver.write(sequence)
    return True


def notifications_of(app: App[Any]) -> list[Notification]:
    """The toasts that can be taken back."""
    return list(app._notifications) if TOASTS.are_there else []


def take_back(app: App[Any], notification: Notification) -> None:
    """Let a toast go before its time, with the next refresh of them."""
    app._unnotify(notification, refresh=False)


def draw_on(driver: Driver, output: object) -> None:
    """Let a driver of a terminal draw on ``output`` instead of standard error."""
    if WRITING.are_there:
        driver._file = output  # type: ignore[attr-defined]


def queue_to_writer(app: App[Any]) -> Queue[str | None] | None:
    """The frames that wait to be written; ``None`` where no thread writes, as in tests and in a browser."""
    writer = getattr(getattr(app, "_driver", None), "_writer_thread", None)
    return getattr(writer, "_queue", None)


def new_parser() -> "XTermParser":
    """A parser of a terminal's input. Only where ``READING`` is there."""
    from textual._xterm_parser import XTermParser

    return XTermParser()
