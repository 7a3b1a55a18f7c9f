"""Flaps: online, offline, online within a window. Who flaps has a bad line, or a client that comes and goes.

Only what events said counts: what a snapshot corrects after a gap of ours says nothing of their line.
"""

from typing import Final

from presence_tui.domain.changes import Change
from presence_tui.domain.words import Cause

# Python 3.11 takes longer to find a member of an enumeration than to compare with it.
_MOVED: Final = Cause.MOVED

FLAP_WINDOW_S: Final = 120.0
"""Who is back within this many seconds of having left has flapped."""


class Flaps:
    """How often each participant flapped. O(1) a change; whoever never flapped takes no room."""

    def __init__(self, window_s: float = FLAP_WINDOW_S) -> None:
        self._window_s = window_s
        self._counts: dict[str, int] = {}

    def note(self, change: Change) -> None:
        """Look at one change, in the order in which they happened."""
        away_s = change.held_s
        if away_s is None or away_s > self._window_s:
            return
        if change.flag and change.flag_before is False and change.cause is _MOVED:
            self._counts[change.key] = self._counts.get(change.key, 0) + 1

    def count(self, key: str) -> int:
        """How often whoever has the presence key flapped."""
        return self._counts.get(key, 0)

    def clear(self) -> None:
        """Forget everyone."""
        self._counts.clear()
