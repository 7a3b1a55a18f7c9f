"""What all dialogs are: above another screen, patient, and styled by a file of their own."""

from textual.screen import ModalScreen

from presence_tui.tui.screens.backpressure_screen import BackpressureScreen
from presence_tui.tui.textual_internals import Answered


class Modal(ModalScreen[Answered], BackpressureScreen[Answered]):
    """To be derived from."""
