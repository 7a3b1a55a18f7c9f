"""The vocabulary of presence, as enums. Every layer, the screen and the help pages use these."""

from enum import StrEnum


class State(StrEnum):
    """What a participant is shown as: derived from evidence, a rule and a time."""

    ONLINE = "online"
    AWAY = "away"
    IDLE = "idle"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """Who told us."""

    EVENT = "event"
    SNAPSHOT = "snapshot"
    RUNTIME = "runtime"
    ROSTER = "roster"
    TYPING = "typing"
    CACHE = "cache"


class Cause(StrEnum):
    """Why a participant's presence changed."""

    MOVED = "moved"
    """An event said so, as it happened. The only cause that may ring a bell."""
    RECONCILED = "reconciled"
    """A snapshot or a REST answer corrected what was shown."""
    RECONNECTED = "reconnected"
    """Back with the gateway: online until it went away, found offline after it, and connected again."""
    DECAYED = "decayed"
    """Time passed: the evidence aged from one state to the next."""
    EXPIRED = "expired"
    """Time passed: the evidence outlived the trust of the rule, and the state fell to offline."""


class Panel(StrEnum):
    """Where a participant is listed. The flag alone decides it."""

    ONLINE = "online"
    OFFLINE = "offline"


class Outcome(StrEnum):
    """What became of one event that arrived. The counts of all six add up to what arrived."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    LATE = "late"
    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    """It told of somebody for whom there was no room (``Bounds.roster``)."""


def panel_of(flag: bool | None) -> Panel:
    """The panel a flag puts its participant in; never told (``None``) is listed at the end of Offline."""
    return Panel.ONLINE if flag else Panel.OFFLINE
