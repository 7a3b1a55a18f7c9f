"""The part of the mode line that shows a pause and the number of changes since."""

from rich.cells import cell_len
from rich.text import Text
from textual.message import Message
from textual.widgets import Static

from presence_tui.text.language import Language
from presence_tui.text.local_time import SECONDS, local_time
from presence_tui.tui.widgets.mode_line import ModePart


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
