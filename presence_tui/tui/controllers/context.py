"""Shared context of the watch screen's controllers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual.notifications import SeverityLevel

from presence_tui.service.service import PresenceService
from presence_tui.store import PresenceStore, Record
from presence_tui.text.wording import Wording
from presence_tui.tui.commands import Command
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.screens.backpressure_screen import BackpressureScreen
from presence_tui.tui.toasts import Toasts

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.tui.screens.dialog import Meanwhile
    from presence_tui.tui.widgets.labelled_lines import Labelled

Handlers = Mapping[str, Callable[[], Awaitable[None] | None]]
"""Command name to its handler."""

OwnAction = tuple[str, str, Callable[[], object]]
"""Name of the command whose keys it has in a dialog, label, and what is done."""


@dataclass(frozen=True)
class WatchContext:
    """The screen, its service and its texts."""

    screen: BackpressureScreen[None]
    service: PresenceService
    wording: Wording
    glyphs: Glyphs
    commands: list[Command]
    run: Callable[[str], object]
    """Carry out a command, by name."""
    draw: Callable[[], None]
    """Updates titles, rows and texts."""
    toasts: Toasts
    selected_key: Callable[[], str | None]
    """The presence key under the cursor."""

    @property
    def store(self) -> PresenceStore:
        return self.service.store

    @property
    def say(self) -> Callable[..., str]:
        """Translates a sentence into the language of the screen."""
        return self.wording.language.say

    def toast(
        self, text: str, severity: SeverityLevel = "information", holds: Callable[[], bool] | None = None
    ) -> None:
        """Show a sentence for some seconds; one about a state at most until ``holds`` is false."""
        self.toasts.show(text, severity, holds)

    def show_dialog(
        self,
        heading: str,
        make_text: "Callable[[], Labelled]",
        meanwhile: "Meanwhile | None" = None,
        commands: Sequence[str] = (),
        own: Sequence[OwnAction] = (),
    ) -> None:
        """Show a text above the screen, made anew each second; ``meanwhile`` runs until it is closed.

        ``commands`` work in it by their keys as well, and the keys of the commands in ``own`` do that here.
        """
        from presence_tui.tui.screens.dialog import Dialog

        offered = [command for command in self.commands if command.name in commands and command.keys]
        keys: dict[str, Callable[[], object]] = {
            key: partial(self.run, command.name) for command in offered for key in command.keys.split(",")
        }
        ways_on = [f"{command.key_shown} {command.label}" for command in offered]
        by_name = {command.name: command for command in self.commands if command.keys}
        own_ways = []
        for name, label, do in own:
            if (command := by_name.get(name)) is not None:
                keys |= dict.fromkeys(command.keys.split(","), do)
                own_ways.append(f"{command.key_shown} {label}")
        way_out = " · ".join([*own_ways, *ways_on, self.say("esc closes")])
        self.screen.app.push_screen(Dialog(heading, make_text, way_out, meanwhile, keys))

    def selected(self, key: str | None) -> Record | None:
        """The participant under the cursor; shows a message and returns ``None`` if there is none."""
        record = self.store.get_user_by_id(key or "")
        if record is None:
            self.toast(
                self.say("Nobody is selected. Choose somebody with the arrow keys."),
                holds=lambda: self.store.get_user_by_id(self.selected_key() or "") is None,
            )
        return record
