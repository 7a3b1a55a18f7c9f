"""Holds back matches that may come from our own reconnect rather than from people.

When a gateway or a network comes back, everybody does within a moment, and so do we. Matches of changes
within two seconds of our own reconnect wait until then: if many changed, nobody is told of any.
"""

from collections.abc import Iterable

from presence_tui.alerts.rules import RuleMatch
from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause
from presence_tui.domain.flaps import FEW, RECONNECT_S, is_with_reconnect
from presence_tui.store.clock import Stamp

_MOVED = Cause.MOVED


class ReconnectHold:
    """Times are Unix seconds, except ``next_s``."""

    def __init__(self) -> None:
        self._held: list[RuleMatch] = []
        self._changed: set[str] = set()
        """Presence keys of those who came or left with our last reconnect."""
        self._reconnected_s: float | None = None
        self.next_s: float | None = None
        """Monotonic time when it is known how many changed; ``None`` if nothing is held."""

    def without_held(
        self,
        changes: Iterable[Change],
        matches: list[RuleMatch],
        reconnected_s: float | None,
        now: Stamp,
    ) -> list[RuleMatch]:
        """Take in the changes and return the matches that need not wait."""
        if reconnected_s is None:
            return matches
        if reconnected_s != self._reconnected_s:
            self._reconnected_s = reconnected_s
            if self.next_s is None:
                self._changed = set()
        for change in changes:
            is_arrival_or_departure = change.flag is not change.flag_before and change.cause is _MOVED
            if is_arrival_or_departure and is_with_reconnect(change.at_s, reconnected_s):
                self._changed.add(change.key)
                self.next_s = now.monotonic_s + max(0.0, reconnected_s + RECONNECT_S - now.wall_s)
        ours = [match for match in matches if is_with_reconnect(match.at_s, reconnected_s)]
        if self.next_s is not None:
            self._held += ours
        elif len(self._changed) <= FEW:
            # A roster may list a stranger only after it is known how many changed.
            return matches
        return [match for match in matches if match not in ours] if ours else matches

    def due(self, now_s: float) -> list[RuleMatch]:
        """The held matches, once it is known that few changed; none if many did."""
        if self.next_s is None or now_s < self.next_s:
            return []
        released = self._held if len(self._changed) <= FEW else []
        self._held, self.next_s = [], None
        return released
