"""Time as an argument: the store and the monitor ask a clock, tests bring their own."""

import time
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Stamp:
    """One moment on both clocks."""

    wall_s: float
    """Unix seconds."""
    monotonic_s: float


class Clock(Protocol):
    """Where time comes from."""

    def stamp(self) -> Stamp:
        """Now."""
        ...


class SystemClock:
    """The machine's clocks."""

    def stamp(self) -> Stamp:
        return Stamp(time.time(), time.monotonic())
