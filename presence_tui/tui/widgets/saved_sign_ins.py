"""The list of gateways with a credential, and the way to another one."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from presence_tui.storage.saved_logins import as_login_name
from presence_tui.text.language import Language
from presence_tui.tui.gateways import KnownGateway
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.widgets.cells import fitted, shortened
from presence_tui.tui.widgets.conversation_list import ConversationOptions

_GAP = "  "
_MOST_CELLS = 32
"""Of a column."""


class SavedSignIns(ConversationOptions):
    """One line a gateway: a mark on the one that is shown, its name, who is signed in, and its address."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("x,delete,backspace", "sign_out", show=False)]

    class Chosen(Message):
        """A gateway was chosen; ``None`` for another one."""

        def __init__(self, gateway: KnownGateway | None) -> None:
            self.gateway = gateway
            super().__init__()

    class SignOutAsked(Message):
        """Signing out of a gateway was requested."""

        def __init__(self, gateway: KnownGateway) -> None:
            self.gateway = gateway
            super().__init__()

    def __init__(self, language: Language, glyphs: Glyphs) -> None:
        super().__init__(id="saved-sign-ins")
        self._language = language
        self._glyphs = glyphs
        self._known: Sequence[KnownGateway] = ()
        self._current: KnownGateway | None = None

    def show(self, known: Sequence[KnownGateway], current: KnownGateway | None) -> None:
        """List gateways. The cursor is on the first that is not shown already."""
        self._known, self._current = known, current
        self.clear_options()
        self.add_options([Option(prompt) for prompt in self._prompts()])
        others = [index for index, gateway in enumerate(known) if not self._is_current(gateway)]
        self.highlighted = others[0] if others else 0

    def on_resize(self, event: events.Resize) -> None:
        for index, prompt in enumerate(self._prompts()):
            self.replace_option_prompt_at_index(index, prompt)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        index = event.option_index
        self.post_message(self.Chosen(self._known[index] if index < len(self._known) else None))

    def action_sign_out(self) -> None:
        index = self.highlighted
        if index is not None and index < len(self._known) and self._known[index].saved_login is not None:
            self.post_message(self.SignOutAsked(self._known[index]))

    def _prompts(self) -> list[Text]:
        if not self._known:
            return []
        columns = [
            [_title(gateway) for gateway in self._known],
            [self._user(gateway) for gateway in self._known],
            ["" if _title(gateway) == gateway.address else gateway.address for gateway in self._known],
        ]
        cells = [min(_MOST_CELLS, max(map(cell_len, column))) for column in columns]
        marks = [self._glyphs.selected if self._is_current(gateway) else " " for gateway in self._known]
        lines = [
            f"{mark} {_GAP.join(map(fitted, texts, cells))}"
            for mark, *texts in zip(marks, *columns, strict=True)
        ]
        other = self._language.say("Another gateway…")
        room = self.scrollable_content_region.width
        return [
            Text(shortened(line.rstrip(), room) if room else line, no_wrap=True)
            for line in (*lines, f"  {other}")
        ]

    def _user(self, gateway: KnownGateway) -> str:
        say = self._language.say
        if gateway.saved_login is None:
            return say("the configured token")
        return say("guest {name}", name=gateway.user) if gateway.is_guest else f"@{gateway.user}"

    def _is_current(self, gateway: KnownGateway) -> bool:
        current = self._current
        return current is not None and (current.name, current.address) == (gateway.name, gateway.address)


def _title(gateway: KnownGateway) -> str:
    """The name of the sign-in, or the address if it is named after that."""
    return gateway.address if gateway.name in ("", as_login_name(gateway.address)) else gateway.name
