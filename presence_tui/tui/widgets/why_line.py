"""The reason of the selected participant's state, in one line."""

from rich.text import Text
from textual.widgets import Static

from presence_tui.store import Record
from presence_tui.text.wording import Wording


class WhyLine(Static):
    """Never read as markup."""

    def __init__(self, wording: Wording) -> None:
        super().__init__(id="why")
        self._wording = wording
        self._said = Text()

    def show(self, record: Record | None, hint: str) -> None:
        """Show the participant's reason, or the hint instead; empty without either."""
        text = Text(hint if hint or record is None else self._wording.why(record))
        if text != self._said:
            self._said = text
            self.set_class(bool(hint), "-hint")
            self.update(text, layout=False)
