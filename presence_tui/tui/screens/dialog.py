"""The base of all dialogs, and the dialog of plain text."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from inspect import isawaitable
from typing import ClassVar, Self

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.widget import Widget

from presence_tui.tui.screens.backpressure_screen import BackpressureScreen
from presence_tui.tui.textual_internals import Answered
from presence_tui.tui.widgets.labelled_lines import Labelled, LabelledLines

Meanwhile = Callable[[Callable[[], object]], Awaitable[None]]
"""Runs while a dialog is open; gets a function that updates its text."""


class Modal(ModalScreen[Answered], BackpressureScreen[Answered]):
    """A dialog with its styles in a separate file. A base class."""


class Dialog(Modal[None]):
    """Shows the result of ``make_text``, updated every second, and never read as markup.

    It is closed by esc, q, enter or a click outside.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", show=False),
        Binding("j", "scroll(1)", show=False),
        Binding("k", "scroll(-1)", show=False),
    ]

    def __init__(
        self,
        heading: str,
        make_text: Callable[[], Labelled],
        way_out: str,
        meanwhile: Meanwhile | None = None,
        keys: Mapping[str, Callable[[], object]] | None = None,
    ) -> None:
        """``keys`` are those of commands that work here as well, with what they do."""
        super().__init__()
        self._keys = keys or {}
        self._meanwhile = meanwhile
        self._heading = heading
        self._make_text = make_text
        self._way_out = way_out

    def above_text(self) -> Iterable[Widget]:
        """Override for widgets above the text."""
        return ()

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog") as scroll:
            # As ``Text``, because a string is read as markup, and headings are names.
            scroll.border_title = Text(self._heading)
            scroll.border_subtitle = self._way_out
            yield from self.above_text()
            yield LabelledLines(self._make_text())

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        # After mounting its content, the library requests a layout following the first paint. The compositor
        # handles moves; repainting the whole screen would delay the next key.
        return super().refresh(*regions, repaint=repaint and not layout, layout=layout, recompose=recompose)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        self.set_interval(1.0, self._follow)
        if self._meanwhile is not None:
            self.run_worker(self._meanwhile(self._follow))

    def _follow(self) -> None:
        self.query_one(LabelledLines).show(self._make_text())

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss()

    def on_key(self, event: events.Key) -> None:
        if (do := self._keys.get(event.key)) is None:
            return
        event.stop()
        under_way = do()
        if isawaitable(under_way):
            self.run_worker(under_way)

    def action_scroll(self, lines: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)
