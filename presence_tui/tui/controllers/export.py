"""Pins, copies, files and pictures. Nothing is copied or written without a command."""

from typing import TYPE_CHECKING

from presence_tui.tui.controllers.context import Handlers, WatchContext
from presence_tui.tui.controllers.views import ViewController
from presence_tui.tui.keys import key_of

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.tui.screens.export_actions import ExportActions


class ExportController:
    """Acts on the visible view."""

    def __init__(self, context: WatchContext, views: ViewController) -> None:
        self._context = context
        self._views = views

    def handlers(self) -> Handlers:
        return {
            "pin": self.pin,
            "copy": self.copy_row,
            "copy_panel": self.copy_panel,
            "export": self.export,
            "picture": self.save_picture,
        }

    def pin(self) -> None:
        """Pin the selected participant, or unpin."""
        context = self._context
        if (record := context.selected(self._views.seen.selected_key)) is not None:
            self._views.resume()
            context.service.pin(record.key, record.key not in context.store.indexes.pins)
            context.draw()

    def copy_row(self) -> None:
        text = self._views.seen.selected_text()
        if text:
            self._actions.copy(self._context.say("the row"), [text], 1)
        else:
            self._context.toast(
                self._context.say("Nobody is selected. Choose somebody with the arrow keys."),
                holds=lambda: not self._views.seen.selected_text(),
            )

    def copy_panel(self) -> None:
        """Copy the rows of the panel with the cursor, under its title."""
        title, lines, rows = self._views.seen.panel_texts()
        if lines:
            conversation = self._context.service.state.conversation
            heading = " · ".join(filter(None, (title, conversation.title if conversation else "")))
            self._actions.copy(title, [heading, *lines], rows + 1)
        else:
            self._context.toast(
                self._context.say("There is nothing to copy here."),
                holds=lambda: not self._views.seen.panel_texts()[1],
            )

    def export(self) -> None:
        """Write the shown participants to a file."""
        order = self._views.seen.order
        if order is None:
            self._context.toast(
                self._context.say("There is nobody to export here."),
                holds=lambda: self._views.seen.order is None,
            )
            return
        dialog = self._actions.export_dialog(order, self._views.seen.titles()[0])
        self._context.screen.app.push_screen(dialog, self._show_result)

    def save_picture(self) -> None:
        """Save a picture of the screen."""
        self._context.screen.run_worker(self._actions.picture())

    @property
    def _actions(self) -> "ExportActions":
        return export_actions(self._context)

    def _show_result(self, sentence: str | None) -> None:
        if sentence is not None:
            self._context.toast(sentence)


def export_actions(context: WatchContext) -> "ExportActions":
    from presence_tui.tui.screens.export_actions import ExportActions

    export_key = key_of(context.commands, "export")
    return ExportActions(context.screen, context.service, context.wording, context.toast, export_key)
