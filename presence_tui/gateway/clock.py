"""The gateway's clock, and times in wire format."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """A source of time."""

    def now(self) -> float:
        """Unix seconds."""
        ...


class SystemClock:
    """The system clock."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()


def iso_ms(at_s: float) -> str:
    """Unix seconds as ISO-8601 in UTC with milliseconds and ``Z`` (wire contract, section 2.1)."""
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def iso_ms_or_none(at_s: float | None) -> str | None:
    """Like ``iso_ms``; ``None`` stays ``None``."""
    return None if at_s is None else iso_ms(at_s)
