"""Changes of one participant's presence, their causes, and which of them are flaps."""

from typing import Final, NamedTuple

from presence_tui.domain.enums import Cause, Source, State

# Reading an enum member takes longer than comparing with it on Python 3.11.
_MOVED: Final = Cause.MOVED

FLAP_WINDOW_S: Final = 120.0
"""A participant who returns within this many seconds has flapped."""

RECONNECT_S: Final = 2.0
"""Changes of many within this time after our own reconnect come from it, not from their connections."""
FEW: Final = 3
"""More people than this at once are many."""


class Change(NamedTuple):
    """One participant's change of state or panel.

    A tuple, because a busy gateway makes two hundred thousand of them a second.
    """

    at_s: float
    """Unix time when we received it."""
    cause: Cause
    key: str
    name: str
    before: State
    after: State
    flag_before: bool | None
    flag: bool | None
    last_active_s: float | None
    source: Source | None
    epoch: int
    seq: int = 0
    first_told: bool = False
    """True for the first evidence, which fills a roster and is no real change."""
    held_s: float | None = None
    """Seconds for which the earlier flag held; ``None`` if its start was not observed."""
    noticed_s: float | None = None
    """Seconds since the start was noticed, if that was not observed: the flag held for at least so long."""

    @property
    def known_s(self) -> float | None:
        """Seconds for which the earlier flag held at least; ``None`` if it held from the beginning."""
        return self.noticed_s if self.held_s is None else self.held_s

    @property
    def has_turned(self) -> bool:
        """True if the participant arrived or left; others only became more or less active."""
        return (self.flag is True) is not (self.flag_before is True)

    @property
    def arrived(self) -> bool:
        """True if the participant moved to the Online panel."""
        return self.flag is True and self.flag_before is not True

    @property
    def left(self) -> bool:
        """True if the participant left the Online panel."""
        return self.flag is not True and self.flag_before is True


def is_flap(change: Change) -> bool:
    """True for a return within the window.

    A flapping participant has a bad connection or a client that reconnects. Only events count: a correction
    by a snapshot after a gap says nothing about the participant's connection.
    """
    away_s = change.held_s
    if away_s is None or away_s > FLAP_WINDOW_S:
        return False
    return bool(change.flag) and change.flag_before is False and change.cause is _MOVED


def is_with_reconnect(at_s: float, reconnected_s: float | None) -> bool:
    """True for a time so soon after our own reconnect that it may come from it."""
    return reconnected_s is not None and 0.0 <= at_s - reconnected_s <= RECONNECT_S
