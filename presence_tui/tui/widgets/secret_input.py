"""An input for a password or a code."""

from dataclasses import dataclass

from textual.actions import SkipAction
from textual.widgets import Input

from presence_tui.domain.redaction import MaskedRepr


class SecretInput(Input):
    """Its text is not copied, and is in the ``repr`` of no message."""

    @dataclass(repr=False)
    class Changed(MaskedRepr, Input.Changed):
        """The text changed."""

    @dataclass(repr=False)
    class Submitted(MaskedRepr, Input.Submitted):
        """Enter was pressed."""

    @dataclass(repr=False)
    class Blurred(MaskedRepr, Input.Blurred):
        """The input lost the focus."""

    def clear_text(self) -> None:
        """Empty the input without a message."""
        with self.prevent(Input.Changed):
            self.value = ""

    def forget_text(self) -> None:
        """Forget the text of an input that is shown no more."""
        self.set_reactive(Input.value, "")

    def action_copy(self) -> None:
        raise SkipAction

    def action_cut(self) -> None:
        self.delete_selection()
