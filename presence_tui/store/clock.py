"""The clock interface. The store and the monitor take a clock; tests pass their own."""

import time
from typing import NamedTuple, Protocol


class Stamp(NamedTuple):
    """One moment on both clocks. A tuple, because every row that is drawn asks for one."""

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
