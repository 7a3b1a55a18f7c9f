"""The baseline of the screen benches: the same rows in two of Textual's ``DataTable``s."""

from collections.abc import Iterable

from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.widgets import DataTable

from presence_tui.domain.enums import Panel
from tests.bench.population import is_online, key_of, mark, name_of

COLUMNS = ("state", "name", "word", "age")
Row = tuple[str, str, str, str]


def row_of(number: int, name: str = "") -> Row:
    """The same content as our own rows."""
    state = ("●", "online") if is_online(number) else ("○", "offline")
    return state[0], name or (name_of(number) if number else mark(0)), state[1], "12 s"


class TableApp(App[None]):
    """Two tables side by side."""

    CSS = "DataTable { width: 1fr; }"

    def compose(self) -> ComposeResult:
        with Horizontal():
            for panel in (Panel.ONLINE, Panel.OFFLINE):
                yield DataTable(id=f"table-{panel}", cursor_type="row")

    def on_mount(self) -> None:
        for table in self.query(DataTable):
            table.add_columns(*COLUMNS)

    def table(self, panel: Panel) -> DataTable[str]:
        return self.query_one(f"#table-{panel}", DataTable)

    def fill(self, numbers: Iterable[int]) -> None:
        """Add participants to the tables of their panels, ordered by name."""
        for number in sorted(numbers, key=lambda number: row_of(number)[1]):
            panel = Panel.ONLINE if is_online(number) else Panel.OFFLINE
            self.table(panel).add_row(*row_of(number), key=key_of(number))
