"""Parts of a form: a label before an input, and a line that is ticked or not."""

from collections.abc import Iterable
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static

_GAP = 2


class FormRow(Horizontal):
    """A label and an input. The labels of a form are equally wide."""

    def __init__(self, label: str, label_cells: int, content: Input | Static) -> None:
        super().__init__(classes="form-row")
        self._label = Static(Text(label, no_wrap=True), classes="form-label")
        self._label.styles.width = label_cells
        self._content = content

    def compose(self) -> ComposeResult:
        yield self._label
        yield self._content


class Tick(Static, can_focus=True):
    """A line with a tick, which space or a click changes. The mark is ASCII for screen readers."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "turn", show=False)]

    def __init__(self, label: str, is_on: bool) -> None:
        super().__init__()
        self._label = label
        self.is_on = is_on

    def on_mount(self) -> None:
        self._draw()

    def on_click(self) -> None:
        self.action_turn()

    def action_turn(self) -> None:
        self.is_on = not self.is_on
        self._draw()

    def _draw(self) -> None:
        self.update(Text(f"[{'x' if self.is_on else ' '}] {self._label}"))


def label_cells_of(labels: Iterable[str]) -> int:
    """The width that all these labels need, with the gap before the inputs."""
    return max(map(cell_len, labels)) + _GAP
