"""Time under the tests' control: nothing here sleeps."""

from typing import Final

from presence_tui.store.clock import Stamp

START_S: Final = 1_787_390_000.0
"""Where the wall clock stands at first; the monotonic clock stands elsewhere, so that a mix-up shows."""


class FakeClock:
    """A clock that moves when told to."""

    def __init__(self, wall_s: float = START_S, monotonic_s: float = 5_000.0) -> None:
        self.wall_s = wall_s
        self.monotonic_s = monotonic_s

    def stamp(self) -> Stamp:
        return Stamp(self.wall_s, self.monotonic_s)

    def advance(self, seconds: float) -> Stamp:
        """Let time pass on both clocks; answers the new moment."""
        self.wall_s += seconds
        self.monotonic_s += seconds
        return self.stamp()
