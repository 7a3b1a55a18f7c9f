"""What a person keeps of what is shown: pins, copies, exports and pictures."""

from typing import TYPE_CHECKING

from presence_tui.tui.screens.watch.parts import WatchParts

if TYPE_CHECKING:
    # Only to say what it is: the first paint needs none of what leaves the screen.
    from presence_tui.tui.screens.taking_along import TakingAlong


class Taking(WatchParts):
    """Commands; nothing is copied or written without one."""

    def action_pin(self) -> None:
        """Put the selected participant at the top of their panel, or back where they belong."""
        key = self.selected_key
        if key is None:
            self._tell(self._say("Nobody is selected. Choose somebody with the arrow keys."))
            return
        self._go_on()
        pinned = key not in self._store.pins
        self._store.pin([key], pinned)
        if self._situation.kept is not None:
            self._situation.kept.note_pin(key, pinned)
        self._draw()

    def action_copy(self) -> None:
        """What the line under the cursor says."""
        text = self._view.selected_text()
        if text:
            self._taking.copy(self._say("the row"), [text], 1)
        else:
            self._tell(self._say("Nobody is selected. Choose somebody with the arrow keys."))

    def action_copy_panel(self) -> None:
        """What the panel with the cursor says, above it its title."""
        title, lines, rows = self._view.panel_texts()
        if lines:
            conversation = self._situation.conversation
            heading = " · ".join(filter(None, (title, conversation.title if conversation else "")))
            self._taking.copy(title, [heading, *lines], rows + 1)
        else:
            self._tell(self._say("There is nothing to copy here."))

    def action_export(self) -> None:
        """Write who is shown into a file."""
        order = self._view.order
        if order is None:
            self._tell(self._say("There is nobody to export here."))
            return
        self.app.push_screen(self._taking.export_dialog(order, self._view.titles()[0]), self._tell_written)

    def action_picture(self) -> None:
        """Save what the screen shows."""
        self.run_worker(self._taking.picture())

    @property
    def _taking(self) -> "TakingAlong":
        from presence_tui.tui.screens.taking_along import TakingAlong

        return TakingAlong(self, self._situation, self._wording, self._tell)

    def _tell_written(self, said: str | None) -> None:
        if said is not None:
            self._tell(said)
