"""Details of the selected participant: the reason of the state in one line, and a page on wide terminals."""

import asyncio
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from rich.cells import cell_len
from rich.text import Text
from textual.containers import VerticalScroll
from textual.widgets import Static
from textual.worker import Worker

from presence_tui.store import Record
from presence_tui.text.wording import Wording
from presence_tui.tui.widgets.containers import Rows, TitledBox

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.tui.widgets.labelled_lines import Labelled, LabelledLines


_BETWEEN: Final = re.compile(r" · |, ")


class WhyLine(Static):
    """The reason of the state, never read as markup."""

    def __init__(self, wording: Wording) -> None:
        super().__init__(id="why")
        self._wording = wording
        self._said = Text()
        self._shown = Text()

    def show(self, record: Record | None, hint: str) -> None:
        """Show the participant's reason, or the hint instead; empty without either."""
        text = Text(hint if hint or record is None else self._wording.why(record))
        if text != self._said:
            self._said = text
            self.set_class(bool(hint), "-hint")
            self._fit()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        """Leave out the last clauses that one row has no room for, instead of cutting words."""
        said, size = self._said.plain, self.content_size
        ends = [found.start() for found in _BETWEEN.finditer(said)] if size.height == 1 else []
        fitting = next(
            (said[:end] for end in [len(said), *ends[::-1]] if cell_len(said[:end]) <= size.width), said
        )
        if Text(fitting) != self._shown:
            self._shown = Text(fitting)
            self.update(self._shown, layout=False)


READ_AFTER_S: Final = 0.2
"""Nobody's history is read while the cursor only passes by."""

HistoryRows = Sequence[tuple[str, str]]


class History(Protocol):
    """A participant's past, as rows."""

    def rows(self) -> HistoryRows: ...

    async def keep_reading(self, show: Callable[[], object]) -> None: ...


class DetailsPanel(Rows):
    """The page beside the views. Empty until it is displayed, because most terminals never display it."""

    def __init__(
        self,
        text_of: "Callable[[Record, HistoryRows], Labelled]",
        history_of: Callable[[Record], History],
        nobody: str,
    ) -> None:
        """``nobody`` is the title without a selected participant."""
        super().__init__(id="details")
        self._text_of = text_of
        self._history_of = history_of
        self._history: History | None = None
        self._reading: Worker[None] | None = None
        self._nobody = nobody
        self._parts: tuple[TitledBox, VerticalScroll, LabelledLines] | None = None
        self._scrolled_key = self._read_key = ""

    def show(self, record: Record | None) -> None:
        """Show the current page of a participant."""
        if not self.display or not self.is_attached:
            self._read_of(None)
            return
        box, scroll, lines = self._parts or self._build()
        box.show_titles(self._nobody if record is None else record.shown_name, "")
        lines.display = record is not None
        self._read_of(record)
        if record is None:
            return
        lines.show(self._text(record, lines, scroll.size.height))
        if record.key != self._scrolled_key:
            self._scrolled_key = record.key
            scroll.scroll_home(animate=False)

    def _text(self, record: Record, lines: "LabelledLines", height: int) -> "Labelled":
        """With the past, if all of it has room."""
        whole = self._text_of(record, self._history.rows() if self._history is not None else ())
        return whole if lines.height_of(whole) <= height else self._text_of(record, ())

    def _read_of(self, record: Record | None) -> None:
        """Read the past of this participant from now on, and of nobody else."""
        key = "" if record is None else record.key
        if key == self._read_key:
            return
        self._read_key = key
        if self._reading is not None:
            self._reading.cancel()
        self._history = self._reading = None
        if record is not None:
            self._history = self._history_of(record)
            self._reading = self.run_worker(partial(self._keep_reading, record, self._history))

    async def _keep_reading(self, record: Record, history: History) -> None:
        await asyncio.sleep(READ_AFTER_S)
        await history.keep_reading(lambda: self.show(record))

    def _build(self) -> "tuple[TitledBox, VerticalScroll, LabelledLines]":
        from presence_tui.tui.widgets.labelled_lines import Labelled, LabelledLines

        lines = LabelledLines(Labelled([]))
        scroll = VerticalScroll(lines, id="details-text", can_focus=False)
        box = TitledBox(scroll)
        self._parts = box, scroll, lines
        self.mount(box)
        return self._parts
