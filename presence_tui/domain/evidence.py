"""Evidence: one report about a participant's presence, and which of its times are possible."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from presence_tui.domain.enums import Source


@dataclass(frozen=True, slots=True)
class Evidence:
    """One report of presence, with source and time.

    Times ending in ``_s`` are Unix seconds of the wall clock; ``monotonic_s`` is the monotonic clock.
    """

    source: Source
    flag: bool | None
    """``isOnline`` as reported; ``None`` if the source does not include it (typing)."""
    last_active_s: float | None
    """``lastActiveAt`` as reported, by the gateway's clock."""
    received_s: float
    """When it arrived; for a REST answer, when it was requested."""
    received_monotonic_s: float
    epoch: int
    """The epoch it belongs to; 0 before the first."""
    seq: int = 0
    """Sequence number of the event; 0 for other sources."""
    emitted_s: float | None = None
    """When the gateway sent it, by its own clock, if the event has that time."""


class OverruledReason(StrEnum):
    """Why evidence did not decide the flag."""

    LATE = "late"
    """An event sent before the newest event about them."""
    OLDER_THAN_ANSWER = "older-than-answer"
    """An event sent before an answer that is known was requested."""
    COPY = "copy"
    """A copy of an event that was applied."""
    OVERTAKEN_COPY = "overtaken-copy"
    """A copy of the event before, which arrived after the newest one."""
    OLD_CONNECTION = "old-connection"
    """An event of a connection that was over."""
    REQUESTED_EARLIER = "requested-earlier"
    """An answer requested before the newest evidence arrived."""
    SNAPSHOT = "snapshot"
    """A snapshot of the connection that also delivered an event, which may be newer."""
    CACHE = "cache"
    """Our own cache, when there is evidence from the gateway."""


@dataclass(frozen=True, slots=True)
class Overruled:
    """One report that did not decide the flag, and why."""

    reason: OverruledReason
    evidence: Evidence


EARLIEST_S: Final = 1_262_304_000.0
"""The year 2010: no gateway is older, so an earlier time is an unset clock or a wrong unit."""

LATEST_S: Final = 4_102_444_800.0
"""The year 2100: a later time is a wrong unit."""

CLOCK_BOUND_S: Final = 60.0
"""How far a time may be ahead of the gateway's clock, as far as that is known."""

UNREADABLE_S: Final = -math.inf
"""Represents a reported time that cannot be read; less than any other."""


@dataclass(slots=True)
class InvalidTimes:
    """Number of impossible times reported. Only grows."""

    impossible: int = 0
    """Before 2010, or further ahead than ``CLOCK_BOUND_S``."""
    unreadable: int = 0

    @property
    def total(self) -> int:
        return self.impossible + self.unreadable

    def count(self, reported_s: float) -> None:
        """Count an impossible time."""
        if reported_s == UNREADABLE_S:
            self.unreadable += 1
        else:
            self.impossible += 1


def is_possible(reported_s: float, gateway_now_s: float) -> bool:
    """True for a plausible time of an event."""
    return EARLIEST_S <= reported_s <= gateway_now_s + CLOCK_BOUND_S
