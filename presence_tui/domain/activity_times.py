"""Which reported times of last activity are possible."""

import math
from dataclasses import dataclass
from typing import Final

EARLIEST_S: Final = 1_262_304_000.0
"""The year 2010: no gateway is older, so an earlier time is an unset clock or a wrong unit."""

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
