"""A clock controlled by tests, which never sleep."""

from datetime import UTC, datetime
from typing import Final

from presence_tui.store.clock import Stamp

START_S: Final = 1_787_390_000.0
"""Start of the wall clock; the monotonic clock starts elsewhere, so that mixing them up fails."""


class FakeClock:
    """A clock that moves only on request."""

    def __init__(self, wall_s: float = START_S, monotonic_s: float = 5_000.0) -> None:
        self.wall_s = wall_s
        self.monotonic_s = monotonic_s

    def stamp(self) -> Stamp:
        return Stamp(self.wall_s, self.monotonic_s)

    def advance(self, seconds: float) -> Stamp:
        """Advance both clocks and return the new time."""
        self.wall_s += seconds
        self.monotonic_s += seconds
        return self.stamp()


def utc_s(text: str) -> float:
    """Unix seconds of an ISO-8601 time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
