"""What all dialogs are: above another screen, patient, and styled by a file of their own."""

from textual.app import App
from textual.screen import ModalScreen

from presence_tui.tui.lazy_styles import read_styles
from presence_tui.tui.screens.backpressure_screen import Answered, BackpressureScreen


class Modal(ModalScreen[Answered], BackpressureScreen[Answered]):
    """To be derived from."""

    def _post_register(self, app: App[object]) -> None:
        read_styles(app.stylesheet, "dialogs")
        super()._post_register(app)
