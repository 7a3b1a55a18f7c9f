"""The welcome over the demo when nothing is configured: look around, or connect."""

from collections.abc import Callable, Collection
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from presence_tui.text.language import Language
from presence_tui.tui.screens.dialog import Dialog
from presence_tui.tui.widgets.labelled_lines import Labelled


class Welcome(Dialog):
    """A dialog over the running demo. Any other key closes it and does nothing else.

    ``connect`` is called if the user chooses that instead. ``passed_on`` are keys that the demo gets as well.
    """

    SHOWS_WHAT_IS_BEHIND = True
    BINDINGS: ClassVar[list[BindingType]] = [Binding("c", "connect", show=False)]
    _ANSWERED: ClassVar[set[str]] = {"escape", "enter", "c", "ctrl+c", "ctrl+p"}

    def __init__(self, language: Language, connect: Callable[[], object], passed_on: Collection[str]) -> None:
        say = language.say
        text = Labelled(
            [
                (say("Demo"), say("invented people: who is online, since when, and why")),
                ("", ""),
                ("enter", say("look around")),
                ("c", say("connect to your own gateway: asks for its address, a user name and a password")),
            ],
            label_cells=6,
        )
        super().__init__(say("Welcome"), lambda: text, say("enter looks around"))
        self._connect = connect
        self._passed_on = passed_on

    def on_key(self, event: events.Key) -> None:
        if event.key not in self._ANSWERED:
            event.stop()
            event.prevent_default()
            self.dismiss()
            if event.key in self._passed_on:
                self.app.call_later(self.app.simulate_key, event.key)

    def action_connect(self) -> None:
        self.dismiss()
        self._connect()
