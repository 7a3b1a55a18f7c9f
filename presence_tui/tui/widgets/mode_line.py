"""The line below the title: tabs, and beside or instead of them pause, filter and facets.

It is always shown, because separate lines for pause, filter or facets would move every row.
"""

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from presence_tui.text.language import Language
from presence_tui.text.local_time import SECONDS, local_time
from presence_tui.tui.widgets.containers import Columns
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


class PauseBar(Static, ModePart):
    """Visible only during a pause; a click ends it."""

    class Clicked(Message):
        """The pause is to end."""

    def __init__(self, language: Language, key: str) -> None:
        """``key`` ends the pause."""
        super().__init__(id="pause-bar")
        self._language = language
        self._key = key
        self._parts: list[str] = []

    def show(self, since_s: float | None, changes: int) -> None:
        """Show start (Unix seconds) and number of changes; ``None`` if not paused."""
        parts = [] if since_s is None else self._sentences(since_s, changes)
        if parts != self._parts:
            self._parts = parts
            self.set_open(bool(parts))
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def on_click(self) -> None:
        self.post_message(self.Clicked())

    def _draw(self) -> None:
        """Show as many parts as fit; the word for the pause comes first."""
        parts = self._parts
        while len(parts) > 1 and cell_len(" · ".join(parts)) + 2 > self.size.width:
            parts = parts[:-1]
        self.update(Text(f" {' · '.join(parts)} ", no_wrap=True, overflow="ellipsis"), layout=False)

    def _sentences(self, since_s: float, changes: int) -> list[str]:
        at = local_time(since_s, SECONDS)
        happened = self._language.count("{n} change since {at}", "{n} changes since {at}", changes, at=at)
        paused, goes_on = self._language.say("PAUSED"), self._language.say("{key} goes on", key=self._key)
        return [paused, happened, goes_on]
