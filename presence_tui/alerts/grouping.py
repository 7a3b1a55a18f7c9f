"""Group matches into alerts: matches within a second form one alert, and alerts keep a minimum distance.

In a long burst the distance doubles, up to a minute.
"""

from typing import Final

from presence_tui.alerts.alert import Alert, RuleMatch, without_repeats
from presence_tui.alerts.rules import Trigger

GATHER_S: Final = 1.0
"""People who lose a connection together come back within about a second."""
PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 60.0
ONE_BY_ONE: Final = 3
"""More matches than this in one alert are a burst."""


class AlertGrouper:
    """Collects matches. Times are monotonic seconds, except those in alerts."""

    def __init__(self) -> None:
        self._waiting: list[RuleMatch] = []
        self._due_s: float | None = None
        self._quiet_until_s = float("-inf")
        self._pause_s = PAUSE_S

    @property
    def next_s(self) -> float | None:
        """When the next alert is due; ``None`` if nothing is queued."""
        return self._due_s

    def add(self, matches: list[RuleMatch], now_s: float) -> None:
        """Add matches of ``now_s``."""
        if not matches:
            return
        self._waiting += matches
        if self._due_s is None:
            if now_s >= self._quiet_until_s + self._pause_s:
                self._pause_s = PAUSE_S
            self._due_s = max(now_s + GATHER_S, self._quiet_until_s)
        if any(match.kind is Trigger.EMPTY for match in matches):
            # The rule has already waited for its own time.
            self._due_s = min(self._due_s, now_s + GATHER_S)

    def drain(self, now_s: float, at_s: float) -> Alert | None:
        """Return the alert due at ``now_s`` (``at_s`` in Unix seconds), or ``None``."""
        if self._due_s is None or now_s < self._due_s:
            return None
        matches, self._waiting, self._due_s = without_repeats(self._waiting), [], None
        is_busy = len(matches) > ONE_BY_ONE
        self._pause_s = min(LONGEST_PAUSE_S, self._pause_s * 2) if is_busy else PAUSE_S
        self._quiet_until_s = now_s + self._pause_s
        return Alert(at_s, matches)
