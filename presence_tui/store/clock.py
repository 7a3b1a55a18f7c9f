"""The clock interface of store and monitor."""

import time
from typing import NamedTuple, Protocol


class Stamp(NamedTuple):
    """One moment on both clocks. A tuple, because every drawn row creates one."""

    wall_s: float
    """Unix seconds."""
    monotonic_s: float


class Clock(Protocol):
    """A source of time."""

    def stamp(self) -> Stamp:
        """The current time."""
        ...


class SystemClock:
    """The system clocks."""

    def stamp(self) -> Stamp:
        return Stamp(time.time(), time.monotonic())
