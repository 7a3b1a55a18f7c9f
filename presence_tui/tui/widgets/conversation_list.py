"""The sidebar: the account's conversations with their online counts."""

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from presence_tui.domain.participants import Conversation
from presence_tui.service.frames import AtMostEvery
from presence_tui.store import PresenceStore
from presence_tui.text.wording import online_and_total
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.widgets.cells import fitted

_WIDTH = 24
_PERIOD_S: Final = 0.25
"""Counts in the sidebar need not change faster, because each change repaints all lines."""
_MARK_AND_GAPS_CELLS = 3


def conversation_prompt(
    conversation: Conversation, store: PresenceStore, glyphs: Glyphs, watched: bool, width: int
) -> Text:
    """One line: a mark for the watched conversation, the title, and online of total as far as known."""
    counts = online_and_total(conversation, store)
    mark = glyphs.selected if watched else " "
    room = max(1, width - cell_len(counts) - _MARK_AND_GAPS_CELLS)
    return Text(f"{mark} {fitted(conversation.title, room)} {counts}", no_wrap=True)


def prompt_cells(conversation: Conversation, store: PresenceStore) -> int:
    """Width of a line with the whole title."""
    return (
        cell_len(conversation.title) + cell_len(online_and_total(conversation, store)) + _MARK_AND_GAPS_CELLS
    )


class ConversationOptions(OptionList):
    """A list of conversations with this screen's usual keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
    ]


class ConversationList(ConversationOptions):
    """The sidebar."""

    class Chosen(Message):
        """Another conversation was chosen."""

        def __init__(self, conversation: Conversation) -> None:
            self.conversation = conversation
            super().__init__()

    def __init__(self, store: PresenceStore, glyphs: Glyphs) -> None:
        super().__init__(id="conversations")
        self._store = store
        self._glyphs = glyphs
        self._conversations: list[Conversation] = []
        self._watched_id = ""
        self._shown: list[str] = []
        self.follow = AtMostEvery(_PERIOD_S, self._follow)
        """Update the counts."""

    def show(self, conversations: Sequence[Conversation], watched_id: str) -> None:
        """List conversations with a mark on the watched one. Without a change, the cursor stays."""
        if (list(conversations), watched_id) == (self._conversations, self._watched_id):
            return
        self._conversations = list(conversations)
        self._watched_id = watched_id
        self.clear_options()
        prompts = [self._prompt(conversation) for conversation in conversations]
        self._shown = [prompt.plain for prompt in prompts]
        self.add_options([Option(prompt) for prompt in prompts])
        for index, conversation in enumerate(conversations):
            if conversation.id == watched_id:
                self.highlighted = index

    def _follow(self) -> None:
        if not self.is_attached:
            return
        for index, conversation in enumerate(self._conversations):
            prompt = self._prompt(conversation)
            if prompt.plain != self._shown[index]:
                self._shown[index] = prompt.plain
                self.replace_option_prompt_at_index(index, prompt)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(self._conversations[event.option_index]))

    def _prompt(self, conversation: Conversation) -> Text:
        watched = conversation.id == self._watched_id
        return conversation_prompt(conversation, self._store, self._glyphs, watched, _WIDTH)
