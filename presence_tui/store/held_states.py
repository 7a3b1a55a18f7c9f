"""Until when evidence was current: states stand still from the end of a connection until newer evidence."""

from bisect import bisect_right
from typing import Final, NamedTuple

from presence_tui.store.clock import Stamp

HOLDS_KEPT: Final = 1_000


class Hold(NamedTuple):
    """Why states stand still. Times are Unix seconds by our clock."""

    as_of_s: float
    """The time by which they are derived: when the loss of the link was noticed."""
    true_until_s: float
    """Until when they were current: when anything was last received."""


class HeldStates:
    """Records when states were held, and participants who typed while theirs was."""

    def __init__(self) -> None:
        self._monotonic_s: list[float] = []
        self._holds: list[Hold] = []
        self._typed: dict[str, float] = {}
        """Presence key to the monotonic time of typing, which does not confirm a flag."""
        self.latest_monotonic_s = float("-inf")
        """Evidence received since then is current. Read-only."""

    def add(self, now: Stamp, hold: Hold) -> None:
        """Hold the states of all evidence received until now."""
        self._monotonic_s.append(now.monotonic_s)
        self._holds.append(hold)
        del self._monotonic_s[:-HOLDS_KEPT], self._holds[:-HOLDS_KEPT]
        self.latest_monotonic_s = now.monotonic_s

    def record_typing(self, key: str, now: Stamp) -> None:
        """Record a sign of life of a participant whose state is held."""
        self._typed[key] = now.monotonic_s

    def of(self, key: str, received_monotonic_s: float) -> Hold | None:
        """The hold of a state with evidence of that time; ``None`` if it changes with time."""
        if received_monotonic_s >= self.latest_monotonic_s:
            return None
        newest_s = max(received_monotonic_s, self._typed.get(key, received_monotonic_s))
        following = bisect_right(self._monotonic_s, newest_s)
        return self._holds[following] if following < len(self._holds) else None

    def set_back(self, by_s: float) -> None:
        """Our clock was set back: keep the times where they were."""
        self._holds = [Hold(it.as_of_s - by_s, it.true_until_s - by_s) for it in self._holds]

    def clear(self) -> None:
        """Reset after the participants were forgotten."""
        self._typed.clear()
