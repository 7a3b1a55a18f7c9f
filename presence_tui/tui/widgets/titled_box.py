"""A border with a title around one widget."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget


class TitledBox(Vertical):
    """Has the border, so that a new title repaints the border and not what is inside."""

    def __init__(self, inside: Widget) -> None:
        super().__init__(classes="titled-box")
        self._inside = inside
        self._titles = ("", "")

    def compose(self) -> ComposeResult:
        yield self._inside

    def show_titles(self, title: str, subtitle: str) -> None:
        """Set both, if they are new. Neither may hold text from outside: Textual reads them as markup."""
        if (title, subtitle) != self._titles:
            self._titles = (title, subtitle)
            self.border_title, self.border_subtitle = title, subtitle
