"""The reason of the selected participant's state, in one line."""

import re
from typing import Final

from rich.cells import cell_len
from rich.text import Text
from textual.widgets import Static

from presence_tui.store import Record
from presence_tui.text.wording import Wording

_BETWEEN: Final = re.compile(r" · |, ")


class WhyLine(Static):
    """Never read as markup."""

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
