"""The pause requested by ``Retry-After``, in seconds or as a date (RFC 9110, section 10.2.3)."""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_PAUSE_S: Final = 3_600.0
"""A longer pause is cut to this."""


def asked_pause_s(headers: Mapping[str, str], now_s: float) -> float | None:
    """Return the seconds to wait, at most ``LONGEST_PAUSE_S``; 0 for a past date, ``None`` if unreadable.

    A date is compared with the ``Date`` of the same answer, so that clocks need not agree; without one, with
    ``now_s`` (Unix seconds). Lookup in ``headers`` must ignore case.
    """
    asked = headers.get("retry-after")
    seconds = number(asked)
    if seconds is not None:
        return min(seconds, LONGEST_PAUSE_S)
    until_s = http_date_s(asked)
    if until_s is None:
        return None
    there_s = http_date_s(headers.get("date"))
    return min(max(0.0, until_s - (now_s if there_s is None else there_s)), LONGEST_PAUSE_S)


def number(text: str | None) -> float | None:
    """Parse a finite, non-negative number, or return ``None``."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def http_date_s(text: str | None) -> float | None:
    """Parse an HTTP date to Unix seconds, or return ``None``."""
    try:
        moment = parsedate_to_datetime(text or "")
    except (ValueError, OverflowError):
        return None
    # "-0000" means an unknown zone; HTTP dates are in UTC.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
