"""Converts timestamps of the wire to and from Unix seconds."""

from datetime import UTC, datetime
from typing import Final

EARLIEST_S: Final = 0.0
LATEST_S: Final = 4_102_444_800.0
"""The year 2100: what lies beyond is a mistake of units, not a date."""


def seconds_from_wire(value: str | float | None) -> float | None:
    """Unix seconds of an ISO-8601 text or of epoch milliseconds; ``None`` if absent, unreadable or absurd.

    A text without a zone is UTC, which is what a JavaScript gateway sends (wire contract, section 2.1).
    """
    if value is None:
        return None
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        else:
            seconds = value / 1000
    except (ValueError, OverflowError):
        return None
    return seconds if EARLIEST_S < seconds < LATEST_S else None


def wire_from_seconds(seconds: float) -> str:
    """ISO-8601 UTC with milliseconds and ``Z``, as JavaScript dates travel."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
