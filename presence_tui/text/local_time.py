"""Local times. A time that occurs twice, because the clock is set back, has its UTC offset."""

from datetime import datetime
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
    is_same_day = datetime.fromtimestamp(at_s).date() == datetime.fromtimestamp(beside_s).date()
    return local_time(at_s, MINUTES if is_same_day else DAY_AND_MINUTES)


def is_ambiguous(at_s: float) -> bool:
    """True if the same local date and time occurs twice."""
    local = datetime.fromtimestamp(at_s)
    return local.replace(fold=0).timestamp() != local.replace(fold=1).timestamp()


def utc_offset(at_s: float) -> str:
    """The local offset at this moment, such as ``+10:30``."""
    return f"{datetime.fromtimestamp(at_s).astimezone().isoformat()[-6:]}"
