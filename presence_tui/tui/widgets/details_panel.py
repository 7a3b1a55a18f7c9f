"""The page of the selected participant beside the views, on wide terminals."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.containers import VerticalScroll

from presence_tui.store import Record
from presence_tui.tui.widgets.titled_box import TitledBox

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.tui.widgets.labelled_lines import Labelled, LabelledLines


class DetailsPanel(TitledBox):
    """Costs nothing while hidden."""

    def __init__(self, text_of: "Callable[[Record], Labelled]", nobody: str) -> None:
        """``nobody`` is the title without a selected participant."""
        self._scroll = VerticalScroll(id="details-text", can_focus=False)
        super().__init__(self._scroll)
        self.id = "details"
        self._text_of = text_of
        self._nobody = nobody
        self._lines: LabelledLines | None = None
        self._shown_key = ""

    def show(self, record: Record | None) -> None:
        """Show the current page of a participant."""
        if not self.display or not self.is_mounted:
            return
        self.show_titles(self._nobody if record is None else record.shown_name, "")
        if record is None:
            if self._lines is not None:
                self._lines.display = False
            return
        text = self._text_of(record)
        if self._lines is None:
            from presence_tui.tui.widgets.labelled_lines import LabelledLines

            self._lines = LabelledLines(text)
            self._scroll.mount(self._lines)
        else:
            self._lines.display = True
            self._lines.show(text)
        if record.key != self._shown_key:
            self._shown_key = record.key
            self._scroll.scroll_home(animate=False)
