"""Local times. A time that occurs twice, because the clock is set back, has its UTC offset."""

from datetime import date, datetime
from typing import Final

MINUTES: Final = "%H:%M"
SECONDS: Final = "%H:%M:%S"
DAY_AND_MINUTES: Final = "%Y-%m-%d %H:%M"
DAY_AND_SECONDS: Final = "%Y-%m-%d %H:%M:%S"


def local_time(at_s: float, pattern: str) -> str:
    """Format Unix seconds: ``02:30``, or ``02:30 +01:00`` where 02:30 occurs twice.

    ``pattern`` is one of ``strftime``.
    """
    text = f"{datetime.fromtimestamp(at_s):{pattern}}"
    return f"{text} {utc_offset(at_s)}" if is_ambiguous(at_s) else text


def time_beside(at_s: float, beside_s: float) -> str:
    """The local time, with the date if it differs from that of ``beside_s``."""
    return local_time(at_s, MINUTES if _are_of_one_day(at_s, beside_s) else DAY_AND_MINUTES)


def seconds_beside(at_s: float, beside_s: float) -> str:
    """Like ``time_beside``, to the second on the same day."""
    return local_time(at_s, SECONDS if _are_of_one_day(at_s, beside_s) else DAY_AND_MINUTES)


def span_beside(began_s: float, ended_s: float, beside_s: float) -> tuple[str, str]:
    """Both ends of a span, to the second if they are in one minute. The end has no date on the day of the
    start.
    """
    if local_time(began_s, DAY_AND_MINUTES) != local_time(ended_s, DAY_AND_MINUTES):
        return time_beside(began_s, beside_s), time_beside(ended_s, began_s)
    pattern = SECONDS if _are_of_one_day(began_s, beside_s) else DAY_AND_SECONDS
    return local_time(began_s, pattern), local_time(ended_s, SECONDS)


def time_or_date(at_s: float, beside_s: float) -> str:
    """The local time, or the date alone if it differs from that of ``beside_s``."""
    return local_time(at_s, MINUTES) if _are_of_one_day(at_s, beside_s) else f"{_day(at_s)}"


def _are_of_one_day(at_s: float, beside_s: float) -> bool:
    return _day(at_s) == _day(beside_s)


def _day(at_s: float) -> date:
    return datetime.fromtimestamp(at_s).date()


def is_ambiguous(at_s: float) -> bool:
    """True if the same local date and time occurs twice."""
    local = datetime.fromtimestamp(at_s)
    return local.replace(fold=0).timestamp() != local.replace(fold=1).timestamp()


def utc_offset(at_s: float) -> str:
    """The local offset at this moment, such as ``+10:30``."""
    return f"{datetime.fromtimestamp(at_s).astimezone().isoformat()[-6:]}"
