"""A list of choices in a dialog, with a mark before each chosen one."""

from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets.option_list import Option

from presence_tui.tui.widgets.conversation_list import ConversationOptions


class Choices(ConversationOptions):
    """Space or a click chooses like enter. Marks are ASCII, so that screen readers read them."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "select", show=False)]


def heading(text: str) -> Option:
    """A line that cannot be chosen."""
    return Option(Text(text, style="bold"), disabled=True)


def choice(text: str, is_chosen: bool) -> Text:
    """A line of a multiple choice."""
    return Text(f" [{'x' if is_chosen else ' '}] {text}", no_wrap=True)
