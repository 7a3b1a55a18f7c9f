"""The page of the selected participant beside the views, on wide terminals."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.containers import VerticalScroll

from presence_tui.store import Record
from presence_tui.tui.widgets.backdrop import Rows
from presence_tui.tui.widgets.titled_box import TitledBox

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.tui.widgets.labelled_lines import Labelled, LabelledLines


class DetailsPanel(Rows):
    """Empty until it is displayed, because most terminals never display it."""

    def __init__(self, text_of: "Callable[[Record], Labelled]", nobody: str) -> None:
        """``nobody`` is the title without a selected participant."""
        super().__init__(id="details")
        self._text_of = text_of
        self._nobody = nobody
        self._parts: tuple[TitledBox, VerticalScroll, LabelledLines] | None = None
        self._shown_key = ""

    def show(self, record: Record | None) -> None:
        """Show the current page of a participant."""
        if not self.display or not self.is_attached:
            return
        box, scroll, lines = self._parts or self._build()
        box.show_titles(self._nobody if record is None else record.shown_name, "")
        lines.display = record is not None
        if record is None:
            return
        lines.show(self._text_of(record))
        if record.key != self._shown_key:
            self._shown_key = record.key
            scroll.scroll_home(animate=False)

    def _build(self) -> "tuple[TitledBox, VerticalScroll, LabelledLines]":
        from presence_tui.tui.widgets.labelled_lines import Labelled, LabelledLines

        lines = LabelledLines(Labelled([]))
        scroll = VerticalScroll(lines, id="details-text", can_focus=False)
        box = TitledBox(scroll)
        self._parts = box, scroll, lines
        self.mount(box)
        return self._parts
