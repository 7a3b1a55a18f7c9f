"""Spaces at which no line ends: before a unit, and the no-break spaces of the catalogue.

Libraries that wrap texts end lines at both. Stand-ins for them stay in their word.
"""

import re
from typing import Final

from presence_tui.text.numbers import NO_BREAK

_UNBROKEN: Final = re.compile(
    r"(?<=\d) (?=(?:s|min|h|d|j|mo|mois|y|ans?|ms|µs|[KMG]iB|[KMG]io|kB|B|o)\b)|(?<=±) |(?<=[≤>]) (?=\d)"
)
_NO_BREAK_STAND_IN: Final = "\ue000"
_SPACE_STAND_IN: Final = "\ue001"
_BACK: Final = str.maketrans({_NO_BREAK_STAND_IN: NO_BREAK, _SPACE_STAND_IN: " "})


def solid(text: str) -> str:
    """The text with stand-ins, of the same length."""
    return _UNBROKEN.sub(_SPACE_STAND_IN, text).replace(NO_BREAK, _NO_BREAK_STAND_IN)


def restored(text: str) -> str:
    """The text as it was before ``solid``."""
    return text.translate(_BACK)
