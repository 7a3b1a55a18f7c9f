"""A dialog for choosing a conversation, for terminals without room for the sidebar."""

from collections.abc import Collection, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from presence_tui.domain.participants import Conversation
from presence_tui.store import PresenceStore
from presence_tui.text.wording import online_and_total
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.screens.dialog import Modal
from presence_tui.tui.widgets.conversation_list import (
    ConversationOptions,
    conversation_prompt,
    prompt_cells,
)

_LEAST_CELLS = 32
_FRAME_CELLS = 7
"""Border and padding on both sides, and a scrollbar."""
_BOX_CELLS = 2
"""A square and a gap."""
_AROUND_HINT_CELLS = 2
"""What the corners of the frame take from its hint, where there is no padding."""
_LEAST_MARGIN_CELLS = 6
"""With less, counting both sides, only slivers of the panels behind would show."""


class ConversationPicker(Modal[Conversation | None]):
    """Returns the chosen conversation, or ``None``. As wide as its longest title, if it fits.

    With ``marked``, a square before each title shows which ones are.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", show=False),
    ]

    def __init__(
        self,
        heading: str,
        conversations: Sequence[Conversation],
        watched_id: str,
        store: PresenceStore,
        glyphs: Glyphs,
        way_out: str,
        *,
        marked: Collection[str] | None = None,
        selected_id: str | None = None,
    ) -> None:
        super().__init__()
        self._heading = heading
        self._way_out = way_out
        self._conversations = conversations
        self._watched_id = watched_id
        self._store = store
        self._glyphs = glyphs
        self._marked = marked
        self._selected_id = selected_id
        self._counts = self._counted()
        self._shown: list[Text] = []

    def compose(self) -> ComposeResult:
        self._shown = self._prompts()
        options = ConversationOptions(*map(Option, self._shown), id="picker", classes="dialog")
        options.border_title = Text(self._heading)
        options.border_subtitle = self._way_out
        yield options

    def on_mount(self) -> None:
        options = self.query_one(ConversationOptions)
        options.focus()
        places = (place for place, each in enumerate(self._conversations) if each.id == self._selected_id)
        options.highlighted = next(places, options.highlighted)

    def on_resize(self, event: events.Resize) -> None:
        options = self.query_one(ConversationOptions)
        options.set_class(self._fills_the_screen(), "-filling")
        self._show_prompts()

    def draw_figures(self) -> None:
        self._counts = self._counted()
        self._show_prompts()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._conversations[event.option_index])

    def _show_prompts(self) -> None:
        """Replace the lines that have changed."""
        options, before, self._shown = self.query_one(ConversationOptions), self._shown, self._prompts()
        for index, (prompt, old_prompt) in enumerate(zip(self._shown, before, strict=True)):
            if prompt != old_prompt:
                options.replace_option_prompt_at_index(index, prompt)

    def _counted(self) -> list[str]:
        return [online_and_total(each, self._store) for each in self._conversations]

    def _prompts(self) -> list[Text]:
        room = self.app.size.width - _FRAME_CELLS
        width = room if self._fills_the_screen() else self._wanted_cells()
        return [
            conversation_prompt(
                each, counts, self._glyphs, each.id == self._watched_id, width, self._box(each)
            )
            for each, counts in zip(self._conversations, self._counts, strict=True)
        ]

    def _box(self, conversation: Conversation) -> str:
        if self._marked is None:
            return ""
        return f"{self._glyphs.marked if conversation.id in self._marked else self._glyphs.unmarked} "

    def _fills_the_screen(self) -> bool:
        return self._wanted_cells() + _FRAME_CELLS + _LEAST_MARGIN_CELLS > self.app.size.width

    def _wanted_cells(self) -> int:
        wanted = max(map(prompt_cells, self._conversations, self._counts))
        boxes = 0 if self._marked is None else _BOX_CELLS
        return max(_LEAST_CELLS, wanted + boxes, cell_len(self._way_out) + _AROUND_HINT_CELLS)
