"""Why the selected participant is what they are, in one line."""

from rich.text import Text
from textual.widgets import Static

from presence_tui.store import Record
from presence_tui.text.wording import Wording


class WhyLine(Static):
    """Drawn as it is, never read as markup."""

    def __init__(self, wording: Wording) -> None:
        super().__init__(id="why")
        self._wording = wording
        self._said = Text()

    def show(self, record: Record | None, hint: str) -> None:
        """Say why, or the hint, if there is one to give; without either nothing is said."""
        said = Text(hint if hint or record is None else self._wording.why(record))
        if said != self._said:
            self._said = said
            self.set_class(bool(hint), "-hint")
            self.update(said, layout=False)
