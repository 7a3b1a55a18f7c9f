"""Copy to the user's clipboard by OSC 52, the only way that also works over SSH.

Terminals do not answer, so success is unknown. Some are configured to ignore it (xterm's
``allowWindowOps``, tmux's ``set-clipboard``), some do not support it (Linux's console, Terminal.app).
"""

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 74_994
"""Limit of terminals: a hundred thousand characters of base64, minus the sequence around them."""
_SCREEN_CHUNK: Final = 76 * 8
"""GNU screen passes on no longer strings."""


@dataclass(frozen=True, slots=True)
class Way:
    """The way of the text to the terminal."""

    through: str = ""
    """The multiplexer in between; empty if there is none."""
    needs: str = ""
    """A setting of the multiplexer that is required; empty if none is."""

    def sequence(self, text: str) -> str:
        """Return the sequence to write."""
        encoded = base64.b64encode(text.encode()).decode()
        whole = f"\x1b]52;c;{encoded}\x07"
        if self.through != "screen":
            return whole
        parts = (whole[start : start + _SCREEN_CHUNK] for start in range(0, len(whole), _SCREEN_CHUNK))
        return "".join(f"\x1bP{part}\x1b\\" for part in parts)


def way_to_clipboard(environment: Mapping[str, str] = os.environ) -> Way | None:
    """The way to the clipboard; ``None`` for a terminal without one."""
    terminal = environment.get("TERM", "")
    if environment.get("TMUX"):
        return Way("tmux", "set-clipboard on")
    if environment.get("STY"):
        return Way("screen")
    if terminal in ("linux", "dumb"):
        return None
    return Way()


def within_bounds(lines: list[str]) -> tuple[str, int]:
    """Return as many whole lines as a terminal accepts, and their number."""
    taken, size = 0, 0
    for line in lines:
        size += len(line.encode()) + 1
        if size > MOST_BYTES + 1:
            break
        taken += 1
    return "\n".join(lines[:taken]), taken
