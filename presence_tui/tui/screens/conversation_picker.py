"""A dialog to choose the conversation to watch, for terminals without room for the sidebar."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from presence_tui.domain.participants import Conversation
from presence_tui.store import PresenceStore
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.widgets.conversation_list import ConversationOptions, conversation_prompt

_WIDTH = 48


class ConversationPicker(ModalScreen[Conversation | None]):
    """Answers the conversation chosen, or ``None``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", show=False),
    ]

    def __init__(
        self,
        heading: str,
        conversations: list[Conversation],
        watched_id: str,
        store: PresenceStore,
        glyphs: Glyphs,
    ) -> None:
        super().__init__()
        self._heading = heading
        self._conversations = conversations
        self._watched_id = watched_id
        self._store = store
        self._glyphs = glyphs

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Text(self._heading)
            options = [
                Option(
                    conversation_prompt(
                        conversation,
                        self._store,
                        self._glyphs,
                        conversation.id == self._watched_id,
                        _WIDTH,
                    )
                )
                for conversation in self._conversations
            ]
            yield ConversationOptions(*options, id="picker")

    def on_mount(self) -> None:
        self.query_one(ConversationOptions).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._conversations[event.option_index])
