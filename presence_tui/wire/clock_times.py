"""Points in time, as the wire spells them, to and from Unix seconds."""

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
        seconds = _from_text(value) if isinstance(value, str) else value / 1000
    except OverflowError:
        return None
    if seconds is None or not EARLIEST_S < seconds < LATEST_S:
        return None
    return seconds


def wire_from_seconds(seconds: float) -> str:
    """ISO-8601 UTC with milliseconds and ``Z``, as JavaScript dates travel."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _from_text(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.timestamp()
    except ValueError:
        return None
