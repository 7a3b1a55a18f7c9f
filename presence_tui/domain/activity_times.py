"""Which told times of last activity can be true."""

import math
from dataclasses import dataclass
from typing import Final

EARLIEST_S: Final = 1_262_304_000.0
"""The year 2010: no gateway is older, so that an earlier time is a clock that was not set or a wrong unit."""

CLOCK_BOUND_S: Final = 60.0
"""How far ahead of the gateway's clock, as far as we know it, a time may be."""

UNREADABLE_S: Final = -math.inf
"""Stands for a time that was told and cannot be read: it is before every other."""


@dataclass(slots=True)
class InvalidTimes:
    """How many told times could not be true. Grows only."""

    impossible: int = 0
    """Before 2010, or further ahead than the bound."""
    unreadable: int = 0

    @property
    def total(self) -> int:
        return self.impossible + self.unreadable

    def count(self, told_s: float) -> None:
        """A time that is not possible was told."""
        if told_s == UNREADABLE_S:
            self.unreadable += 1
        else:
            self.impossible += 1


def is_possible(told_s: float, gateway_now_s: float) -> bool:
    """True for a time at which something may have happened."""
    return EARLIEST_S <= told_s <= gateway_now_s + CLOCK_BOUND_S
