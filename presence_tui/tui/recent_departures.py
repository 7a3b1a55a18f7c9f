"""Participants who left a conversation in the last minutes, from changes of the store."""

from collections.abc import Iterable
from typing import Final

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause

SHOWN_S: Final = 600.0
_MOST_KEPT: Final = 500
"""More than a screen shows; the oldest are dropped."""


class RecentDepartures:
    """Participants who left and are not back, the newest first. Times are Unix seconds."""

    def __init__(self) -> None:
        self._left_at_s: dict[str, float] = {}

    def record(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self._left_at_s.pop(change.key, None)
            if change.left and not change.first_told:
                self._left_at_s[change.key] = _moment_s(change)
        while len(self._left_at_s) > _MOST_KEPT:
            del self._left_at_s[next(iter(self._left_at_s))]

    def since(self, now_s: float) -> list[tuple[str, float]]:
        """Presence keys and the time of leaving, within ``SHOWN_S``."""
        self._left_at_s = {key: at_s for key, at_s in self._left_at_s.items() if now_s - at_s < SHOWN_S}
        return sorted(self._left_at_s.items(), key=lambda item: item[1])[::-1]

    def clear(self) -> None:
        self._left_at_s.clear()


def _moment_s(change: Change) -> float:
    """For a departure found by a resync, the last sign of life is closer to the real time."""
    if change.cause is Cause.RECONCILED and change.last_active_s is not None:
        return min(change.at_s, change.last_active_s)
    return change.at_s
