"""How long to wait before the next attempt.

A person watches a screen: for the first minutes an attempt is never more than a few seconds away. A
gateway that stays down is left in peace, up to half a minute. The jitter keeps a thousand monitors from
knocking at the same moment.
"""

from random import Random
from typing import Final

FIRST_S: Final = 1.5
PATIENT_S: Final = 4.0
CAP_S: Final = 30.0
PATIENT_ATTEMPTS: Final = 30
"""Attempts before the wait grows beyond ``PATIENT_S``: about two minutes."""

REFUSED_CAP_S: Final = 60.0

JITTER: Final = 0.5
"""The shortest wait, as a share of the longest."""

FIRST_JITTER: Final = 1 / 6
"""The same before a first attempt: who lost the link together must not return together."""


def delay_s(attempt: int, random: Random) -> float:
    """Seconds to wait before attempt number ``attempt`` (from 1): doubling, capped, and jittered down."""
    if attempt <= PATIENT_ATTEMPTS:
        longest = min(FIRST_S * 2.0 ** min(attempt - 1, 8), PATIENT_S)
    else:
        longest = min(PATIENT_S * 2.0 ** min(attempt - PATIENT_ATTEMPTS, 8), CAP_S)
    return longest * random.uniform(FIRST_JITTER if attempt == 1 else JITTER, 1.0)


def refused_delay_s(refusals: int, random: Random) -> float:
    """Seconds to wait after so many refused sign-ins in a row (from 1): nobody is let in by insisting."""
    longest = min(FIRST_S * 2.0 ** min(refusals - 1, 8), REFUSED_CAP_S)
    return longest * random.uniform(FIRST_JITTER if refusals == 1 else JITTER, 1.0)
