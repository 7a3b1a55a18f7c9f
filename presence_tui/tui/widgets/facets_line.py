"""Shows active facets and the number of rows that pass. Visible only while facets are set."""

from typing import Final

from rich.cells import cell_len
from rich.text import Text
from textual.message import Message
from textual.widgets import Static

from presence_tui.store import Facets
from presence_tui.text.wording import Wording
from presence_tui.tui.keys import PALETTE_KEY
from presence_tui.tui.widgets.cells import shortened
from presence_tui.tui.widgets.mode_line import ModePart

_LEAST_FACETS_CELLS: Final = 12


class FacetsLine(Static, ModePart):
    """Never read as markup, because roles may have any name. A click opens the dialog."""

    class Clicked(Message):
        """The dialog was requested."""

    def __init__(self, wording: Wording, key: str) -> None:
        """``key`` opens the dialog."""
        super().__init__(id="facets-line")
        self._wording = wording
        self._say = wording.language.say
        self._key = "" if key == PALETTE_KEY else key
        self._texts = ("", "", "")

    def show(self, facets: Facets, how_many: str) -> None:
        """Show the facets and the count."""
        full, brief = self._wording.facets(facets), self._wording.facets(facets, brief=True)
        texts = (full, brief, how_many) if facets else ("", "", "")
        if texts != self._texts:
            self._texts = texts
            self.set_open(bool(facets))
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def on_click(self) -> None:
        self.post_message(self.Clicked())

    def _draw(self) -> None:
        facets, brief, how_many = self._texts
        width = self.size.width
        mark = f" {self._key or '='} "
        clears = self._say("esc clears")
        # The facets take precedence if the line is shared.
        room = width - cell_len(mark) - min(cell_len(facets), _LEAST_FACETS_CELLS)
        rights = (f" {how_many} · {clears} ", f" {how_many} ")
        right = next((right for right in rights if cell_len(right) <= room), "")
        room = max(0, width - cell_len(mark) - cell_len(right))
        line = Text(no_wrap=True)
        line.append(mark, "bold")
        line.append(shortened(facets if cell_len(facets) <= room else brief, room))
        line.append(" " * max(0, width - line.cell_len - cell_len(right)) + right)
        self.update(line, layout=False)
