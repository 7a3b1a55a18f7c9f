"""Epochs (authenticated connections): what each has confirmed, and until when evidence was current.

Also who returned with the gateway after a restart.
"""

import math
from bisect import bisect_right
from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

from presence_tui.store.clock import Clock, Stamp
from presence_tui.store.participant_table import ParticipantTable
from presence_tui.store.records import Record
from presence_tui.store.subscribers import Publisher

EPOCHS_KEPT: Final = 1_000
HOLDS_KEPT: Final = 1_000


RETURN_WINDOW_S: Final = 60.0
"""Time for clients to reconnect after a gap: the apps wait at most 45 s."""
BOOT_TOLERANCE_S: Final = 5.0
"""Tolerance between the end of our link and the gateway's boot time."""


class GatewayReturns:
    """Remembers who was online before a gap and offline after it. Times are Unix seconds by our clock."""

    def __init__(self) -> None:
        self._began_s = 0.0
        self._true_until_s: float | None = None
        self._booted_s: float | None = None
        self.lost: dict[str, float] = {}
        """Presence key to the time until which they were known online. Read-only."""

    def begin_epoch(self, now_s: float, true_until_s: float | None) -> None:
        """Begin an epoch; the state before it was current until ``true_until_s``."""
        self._began_s, self._true_until_s = now_s, true_until_s

    def record_boot(self, booted_s: float) -> None:
        """Record when the gateway booted."""
        self._booted_s = booted_s

    def found_offline(self, key: str, now_s: float) -> None:
        """Record that an answer reports a participant offline who was online."""
        if self._true_until_s is not None and now_s - self._began_s <= RETURN_WINDOW_S:
            self.lost[key] = self._true_until_s

    def is_return(self, key: str, now_s: float) -> bool:
        """True if a participant coming online was online until the gap. Consumes the record."""
        until_s = self.lost.pop(key, None)
        if until_s is None:
            return False
        if now_s - until_s <= RETURN_WINDOW_S:
            return True
        has_restarted = self._booted_s is not None and self._booted_s >= until_s - BOOT_TOLERANCE_S
        return has_restarted and now_s - self._began_s <= RETURN_WINDOW_S

    def clear(self) -> None:
        self.lost.clear()


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
    """Until when evidence was current.

    States stand still from the end of a connection, or of the membership of their conversations, until newer
    evidence. Also records participants who typed while theirs did.
    """

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

    def release(self, keys: Collection[str]) -> list[str]:
        """Let these participants' states change again; return the keys of those who were held alone."""
        released = [key for key in self._members if key in keys]
        for key in released:
            del self._members[key]
        return released

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


class Epochs:
    """Numbers the epochs of a store, and records which participants the current one has not confirmed."""

    def __init__(
        self, table: ParticipantTable, clock: Clock, publisher: Publisher, returns: GatewayReturns
    ) -> None:
        self._table = table
        self._clock = clock
        self._publisher = publisher
        self._returns = returns
        self.current = 0
        """The epoch of new evidence; 0 before the first. Read-only."""
        self.reconnected_s: float | None = None
        """Unix time when the current epoch began, if there was one before. Read-only."""
        self._began_monotonic_s: list[float] = []
        self._true_until_s: list[float | None] = []
        """Per epoch: until when the state before it was current, in Unix seconds."""
        self._omitted: dict[str, Stamp] = {}
        """Presence key to the request time of an answer that omitted it."""

    def begin(self, true_until_s: float | None = None) -> int:
        """Begin the epoch of a newly authenticated connection, and return it.

        The state before it was current until ``true_until_s`` (Unix), if known.
        """
        self.current += 1
        now = self._clock.stamp()
        self.reconnected_s = now.wall_s if self.current > 1 else None
        self._began_monotonic_s.append(now.monotonic_s)
        self._true_until_s.append(true_until_s)
        del self._began_monotonic_s[:-EPOCHS_KEPT], self._true_until_s[:-EPOCHS_KEPT]
        self._returns.begin_epoch(now.wall_s, true_until_s)
        return self.current

    def record_boot(self, booted_s: float) -> None:
        """Record when the gateway booted, in Unix seconds by our clock."""
        self._returns.record_boot(booted_s)

    def unconfirmed_since_s(self, record: Record) -> float | None:
        """Unix time since when the flag is unconfirmed; ``None`` if confirmed or unknown."""
        if record.source is None:
            return None
        received_s = record.received_monotonic_s
        following = bisect_right(self._began_monotonic_s, received_s)
        if following < len(self._began_monotonic_s):
            until_s = self._true_until_s[following]
            return record.received_s if until_s is None else until_s
        asked = self._omitted.get(record.key)
        return asked.wall_s if asked is not None and received_s < asked.monotonic_s else None

    def unconfirmed(self, records: Iterable[Record]) -> list[Record]:
        """Those among the records whose flag is unconfirmed."""
        began, omitted = self._began_monotonic_s, self._omitted
        latest_s = began[-1] if began else -math.inf
        return [
            record
            for record in records
            # Compared first, because nearly all are confirmed.
            if (record.received_monotonic_s < latest_s or record.key in omitted)
            and self.unconfirmed_since_s(record) is not None
        ]

    def record_left_out(self, keys: Iterable[str], asked: Stamp) -> None:
        """An answer requested at ``asked`` omits these keys: their flags stay, but are not confirmed."""
        with self._publisher.subscribers.batch():
            for key in keys:
                record = self._table.records.get(key)
                if record is not None:
                    self.unconfirm(key, asked)
                    self._publisher.publish(record)

    def unconfirm(self, key: str, asked: Stamp) -> None:
        """The same for one participant, whom the caller publishes."""
        self._omitted[key] = asked

    def clear(self) -> None:
        """Reset after the table was cleared."""
        self._omitted.clear()
