"""A dialog of plain text above the watch. esc, q, enter or a click outside close it."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from presence_tui.tui.screens.patient import Patient

LABEL_CELLS = 22

Meanwhile = Callable[[Callable[[], object]], Awaitable[None]]
"""Runs while a dialog is open; handed what shows its text anew."""


class Dialog(ModalScreen[None], Patient[None]):
    """Shows what ``make_text`` answers, anew every second. It is drawn as it is, never read as markup."""

    SHOWS_WHAT_IS_BEHIND: ClassVar = False
    """True if what is behind goes on being drawn, at the price of the whole screen each time."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", show=False),
        Binding("j", "scroll(1)", show=False),
        Binding("k", "scroll(-1)", show=False),
    ]

    def __init__(
        self,
        heading: str,
        make_text: Callable[[], Table],
        way_out: str,
        meanwhile: Meanwhile | None = None,
    ) -> None:
        super().__init__()
        self._meanwhile = meanwhile
        self._heading = heading
        self._make_text = make_text
        self._way_out = way_out

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog") as scroll:
            # As text, because a plain string is read as markup, and headings are names.
            scroll.border_title = Text(self._heading)
            scroll.border_subtitle = self._way_out
            yield Static(self._make_text())

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        self.set_interval(1.0, self._follow)
        if self._meanwhile is not None:
            self.run_worker(self._meanwhile(self._show_anew))

    def _show_anew(self) -> None:
        """The text may have other lines than before."""
        self.query_one(Static).update(self._make_text())

    def _follow(self) -> None:
        self.query_one(Static).update(self._make_text(), layout=False)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss()

    def action_scroll(self, lines: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def table(rows: list[tuple[str, str]], *, label_cells: int = LABEL_CELLS) -> Table:
    """Labels in bold on the left, what they say on the right; an empty row is an empty line."""
    grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
    grid.add_column(width=label_cells, no_wrap=True)
    grid.add_column(ratio=1)
    for label, said in rows:
        # Text, because a plain string in a table is read as markup.
        grid.add_row(Text(label, style="bold"), Text(said))
    return grid
