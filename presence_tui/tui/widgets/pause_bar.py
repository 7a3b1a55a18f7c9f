"""The part of the line below the title that says: the rows stand still, and how much has happened since."""

from datetime import datetime

from rich.cells import cell_len
from rich.text import Text
from textual.message import Message
from textual.widgets import Static

from presence_tui.text.language import Language
from presence_tui.tui.widgets.mode_line import ModePart


class PauseBar(Static, ModePart):
    """Is there only during a pause; a click ends it."""

    class Clicked(Message):
        """It is to go on."""

    def __init__(self, language: Language, key: str) -> None:
        """``key`` is the one that goes on."""
        super().__init__(id="pause-bar")
        self._language = language
        self._key = key
        self._parts: list[str] = []

    def show(self, since_s: float | None, changes: int) -> None:
        """Since when, in Unix seconds, and how many changes ago; ``None`` where nothing is paused."""
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
        """Say as much as there is room for, and first of all that it is a pause."""
        parts = self._parts
        while len(parts) > 1 and cell_len(" · ".join(parts)) + 2 > self.size.width:
            parts = parts[:-1]
        self.update(Text(f" {' · '.join(parts)} ", no_wrap=True, overflow="ellipsis"), layout=False)

    def _sentences(self, since_s: float, changes: int) -> list[str]:
        at = f"{datetime.fromtimestamp(since_s):%H:%M:%S}"
        happened = self._language.count("{n} change since {at}", "{n} changes since {at}", changes, at=at)
        paused, goes_on = self._language.say("PAUSED"), self._language.say("{key} goes on", key=self._key)
        return [paused, happened, goes_on]
