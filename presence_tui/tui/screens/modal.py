"""The base of all dialogs."""

from textual.screen import ModalScreen

from presence_tui.tui.screens.backpressure_screen import BackpressureScreen
from presence_tui.tui.textual_internals import Answered


class Modal(ModalScreen[Answered], BackpressureScreen[Answered]):
    """A dialog with its styles in a separate file. A base class."""
