"""A list whose lines have places that do something of their own when they are clicked."""

from typing import ClassVar, Final

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import OptionList

_DOES: Final = "does"
_FRAME_CELLS: Final = 6
"""Corners, and what stands between them and the words."""


class RuleOptions(OptionList):
    """A line does something by a click on one of its places, or by a key while the cursor is on it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("space", "select", show=False),
    ]

    class Asked(Message):
        """A line is to do what one of its places is for."""

        def __init__(self, index: int, what: str) -> None:
            self.index = index
            self.what = what
            super().__init__()

    def explain(self, title: str, ways_on: str) -> None:
        """What is written into the frame; it is at least as wide as that, if the screen is."""
        # As text, because a plain string is read as markup, and titles hold names.
        self.border_title, self.border_subtitle = Text(title), Text(ways_on)
        self.styles.min_width = cell_len(ways_on) + _FRAME_CELLS

    def ask(self, what: str) -> None:
        """The same for the line under the cursor, by a key."""
        if self.highlighted is not None:
            self.post_message(self.Asked(self.highlighted, what))

    def _ask_at(self, event: events.Click) -> bool:
        index, what = event.style.meta.get("option"), event.style.meta.get(_DOES)
        if index is None or what is None:
            return False
        self.highlighted = index
        self.post_message(self.Asked(index, what))
        return True

    def on_click(self, event: events.Click) -> None:
        if self._ask_at(event):
            # The line as a whole was not meant.
            event.prevent_default()


def action_link(text: str, does: str) -> Text:
    """A piece of a line that does something when it is clicked."""
    return Text(text, style=Style(meta={_DOES: does}))
