"""The last line: keys of commands, as many as fit."""

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

_PADDING_CELLS = 3
"""Spaces of one entry: around its key and after its label."""


class CommandFooter(Footer):
    """Leaves out what does not fit, because half a label names no command.

    What comes first goes first; a later one that is short enough may still have its place.
    """

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)

    def compose(self) -> ComposeResult:
        # The space after the last label needs no room.
        room = self.screen.size.width + 1
        for entry in super().compose():
            cells = _cells(entry)
            if cells <= room and not self._is_typed(entry):
                room -= cells
                yield entry

    async def on_resize(self, event: events.Resize) -> None:
        await self.recompose()

    def _is_typed(self, entry: Widget) -> bool:
        """True for a key that is text where the focus is. Textual forgets this for the slash."""
        focused = self.screen.focused
        if focused is None or not isinstance(entry, FooterKey) or len(entry.key_display) > 1:
            return False
        return focused.check_consume_key(entry.key, entry.key_display)


def _cells(entry: Widget) -> int:
    if not isinstance(entry, FooterKey):
        return 0
    return cell_len(entry.key_display) + cell_len(entry.description) + _PADDING_CELLS
