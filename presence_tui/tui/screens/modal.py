"""What all dialogs are: above another screen, patient, and styled by a file of their own.

The library would read such a file after the first dialog was styled, and style everything once more for it.
"""

from pathlib import Path
from typing import Final

from textual.app import App
from textual.css.stylesheet import Stylesheet
from textual.screen import ModalScreen

from presence_tui.tui.screens.patient import Answered, Patient

_STYLES: Final = Path(__file__).parents[1] / "styles" / "dialogs.tcss"


class Modal(ModalScreen[Answered], Patient[Answered]):
    """To be derived from."""

    def _post_register(self, app: App[object]) -> None:
        read_dialog_styles(app.stylesheet)
        super()._post_register(app)


def read_dialog_styles(styles: Stylesheet) -> None:
    """Read those of all dialogs, if that has not been done yet: before any of them is styled."""
    if not styles.has_source(str(_STYLES)):
        styles.read(_STYLES)
        styles.parse()
