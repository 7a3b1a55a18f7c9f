"""Converts timestamps of the wire to and from Unix seconds."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from presence_tui.domain.activity_times import UNREADABLE_S

EARLIEST_S: Final = 0.0
LATEST_S: Final = 4_102_444_800.0
"""The year 2100: a later time is a wrong unit."""

_MOST_S: Final = 8.64e12
"""Limit of JavaScript dates, from 1970."""
_DAY_OF_ANY_MONTH: Final = re.compile(r"(\d{4}-\d\d-)(29|30|31)(?!\d)")


def seconds_from_wire(value: object) -> float | None:
    """Unix seconds by ``told_seconds``; ``None`` if missing, unreadable or implausible."""
    seconds = told_seconds(value)
    return seconds if seconds is not None and EARLIEST_S < seconds < LATEST_S else None


def told_seconds(value: object) -> float | None:
    """Unix seconds of an ISO-8601 text or epoch milliseconds, even if impossible; ``None`` if missing.

    ``UNREADABLE_S`` if it cannot be read. Text without a zone is UTC, as sent by a JavaScript gateway
    (wire contract, section 2.1).
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
        # JavaScript reads a day beyond the end of its month as one of the next month.
        day = _DAY_OF_ANY_MONTH.match(text)
        if day is None:
            raise
        moment = datetime.fromisoformat(f"{day[1]}01{text[day.end() :]}")
        beyond = timedelta(days=int(day[2]) - 1)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() + beyond.total_seconds()


def wire_from_seconds(seconds: float) -> str:
    """ISO-8601 UTC with milliseconds and ``Z``, like JavaScript dates."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
