"""Delays before connection attempts.

A user watches the screen, so in the first minutes delays are at most a few seconds. While a
gateway stays down, they grow to half a minute. The jitter keeps many monitors from
reconnecting at the same moment.
"""

from random import Random
from typing import Final

FIRST_S: Final = 1.5
PATIENT_S: Final = 4.0
CAP_S: Final = 30.0
PATIENT_ATTEMPTS: Final = 30
"""Attempts before the delay grows beyond ``PATIENT_S``: about two minutes."""

REFUSED_CAP_S: Final = 60.0

JITTER: Final = 0.5
"""The shortest delay, as a share of the longest."""

FIRST_JITTER: Final = 1 / 6
"""The same before a first attempt: monitors that lost the link together must not return together."""


def delay_s(attempt: int, random: Random) -> float:
    """Seconds before attempt number ``attempt`` (from 1): doubled each time, capped, with jitter."""
    if attempt <= PATIENT_ATTEMPTS:
        longest = min(FIRST_S * 2.0 ** min(attempt - 1, 8), PATIENT_S)
    else:
        longest = min(PATIENT_S * 2.0 ** min(attempt - PATIENT_ATTEMPTS, 8), CAP_S)
    return _jittered(longest, attempt, random)


def refused_delay_s(refusals: int, random: Random) -> float:
    """Seconds after ``refusals`` refused sign-ins in a row (from 1)."""
    longest = min(FIRST_S * 2.0 ** min(refusals - 1, 8), REFUSED_CAP_S)
    return _jittered(longest, refusals, random)


def _jittered(longest_s: float, attempt: int, random: Random) -> float:
    return longest_s * random.uniform(FIRST_JITTER if attempt == 1 else JITTER, 1.0)
