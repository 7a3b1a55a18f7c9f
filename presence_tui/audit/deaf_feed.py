"""Detects a deaf feed: the socket is connected, but most events do not arrive.

Compares the number of changes without an event with the number of events received. A connection may have
delivered many events before it went deaf, so each period up to the audit is checked.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Source
from presence_tui.store import PresenceStore

MANY: Final = 5
"""Fewer differences are findings of their own."""

SHORTEST_S: Final = 1_800.0
"""A shorter period with few events may only be quiet."""


class Missed(NamedTuple):
    """A change without an event, and the earliest and latest time of it (Unix seconds, by our clock)."""

    earliest_s: float
    latest_s: float


class Deafness(NamedTuple):
    """Why a feed is deaf."""

    corrections: int
    heard: int
    since_s: float | None
    """Since when few events arrived; ``None`` for the whole connection."""


def deafness(missed: Sequence[Missed], heard_s: Sequence[float], now_s: float) -> Deafness | None:
    """Compare missed changes with the times of events; ``None`` if the feed is not deaf."""
    heard = len(heard_s)
    if _is_deaf(len(missed), heard):
        return Deafness(len(missed), heard, None)
    latest_first = sorted(heard_s, reverse=True)
    for heard, since_s in enumerate(latest_first[: len(missed) // 2 + 1]):
        corrections = _since(missed, since_s)
        if since_s <= now_s - SHORTEST_S and _is_deaf(corrections, heard):
            return Deafness(corrections, heard, since_s)
    return None


def _is_deaf(corrections: int, heard: int) -> bool:
    return corrections >= MANY and corrections > 2 * heard


def missed_change(
    flag: bool, told_s: float, last_active_s: float | None, skew_s: float, found_s: float
) -> Missed:
    """A change to ``flag`` after ``told_s``, found at ``found_s``.

    ``last_active_s`` is what the runtime told, by the gateway's clock: frozen when somebody leaves.
    """
    if not flag and last_active_s is not None:
        left_s = last_active_s - skew_s
        if told_s <= left_s <= found_s:
            return Missed(left_s, left_s)
    return Missed(told_s, found_s)


def _since(missed: Sequence[Missed], since_s: float) -> int:
    """How many happened since then. Those that may have count if none certainly happened before: some lost
    now and then add up over hours.
    """
    before = sum(each.latest_s < since_s for each in missed)
    uncertain = sum(each.earliest_s < since_s <= each.latest_s for each in missed)
    return len(missed) - before - (uncertain if before else 0)


class FeedRecord:
    """Records, for one connection, the times of events and the corrections by refreshes.

    Corrections at the start of a connection do not count: they come from the gap before it.
    """

    def __init__(self, store: PresenceStore) -> None:
        self._store = store
        self._epoch = 0
        self._since_s = 0.0
        self._heard_s: tuple[float, ...] = ()
        self.corrected: tuple[Missed, ...] = ()
        """What the last requested refresh corrected."""

    def record_refresh(self, conversation_id: str, corrections: Iterable[Change]) -> None:
        """Record the corrections by a refresh, and the events before it."""
        now_s = self._store.clock.stamp().wall_s
        self._follow_epoch()
        self._heard_s = self._told_since(conversation_id, self._since_s)
        self.corrected, self._since_s = tuple(map(self._missed, corrections)), now_s

    def heard_s(self, conversation_id: str) -> tuple[float, ...]:
        """Times of the last event about each member, before the last refresh and since."""
        self._follow_epoch()
        return self._heard_s + (self._told_since(conversation_id, self._since_s) if self._since_s else ())

    def begin_epoch(self) -> None:
        """Reset for a new connection."""
        self._epoch, self._since_s = self._store.epochs.current, self._store.clock.stamp().wall_s
        self._heard_s, self.corrected = (), ()

    def _follow_epoch(self) -> None:
        if self._epoch != self._store.epochs.current:
            self.begin_epoch()

    def _missed(self, change: Change) -> Missed:
        told_s = 0.0 if change.known_s is None else change.at_s - change.known_s
        skew_s = self._store.states.skew_s
        return missed_change(bool(change.flag), told_s, change.last_active_s, skew_s, change.at_s)

    def _told_since(self, conversation_id: str, since_s: float) -> tuple[float, ...]:
        return tuple(
            record.received_s
            for record in self._store.rosters.records(conversation_id)
            if record.source is Source.EVENT and record.received_s >= since_s
        )
