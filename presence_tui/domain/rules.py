"""Rules: how a state is derived from a flag and the age of the newest activity.

A rule is three ladders of age limits, one for each value of the flag (true, false, never told), so that
deriving a state and finding the moment of its next change are the same look-up.

The numbers of ``meeshy-2026`` and ``meeshy-2025`` are those of the two generations of chat clients, as
the wire contract (section 4.1) lists them: limits inclusive in 2026 and strict in 2025.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from presence_tui.domain.activity_times import UNREADABLE_S
from presence_tui.domain.enums import State

INSTANT_S = 0.001
"""The step past an inclusive limit; the gateways' clocks tick in milliseconds."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """States by age: ``states[i]`` up to ``limits_s[i]`` seconds, the last state beyond all of them."""

    limits_s: tuple[float, ...]
    states: tuple[State, ...]
    ageless: State
    """The state when the age is not known."""

    def __post_init__(self) -> None:
        if len(self.states) != len(self.limits_s) + 1:
            raise ValueError("a ladder needs one state more than limits")
        if any(low >= high for low, high in zip(self.limits_s, self.limits_s[1:], strict=False)):
            raise ValueError("the limits of a ladder must rise")


@dataclass(frozen=True, slots=True)
class Rule:
    """A named way to derive a state. ``inclusive`` says whether an age equal to a limit is still below it."""

    name: str
    inclusive: bool
    when_true: Ladder
    when_false: Ladder
    when_unknown: Ladder
    believes_invalid: bool = False
    """True where impossible times count as told, which is what the apps do."""
    unreadable_is_old: bool = False
    """True where an unreadable time is older than every limit; elsewhere it counts as none told."""

    def aged_from_s(self, activity_s: float | None, invalid_s: float | None) -> float | None:
        """The moment whose age decides: the newest activity, or an impossible time told since."""
        if invalid_s is None or not self.believes_invalid:
            return activity_s
        if invalid_s == UNREADABLE_S and not self.unreadable_is_old:
            return None
        return invalid_s

    def derive(self, flag: bool | None, age_s: float | None) -> State:
        """The state for a flag and the age in seconds of the newest activity.

        A negative age (a timestamp in the future) counts as the youngest there is.
        """
        return self.read(flag, age_s)[0]

    def next_transition_s(self, flag: bool | None, age_s: float | None) -> float | None:
        """Seconds from now until the state changes by time alone, or ``None`` if it never will."""
        return self.read(flag, age_s)[1]

    def read(self, flag: bool | None, age_s: float | None) -> tuple[State, float | None]:
        """Both at once: the state, and in how many seconds it changes by time alone."""
        ladder = self.when_true if flag else self.when_unknown if flag is None else self.when_false
        if age_s is None:
            return ladder.ageless, None
        limits_s = ladder.limits_s
        if not limits_s:
            return ladder.states[0], None
        rung = bisect_left(limits_s, age_s) if self.inclusive else bisect_right(limits_s, age_s)
        if rung == len(limits_s):
            return ladder.states[rung], None
        return ladder.states[rung], limits_s[rung] - age_s + (INSTANT_S if self.inclusive else 0.0)


def flag_rule(online_s: float = 60, away_s: float = 180) -> Rule:
    """The flag decides the panel, the age decides the dot. The default.

    Raises ``ValueError`` if the limits do not rise.
    """
    return Rule(
        name="flag",
        inclusive=True,
        when_true=Ladder((online_s, away_s), (State.ONLINE, State.AWAY, State.IDLE), State.ONLINE),
        when_false=Ladder((), (State.OFFLINE,), State.OFFLINE),
        when_unknown=Ladder((), (State.UNKNOWN,), State.UNKNOWN),
    )


def meeshy_2026(online_s: float = 60, away_s: float = 180, idle_s: float = 300, trust_s: float = 300) -> Rule:
    """Pure decay of the last activity, except that a true flag reads as online for ``trust_s`` seconds.

    A trust shorter than ``online_s`` makes no difference. Raises ``ValueError`` if the limits do not rise.
    """
    limits = (online_s, away_s, idle_s)
    names = (State.ONLINE, State.AWAY, State.IDLE, State.OFFLINE)
    decay = Ladder(limits, names, State.OFFLINE)
    trust_s = max(trust_s, online_s)
    beyond_trust = sum(limit <= trust_s for limit in limits)
    trusted = Ladder((trust_s, *limits[beyond_trust:]), (State.ONLINE, *names[beyond_trust:]), State.ONLINE)
    return Rule("meeshy-2026", True, trusted, decay, decay, believes_invalid=True)


def meeshy_2025(online_s: float = 300, away_s: float = 1800) -> Rule:
    """A false flag wins at once; else the age decides. Raises ``ValueError`` if the limits do not rise."""
    limits = (online_s, away_s)
    names = (State.ONLINE, State.AWAY, State.OFFLINE)
    return Rule(
        name="meeshy-2025",
        inclusive=False,
        when_true=Ladder(limits, names, State.ONLINE),
        when_false=Ladder((), (State.OFFLINE,), State.OFFLINE),
        when_unknown=Ladder(limits, names, State.OFFLINE),
        believes_invalid=True,
        unreadable_is_old=True,
    )


FLAG = flag_rule()
RULES: Mapping[str, Rule] = {rule.name: rule for rule in (FLAG, meeshy_2026(), meeshy_2025())}
