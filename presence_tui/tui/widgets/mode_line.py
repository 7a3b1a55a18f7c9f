"""The line below the title: tabs, and beside or instead of them pause, filter and facets.

It is always shown, because separate lines for pause, filter or facets would move every row.
"""

from textual.app import ComposeResult
from textual.widget import Widget

from presence_tui.tui.widgets.backdrop import Columns
from presence_tui.tui.widgets.view_tabs import ViewTabs


class ModePart(Widget):
    """A part of the line that is visible only while open. A base class."""

    def set_open(self, is_open: bool) -> None:
        """Show or hide the part."""
        self.set_class(is_open, "-open")
        if isinstance(self.parent, ModeLine):
            self.parent.follow_parts()


class ModeLine(Columns):
    """On narrow terminals, open parts replace the tabs."""

    def __init__(self, tabs: ViewTabs, *parts: ModePart) -> None:
        super().__init__(id="mode-line")
        self._tabs = tabs
        self._parts = parts

    def compose(self) -> ComposeResult:
        yield self._tabs
        yield from self._parts

    def follow_parts(self) -> None:
        """Update the layout after a part was opened or closed; several open parts share the line in a short
        form.
        """
        is_open = [part.has_class("-open") for part in self._parts]
        self.set_class(any(is_open), "-open")
        self.set_class(sum(is_open) > 1, "-shared")
