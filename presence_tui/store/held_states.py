"""Until when evidence was current: states stand still from the end of a connection, or of the membership of
their conversations, until newer evidence.
"""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final, NamedTuple

from presence_tui.store.clock import Stamp

HOLDS_KEPT: Final = 1_000


class Hold(NamedTuple):
    """Why states stand still. Times are Unix seconds by our clock."""

    as_of_s: float
    """The time by which they are derived: when the end was noticed."""
    true_until_s: float
    """Until when they were current: when anything was last received, or the membership ended."""

    def set_back(self, by_s: float) -> "Hold":
        """The same where the clock was set back."""
        return Hold(self.as_of_s - by_s, self.true_until_s - by_s)


class HeldStates:
    """Records when states were held, and participants who typed while theirs was."""

    def __init__(self) -> None:
        self._monotonic_s: list[float] = []
        self._holds: list[Hold] = []
        self._members: dict[str, tuple[float, Hold]] = {}
        """Presence key to the monotonic time and the hold of participants about whom nothing arrives."""
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

    def add_members(self, received_monotonic_s: Iterable[tuple[str, float]], now: Stamp, hold: Hold) -> None:
        """Hold the states of some participants, given by key and the time of their evidence. A state that is
        held already stays as it is.
        """
        entry = now.monotonic_s, hold
        for key, received_s in received_monotonic_s:
            if self.of(key, received_s) is None:
                self._members[key] = entry
        self.latest_monotonic_s = now.monotonic_s

    def release(self, key: str) -> bool:
        """Something about this participant arrives again; false if they were not held alone."""
        return self._members.pop(key, None) is not None

    def record_typing(self, key: str, now: Stamp) -> None:
        """Record a sign of life of a participant whose state is held."""
        self._typed[key] = now.monotonic_s

    def of(self, key: str, received_monotonic_s: float) -> Hold | None:
        """The hold of a state with evidence of that time; ``None`` if it changes with time."""
        if received_monotonic_s >= self.latest_monotonic_s:
            return None
        newest_s = max(received_monotonic_s, self._typed.get(key, received_monotonic_s))
        following = bisect_right(self._monotonic_s, newest_s)
        own = self._members.get(key)
        if own is not None and own[0] <= newest_s:
            own = None
        if following == len(self._holds):
            return None if own is None else own[1]
        # The first of both found the state current.
        return self._holds[following] if own is None or self._monotonic_s[following] <= own[0] else own[1]

    def set_back(self, by_s: float) -> None:
        """Our clock was set back: keep the times where they were."""
        self._holds = [hold.set_back(by_s) for hold in self._holds]
        self._members = {key: (at_s, hold.set_back(by_s)) for key, (at_s, hold) in self._members.items()}

    def clear(self) -> None:
        """Reset after the participants were forgotten."""
        self._members.clear()
        self._typed.clear()
