"""Flaps: online, offline, online within a window.

A flapping participant has a bad connection or a client that reconnects. Only events count: a
correction by a snapshot after a gap says nothing about the participant's connection.
"""

from typing import Final

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause

# Reading an enum member takes longer than comparing with it on Python 3.11.
_MOVED: Final = Cause.MOVED

FLAP_WINDOW_S: Final = 120.0
"""A participant who returns within this many seconds has flapped."""

RECONNECT_S: Final = 2.0
"""Changes of many within this time after our own reconnect come from it, not from their connections."""
FEW: Final = 3
"""More people than this at once are many."""


def is_flap(change: Change) -> bool:
    """True for a return within the window."""
    away_s = change.held_s
    if away_s is None or away_s > FLAP_WINDOW_S:
        return False
    return bool(change.flag) and change.flag_before is False and change.cause is _MOVED


def is_with_reconnect(at_s: float, reconnected_s: float | None) -> bool:
    """True for a time so soon after our own reconnect that it may come from it."""
    return reconnected_s is not None and 0.0 <= at_s - reconnected_s <= RECONNECT_S
