"""A list whose lines contain clickable actions."""

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
"""Corners, and the space between them and the text."""


class RuleOptions(OptionList):
    """A click on an action in a line, or a key on the line with the cursor, posts ``Asked``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("space", "select", show=False),
    ]

    class Asked(Message):
        """An action of a line was requested."""

        def __init__(self, index: int, what: str) -> None:
            self.index = index
            self.what = what
            super().__init__()

    def explain(self, title: str, ways_on: str) -> None:
        """Set title and hint in the border; the list is at least as wide as the hint, if it fits."""
        # As ``Text``, because a string is read as markup, and titles contain names.
        self.border_title, self.border_subtitle = Text(title), Text(ways_on)
        self.styles.min_width = cell_len(ways_on) + _FRAME_CELLS

    def ask(self, what: str) -> None:
        """Request an action of the line under the cursor, by a key."""
        if self.highlighted is not None:
            self.post_message(self.Asked(self.highlighted, what))

    def on_click(self, event: events.Click) -> None:
        index, what = event.style.meta.get("option"), event.style.meta.get(_DOES)
        if index is not None and what is not None:
            self.highlighted = index
            self.ask(what)
            # The click does not select the line.
            event.prevent_default()


def action_link(text: str, does: str) -> Text:
    """A clickable action in a line."""
    return Text(text, style=Style(meta={_DOES: does}))
