"""What stands above the demo when nothing is configured: look around, or connect."""

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from presence_tui.tui.language import Language
from presence_tui.tui.screens.dialog import Dialog, table


class Welcome(Dialog):
    """Closes like any dialog, and the demo is there. ``connect`` is called if that is wanted instead."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("c", "connect", show=False)]

    def __init__(self, language: Language, connect: Callable[[], None]) -> None:
        say = language.say
        text = table(
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

    def action_connect(self) -> None:
        self.dismiss()
        self._connect()
