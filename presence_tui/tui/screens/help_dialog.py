"""Help: keys in groups, marks and the words of the link; a slash looks for something in it."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Input

from presence_tui.store.records import folded
from presence_tui.tui.screens.dialog import Dialog
from presence_tui.tui.widgets.labelled_lines import Labelled


class HelpDialog(Dialog):
    """What is typed leaves the rows that contain it, each group under its heading."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "look_for", show=False),
        Binding("escape", "step_back", show=False),
    ]

    def __init__(
        self, heading: str, make_text: Callable[[], Labelled], way_out: str, placeholder: str
    ) -> None:
        super().__init__(heading, lambda: matching(make_text(), self._query), way_out)
        self._query = ""
        self._input = Input(placeholder=placeholder, id="help-filter")
        self._input.display = False

    def above_text(self) -> Iterable[Widget]:
        return (self._input,)

    def action_look_for(self) -> None:
        self._input.display = True
        self.set_focus(self._input)

    def action_step_back(self) -> None:
        """Show all of it again, or close it."""
        if not self._input.display:
            self.dismiss()
            return
        self._input.value = ""
        self._input.display = False
        self.query_one(VerticalScroll).focus()

    @on(Input.Changed)
    def _look_for(self, event: Input.Changed) -> None:
        self._query = event.value
        self._follow()

    @on(Input.Submitted)
    def _keep(self) -> None:
        self.query_one(VerticalScroll).focus()


def matching(labelled: Labelled, query: str) -> Labelled:
    """The rows that contain the query, under the headings of their groups; all rows for an empty query.

    Case and accents are ignored.
    """
    wanted = folded(query.strip())
    if not wanted:
        return labelled
    rows: list[tuple[str, str]] = []
    heading: tuple[str, str] | None = None
    for label, text in labelled.rows:
        if label and not text:
            heading = label, text
        elif wanted in folded(f"{label} {text}"):
            if heading is not None:
                rows += [("", ""), heading] if rows else [heading]
                heading = None
            rows.append((label, text))
    return Labelled(rows, labelled.label_cells)
