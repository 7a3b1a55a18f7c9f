"""The base of dialogs that list what was found about participants; enter goes to one."""

from collections.abc import Iterator
from typing import ClassVar, Final, NamedTuple

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.visual import Visual
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from presence_tui.store import PresenceStore
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.screens.modal import Modal
from presence_tui.tui.widgets.conversation_list import ConversationOptions
from presence_tui.tui.widgets.labelled_lines import unbroken

_FRAME_CELLS: Final = 6
"""Corners, and the space between them and the text."""


class Row(NamedTuple):
    """One row of the list, of one or more lines."""

    key: str
    """Presence key; empty where the row leads nowhere."""
    text: Text
    is_choice: bool = True
    """False if the cursor passes over it."""


class ParticipantListDialog(Modal[str | None]):
    """Returns the presence key of the chosen row, or ``None``."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss(None)", show=False)]

    def __init__(
        self, title: str, list_id: str, store: PresenceStore, wording: Wording, glyphs: Glyphs
    ) -> None:
        """``list_id`` is the id of the list, for styles."""
        super().__init__()
        self.store = store
        self.wording = wording
        self.glyphs = glyphs
        self._title = title
        self._list_id = list_id
        self._rows: list[Row] = []

    def rows(self) -> Iterator[Row]:
        """Override for the rows as of now."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        self._rows = list(self.rows())
        options = ConversationOptions(
            *map(self._option, self._rows), id=self._list_id, classes="dialog -wide"
        )
        options.border_title = Text(self._title)
        way_out = self.wording.language.say("enter goes there · esc closes")
        options.border_subtitle = way_out
        options.styles.min_width = cell_len(way_out) + _FRAME_CELLS
        yield options

    def on_mount(self) -> None:
        options = self.query_one(ConversationOptions)
        options.focus()
        options.highlighted = self._first_row()
        self.set_interval(1.0, self._follow)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if key := self._rows[event.option_index].key:
            self.dismiss(key)

    def name_of(self, key: str) -> str:
        """The name of a participant, with what tells it from another of the same name."""
        record = self.store.get_user_by_id(key)
        return key if record is None else " ".join((record.shown_name, *self.wording.distinction(record)[:1]))

    def _first_row(self) -> int | None:
        leading = [at for at, row in enumerate(self._rows) if row.key]
        return next(iter(leading or [at for at, row in enumerate(self._rows) if row.is_choice]), None)

    def _follow(self) -> None:
        """Show what is new. The cursor stays on its participant."""
        rows, before = list(self.rows()), self._rows
        if rows == before:
            return
        self._rows = rows
        options = self.query_one(ConversationOptions)
        if [row.key for row in rows] == [row.key for row in before]:
            for at, (row, row_before) in enumerate(zip(rows, before, strict=True)):
                if row != row_before:
                    options.replace_option_prompt_at_index(at, self._prompt(row))
            return
        highlighted, scrolled_y = options.highlighted or 0, options.scroll_y
        key = before[highlighted].key
        options.clear_options()
        options.add_options(map(self._option, rows))
        options.highlighted = next((at for at, row in enumerate(rows) if key and row.key == key), highlighted)
        options.scroll_to(y=scrolled_y, animate=False)
        options.scroll_to_highlight()

    def _option(self, row: Row) -> Option:
        return Option(self._prompt(row), disabled=not row.is_choice)

    def _prompt(self, row: Row) -> Visual:
        return unbroken(row.text, self.app.console)
