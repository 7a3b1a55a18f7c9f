"""Converts timestamps of the wire to and from Unix seconds."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from presence_tui.domain.activity_times import UNREADABLE_S

EARLIEST_S: Final = 0.0
LATEST_S: Final = 4_102_444_800.0
"""The year 2100: what lies beyond is a mistake of units, not a date."""

_MOST_S: Final = 8.64e12
"""No JavaScript date is further than this from 1970."""
_DAY_OF_ANY_MONTH: Final = re.compile(r"(\d{4}-\d\d-)(29|30|31)(?!\d)")


def seconds_from_wire(value: object) -> float | None:
    """Unix seconds of a time as ``told_seconds`` reads it; ``None`` if absent, unreadable or absurd."""
    seconds = told_seconds(value)
    return seconds if seconds is not None and EARLIEST_S < seconds < LATEST_S else None


def told_seconds(value: object) -> float | None:
    """Unix seconds of an ISO-8601 text or of epoch milliseconds, however impossible; ``None`` if absent.

    What cannot be read is ``UNREADABLE_S``. A text without a zone is UTC, which is what a JavaScript gateway
    sends (wire contract, section 2.1).
    """
    if value is None:
        return None
    try:
        if isinstance(value, str):
            return _seconds_of_text(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000
            return seconds if -_MOST_S <= seconds <= _MOST_S else UNREADABLE_S
    except (ValueError, OverflowError):
        pass
    return UNREADABLE_S


def _seconds_of_text(text: str) -> float:
    try:
        moment, beyond = datetime.fromisoformat(text), timedelta()
    except ValueError:
        # JavaScript reads a day that its month does not have as one of the next month.
        day = _DAY_OF_ANY_MONTH.match(text)
        if day is None:
            raise
        moment = datetime.fromisoformat(f"{day[1]}01{text[day.end() :]}")
        beyond = timedelta(days=int(day[2]) - 1)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() + beyond.total_seconds()


def wire_from_seconds(seconds: float) -> str:
    """ISO-8601 UTC with milliseconds and ``Z``, as JavaScript dates travel."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
