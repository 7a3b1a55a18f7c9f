"""To the clipboard of the person's own terminal, by OSC 52: also over SSH, where no other way leads.

A terminal does not answer, so nobody can know whether it took the text. Some are told not to (xterm's
``allowWindowOps``, tmux's ``set-clipboard``), some do not know how (Linux's console, Terminal.app).
"""

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 74_994
"""What terminals take: a hundred thousand characters in base 64, less what goes around them."""
_SCREEN_CHUNK: Final = 76 * 8
"""GNU screen passes no longer strings on."""


@dataclass(frozen=True, slots=True)
class Way:
    """How the text gets to the terminal."""

    through: str = ""
    """What stands between; empty if nothing does."""
    needs: str = ""
    """A setting of what stands between, without which the text goes no further; empty if none is needed."""

    def sequence(self, text: str) -> str:
        """What is to be written."""
        encoded = base64.b64encode(text.encode()).decode()
        whole = f"\x1b]52;c;{encoded}\x07"
        if self.through != "screen":
            return whole
        parts = (whole[start : start + _SCREEN_CHUNK] for start in range(0, len(whole), _SCREEN_CHUNK))
        return "".join(f"\x1bP{part}\x1b\\" for part in parts)


def way_to_clipboard(environment: Mapping[str, str] = os.environ) -> Way | None:
    """The way from here; ``None`` from a terminal without a clipboard."""
    terminal = environment.get("TERM", "")
    if environment.get("TMUX"):
        return Way("tmux", "set-clipboard on")
    if environment.get("STY"):
        return Way("screen")
    if terminal in ("linux", "dumb"):
        return None
    return Way()


def within_bounds(lines: list[str]) -> tuple[str, int]:
    """As many whole lines as a terminal takes, and how many these are."""
    taken, size = 0, 0
    for line in lines:
        size += len(line.encode()) + 1
        if size > MOST_BYTES + 1:
            break
        taken += 1
    return "\n".join(lines[:taken]), taken
