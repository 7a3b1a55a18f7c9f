"""Detect a light terminal, by an environment variable or its answer to a query.

The answer is not awaited. It arrives among the keys, or never.
"""

import os
import re
from collections.abc import Mapping
from typing import Final

from textual.message import Message

QUESTION: Final = "\x1b]11;?\x1b\\"
"""OSC 11 queries the background colour."""
_ANSWER: Final = re.compile(
    r"\x1b\]11;rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})(?:/[0-9a-fA-F]{1,4})?(?:\x07|\x1b\\)"
)
_LIGHT_INDEXES: Final = frozenset({"7", "15"})
"""Both whites of the sixteen colours."""
_SHARES: Final = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in the brightness (ITU-R BT.601)."""
_HALF: Final = 0.5


class BackgroundReported(Message):
    """The terminal reported whether its background is light."""

    def __init__(self, is_light: bool) -> None:
        self.is_light = is_light
        super().__init__()


def reported(sequence: str) -> BackgroundReported | None:
    """Parse the terminal's answer; ``None`` for other sequences."""
    answer = _ANSWER.fullmatch(sequence)
    if answer is None:
        return None
    parts = (int(part, 16) / (16 ** len(part) - 1) for part in answer.groups())
    return BackgroundReported(sum(map(float.__mul__, parts, _SHARES)) > _HALF)


def is_light(environment: Mapping[str, str] = os.environ) -> bool:
    """Read ``COLORFGBG``, set by rxvt, Konsole and others: numbers of text and background colour."""
    return environment.get("COLORFGBG", "").rpartition(";")[2] in _LIGHT_INDEXES


def can_be_asked(environment: Mapping[str, str] = os.environ) -> bool:
    """False if the query would be displayed as text, or its answer lost."""
    return environment.get("TERM", "") not in ("linux", "dumb", "") and not environment.get("STY")
