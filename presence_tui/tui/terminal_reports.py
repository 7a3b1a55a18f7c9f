"""What the terminal reports: whether it has the focus, and whether its background is light.

Reports are not awaited. They arrive among the keys, or never: terminals with focus reports send one when the
focus changes, not before; others send none, such as tmux with ``focus-events`` off. Until a report arrives,
recent input counts as presence, and an environment variable tells the background.
"""

import os
import re
from collections.abc import Mapping
from typing import Final

from textual.message import Message

from presence_tui.store import Clock

PRESENT_FOR_S: Final = 60.0


class TerminalFocus:
    """Whether the user is at this terminal, by focus reports and input."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._has_focus: bool | None = None
        self._last_input_s = float("-inf")

    @property
    def is_here(self) -> bool:
        if self._has_focus is not None:
            return self._has_focus
        return self._now_s() - self._last_input_s < PRESENT_FOR_S

    def record_focus(self, has_focus: bool) -> None:
        """Record a focus report."""
        self._has_focus = has_focus

    def record_input(self) -> None:
        """Record a key press or mouse button, which only happens at the terminal."""
        self._last_input_s = self._now_s()
        if self._has_focus is False:
            self._has_focus = True

    def _now_s(self) -> float:
        return self._clock.stamp().monotonic_s


BACKGROUND_QUERY: Final = "\x1b]11;?\x1b\\"
"""OSC 11 queries the background colour."""
_BACKGROUND: Final = re.compile(
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


def reported_background(sequence: str) -> BackgroundReported | None:
    """Parse the terminal's answer; ``None`` for other sequences."""
    answer = _BACKGROUND.fullmatch(sequence)
    if answer is None:
        return None
    parts = (int(part, 16) / (16 ** len(part) - 1) for part in answer.groups())
    return BackgroundReported(sum(map(float.__mul__, parts, _SHARES)) > _HALF)


def has_light_background(environment: Mapping[str, str] = os.environ) -> bool:
    """Read ``COLORFGBG``, set by rxvt, Konsole and others: numbers of text and background colour."""
    return environment.get("COLORFGBG", "").rpartition(";")[2] in _LIGHT_INDEXES


def can_ask_background(environment: Mapping[str, str] = os.environ) -> bool:
    """False if the query would be displayed as text, or its answer lost."""
    return environment.get("TERM", "") not in ("linux", "dumb", "") and not environment.get("STY")
