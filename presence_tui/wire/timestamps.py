"""Converts timestamps of the wire to and from Unix seconds."""

import re
from datetime import UTC, date, datetime
from typing import Final

from presence_tui.domain.evidence import LATEST_S, UNREADABLE_S

_MOST_S: Final = 8.64e12
"""Limit of JavaScript dates, from 1970."""
_DATE_OF_JAVASCRIPT: Final = re.compile(
    r"""(?P<year>\d{4}|\+\d{6}|-(?!000000)\d{6})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?
    (?:[Tt\ ](?P<time>(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?|24:00(?::00(?:\.0+)?)?)
    (?:[Zz]|(?P<zone>[+-]\d\d:?[0-5]\d))?)?""",
    re.VERBOSE | re.ASCII,
)
_CYCLE_YEARS: Final = 400
_CYCLE_DAYS: Final = 146_097
"""After these the calendar repeats itself; Python knows only the years 1 to 9999."""
_FIRST_DAY: Final = date(1970, 1, 1).toordinal()


def seconds_from_wire(value: object) -> float | None:
    """Unix seconds by ``told_seconds``; ``None`` if missing, unreadable or implausible."""
    seconds = told_seconds(value)
    return seconds if seconds is not None and 0 < seconds < LATEST_S else None


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
    # Python's faster reader accepts weeks and dates without hyphens as well.
    if text[7:8] == "-":
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return _seconds_of_javascript(text)


def _seconds_of_javascript(text: str) -> float:
    """Years of six digits with a sign, 24:00, and days beyond the end of a month, as days of the next."""
    found = _DATE_OF_JAVASCRIPT.fullmatch(text)
    if found is None:
        raise ValueError("no date of JavaScript's")
    cycles, year = divmod(int(found["year"]), _CYCLE_YEARS)
    day = int(found["day"] or 1)
    if not 1 <= day <= 31:
        raise ValueError("no day of any month")
    month_began = date(_CYCLE_YEARS + year, int(found["month"] or 1), 1).toordinal()
    days = month_began + (cycles - 1) * _CYCLE_DAYS + day - 1 - _FIRST_DAY
    hour, minute, second = f"{found['time'] or '0'}:0:0".split(":")[:3]
    zone = found["zone"] or "+0000"
    east_s = (int(zone[1:3]) * 3_600 + int(zone[-2:]) * 60) * (-1 if zone[0] == "-" else 1)
    seconds = days * 86_400 + int(hour) * 3_600 + int(minute) * 60 + float(second) - east_s
    return seconds if -_MOST_S <= seconds <= _MOST_S else UNREADABLE_S


def wire_from_seconds(seconds: float) -> str:
    """ISO-8601 UTC with milliseconds and ``Z``, like JavaScript dates."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
