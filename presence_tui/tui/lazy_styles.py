"""Styles that the first screen does not need, in separate files read before their first use.

The library would read such a file after styling the first widget, and then style the whole screen again.
"""

from pathlib import Path
from typing import Final, Literal

from textual.css.stylesheet import Stylesheet

_FOLDER: Final = Path(__file__).parent / "styles"


def read_styles(styles: Stylesheet, name: Literal["dialogs", "views", "wallboard"]) -> None:
    """Read a style file, if not done yet."""
    path = _FOLDER / f"{name}.tcss"
    if not styles.has_source(str(path)):
        styles.read(path)
        styles.parse()
