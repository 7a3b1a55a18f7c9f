"""The line that says that what is below it stands still, and how much has happened since."""

from datetime import datetime

from rich.text import Text
from textual.message import Message
from textual.widgets import Static

from presence_tui.text.language import Language


class PauseBar(Static):
    """Is there only during a pause; a click ends it."""

    class Clicked(Message):
        """It is to go on."""

    def __init__(self, language: Language, key: str) -> None:
        """``key`` is the one that goes on."""
        super().__init__(id="pause-bar")
        self._language = language
        self._key = key
        self._said = ""

    def show(self, since_s: float | None, changes: int) -> None:
        """Since when, in Unix seconds, and how many changes ago; ``None`` where nothing is paused."""
        said = "" if since_s is None else self._sentence(since_s, changes)
        if said != self._said:
            self._said = said
            self.set_class(bool(said), "-open")
            self.update(Text(said, no_wrap=True, overflow="ellipsis"), layout=False)

    def on_click(self) -> None:
        self.post_message(self.Clicked())

    def _sentence(self, since_s: float, changes: int) -> str:
        at = f"{datetime.fromtimestamp(since_s):%H:%M:%S}"
        happened = self._language.count("{n} change since {at}", "{n} changes since {at}", changes, at=at)
        paused, goes_on = self._language.say("PAUSED"), self._language.say("{key} goes on", key=self._key)
        return f" {paused} · {happened} · {goes_on} "
