"""Whether the socket is up but tells little: events that were missed, against those that were heard.

Over a whole connection many events may have come although the latest hour brought none, so each time before
the audit with few events is looked at by itself.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

MANY: Final = 5
"""Fewer differences are findings of their own."""

SHORTEST_S: Final = 1_800.0
"""A shorter time with few events may be a quiet one."""


class Missed(NamedTuple):
    """A change that no event told, and between which times it happened (Unix seconds, by our clock)."""

    earliest_s: float
    latest_s: float


class Deafness(NamedTuple):
    """Why a feed is deaf."""

    corrections: int
    heard: int
    since_s: float | None
    """Since when few events came; ``None`` for the whole connection."""


def deafness(missed: Sequence[Missed], heard_s: Sequence[float], now_s: float) -> Deafness | None:
    """Compare missed changes with when events told about participants; ``None`` if the feed is not deaf."""
    heard = len(heard_s)
    if _is_deaf(len(missed), heard):
        return Deafness(len(missed), heard, None)
    latest_first = sorted(heard_s, reverse=True)
    for heard, since_s in enumerate(latest_first[: len(missed) // 2 + 1]):
        corrections = _since(missed, since_s)
        if since_s <= now_s - SHORTEST_S and _is_deaf(corrections, heard):
            return Deafness(corrections, heard, since_s)
    return None


def _is_deaf(corrections: int, heard: int) -> bool:
    return corrections >= MANY and corrections > 2 * heard


def missed_change(
    flag: bool, told_s: float, last_active_s: float | None, skew_s: float, found_s: float
) -> Missed:
    """A change to ``flag`` after ``told_s``, found at ``found_s``.

    ``last_active_s`` is what the runtime told, by the gateway's clock: frozen when somebody leaves.
    """
    if not flag and last_active_s is not None:
        left_s = last_active_s - skew_s
        if told_s <= left_s <= found_s:
            return Missed(left_s, left_s)
    return Missed(told_s, found_s)


def _since(missed: Sequence[Missed], since_s: float) -> int:
    """How many happened since then. Those that may have count if none certainly happened before: some lost
    now and then add up over hours.
    """
    before = sum(each.latest_s < since_s for each in missed)
    uncertain = sum(each.earliest_s < since_s <= each.latest_s for each in missed)
    return len(missed) - before - (uncertain if before else 0)
