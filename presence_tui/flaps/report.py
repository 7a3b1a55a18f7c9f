"""What is known about flaps at one moment."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class FlapCause(StrEnum):
    """The likely cause of returns."""

    PING_TIMEOUT = "ping-timeout"
    """The gateway hears no answer to its pings and closes the socket; the client connects again."""
    BACKGROUND_TAB = "background-tab"
    """A browser lets the timers of a tab in the background run once a minute."""
    TABS_EVICTING = "tabs-evicting"
    """The gateway allows one socket an account, and two tabs take turns, about every 3 s."""
    MOBILE_SWITCHING = "mobile-switching"
    """Short stays without a beat: an app goes to the background and back, or a phone changes networks."""
    DEPLOY = "deploy"
    """Many left at once, or were back with a restarted gateway."""
    OWN_RECONNECT = "own-reconnect"
    """Many changed within two seconds of our own reconnect."""
    UNCLEAR = "unclear"
    """Too few returns, or stays of many minutes."""


class Return(NamedTuple):
    """One return within the flap window."""

    came_s: float
    """Unix time."""
    away_s: float
    stay_s: float | None
    """How long they had been there before; ``None`` if its start was not observed."""


class Pings(NamedTuple):
    """How the gateway finds dead sockets."""

    interval_s: float = 25.0
    timeout_s: float = 20.0


@dataclass(frozen=True, slots=True)
class Wave:
    """Many at once: one event, however many it concerned."""

    cause: FlapCause
    """``DEPLOY`` or ``OWN_RECONNECT``."""
    at_s: float
    """Unix time of its beginning."""
    people: int


@dataclass(frozen=True, slots=True)
class ParticipantFlaps:
    """One participant who returned at least once."""

    key: str
    returns: int
    """All since the start, or since they were last dropped; the other figures are of the last ones."""
    score: float
    """Returns, each halved every five minutes."""
    last_s: float
    """Unix time of the last return."""
    shortest_stay_s: float | None
    median_stay_s: float | None
    median_away_s: float
    cause: FlapCause
    confidence: float
    """From 0 to 1."""


@dataclass(frozen=True, slots=True)
class FlapReport:
    """Everybody, the highest score first, and what concerned many at once."""

    at_s: float
    since_s: float
    """Unix time since when changes are recorded."""
    people: Sequence[ParticipantFlaps]
    waves: Sequence[Wave]
    """The newest first."""
    shortest_stay_s: float | None
    median_stay_s: float | None
    forgotten: int
    """How often a participant was dropped because too many flapped; the longest quiet go first."""

    @property
    def returns(self) -> int:
        return sum(each.returns for each in self.people)

    @property
    def score(self) -> float:
        return sum(each.score for each in self.people)

    @property
    def causes(self) -> dict[FlapCause, int]:
        """Number of participants by likely cause, in the order of ``FlapCause``."""
        found = Counter(each.cause for each in self.people)
        return {cause: found[cause] for cause in FlapCause if cause in found}

    @property
    def likely_cause(self) -> tuple[FlapCause, float] | None:
        """The cause of most returns, and the share of all returns that it explains, weighed by confidence."""
        if not self.people:
            return None
        weights: Counter[FlapCause] = Counter()
        for each in self.people:
            weights[each.cause] += each.returns * each.confidence  # type: ignore[assignment]
        cause = max(FlapCause, key=lambda each: weights[each])
        return cause, weights[cause] / self.returns
