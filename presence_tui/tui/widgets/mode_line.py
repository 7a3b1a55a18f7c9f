"""The line below the title: the tabs, and beside or instead of them what changes how the rows are shown.

It is always there. A pause, a filter or facets that came as lines of their own would move every row.
"""

from textual.app import ComposeResult
from textual.widget import Widget

from presence_tui.tui.widgets.backdrop import Columns
from presence_tui.tui.widgets.view_tabs import ViewTabs


class ModePart(Widget):
    """To be derived from: a part of the line that is there only while it has something to say."""

    def set_open(self, is_open: bool) -> None:
        """Show it, or give its place back."""
        self.set_class(is_open, "-open")
        if isinstance(self.parent, ModeLine):
            self.parent.follow_parts()


class ModeLine(Columns):
    """Where the terminal is narrow, the open parts stand in place of the tabs."""

    def __init__(self, tabs: ViewTabs, *parts: ModePart) -> None:
        super().__init__(id="mode-line")
        self._tabs = tabs
        self._parts = parts

    def compose(self) -> ComposeResult:
        yield self._tabs
        yield from self._parts

    def follow_parts(self) -> None:
        """A part was opened or closed: two and more share the line, and leave out what is said elsewhere."""
        is_open = [part.has_class("-open") for part in self._parts]
        self.set_class(any(is_open), "-open")
        self.set_class(sum(is_open) > 1, "-shared")
