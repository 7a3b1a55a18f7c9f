"""Styles that the first screen does not need: files of their own, read before what they are for is styled.

The library would read such a file after the first of them was styled, and style the whole screen anew.
"""

from pathlib import Path
from typing import Final, Literal

from textual.css.stylesheet import Stylesheet

_FOLDER: Final = Path(__file__).parent / "styles"


def read_styles(styles: Stylesheet, name: Literal["dialogs", "views", "wallboard"]) -> None:
    """Read them, if that has not been done yet."""
    path = _FOLDER / f"{name}.tcss"
    if not styles.has_source(str(path)):
        styles.read(path)
        styles.parse()
