"""Time: a clock that can be replaced, and the one spelling of a time on the wire."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where the gateway reads the time."""

    def now(self) -> float:
        """Unix seconds."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()


def iso_ms(at_s: float) -> str:
    """Unix seconds as ISO-8601 in UTC with milliseconds and ``Z`` (wire contract, section 2.1)."""
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def iso_ms_or_none(at_s: float | None) -> str | None:
    """Like ``iso_ms``; ``None`` stays ``None``."""
    return None if at_s is None else iso_ms(at_s)
