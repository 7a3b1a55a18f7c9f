"""The vocabulary of presence, as enums for all layers, the screen and the help pages."""

from enum import StrEnum


class State(StrEnum):
    """The shown state of a participant, derived from evidence, a rule and a time."""

    ONLINE = "online"
    AWAY = "away"
    IDLE = "idle"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """Source of evidence."""

    EVENT = "event"
    SNAPSHOT = "snapshot"
    RUNTIME = "runtime"
    ROSTER = "roster"
    TYPING = "typing"
    CACHE = "cache"


class Cause(StrEnum):
    """Cause of a change."""

    MOVED = "moved"
    """An event. The only cause that may trigger an alert."""
    RECONCILED = "reconciled"
    """A snapshot or a REST answer corrected the state."""
    RECONNECTED = "reconnected"
    """Online until the gateway restarted, found offline after it, and connected again."""
    REPLAYED = "replayed"
    """An event of a gap, which the gateway sent again on the next connection."""
    DECAYED = "decayed"
    """By time: the evidence aged from one state to the next."""
    EXPIRED = "expired"
    """By time: the rule no longer trusts the evidence, and the state becomes offline."""


class Panel(StrEnum):
    """The list a participant is in, decided by the rule in force."""

    ONLINE = "online"
    OFFLINE = "offline"


class Outcome(StrEnum):
    """Outcome of one received event. The counts of all six add up to the events received."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    LATE = "late"
    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    """About a participant for whom there was no room (``Bounds.roster``)."""


class Verdict(StrEnum):
    """What became of one packet: the outcome of its event, or why it has none."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    LATE = "late"
    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    STALE = "stale"
    """From a connection that was over: counted as late, and not applied."""
    CONTROL = "control"
    """Part of the protocol, such as a ping: no event, and not counted as one."""
    SENT = "sent"
    """From us to the gateway."""


class Direction(StrEnum):
    """Of a packet, as seen from us."""

    IN = "in"
    OUT = "out"


# Reading an enum member takes longer than a comparison on Python 3.11, and each event asks.
_OFFLINE, _UNKNOWN = State.OFFLINE, State.UNKNOWN


def listed_by(state: State, flag: bool | None) -> bool | None:
    """Where a state lists somebody: in Online, in Offline, or at its end (``None``), if nobody ever told."""
    if state is not _OFFLINE and state is not _UNKNOWN:
        return True
    return None if flag is None else False


def panel_of(listed: bool | None) -> Panel:
    """The panel of somebody who is listed there; never told (``None``) is at the end of Offline."""
    return Panel.ONLINE if listed else Panel.OFFLINE
