"""Rules that derive a state from the flag and the age of the newest activity.

A rule is three ladders of age limits, one for each value of the flag (true, false, unknown), so that
deriving a state and finding the time of its next change are the same look-up.

The numbers of ``meeshy-2026`` and ``meeshy-2025`` are those of the two generations of chat clients, as
the wire contract (section 4.1) lists them: limits inclusive in 2026 and strict in 2025.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from presence_tui.domain.enums import State
from presence_tui.domain.evidence import UNREADABLE_S

INSTANT_S = 0.001
"""Step past an inclusive limit, because the gateways' clocks tick in milliseconds."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """States by age: ``states[i]`` up to ``limits_s[i]`` seconds, and the last state beyond all limits."""

    limits_s: tuple[float, ...]
    states: tuple[State, ...]
    ageless: State
    """The state for an unknown age."""

    def __post_init__(self) -> None:
        if len(self.states) != len(self.limits_s) + 1:
            raise ValueError("a ladder needs one state more than limits")
        if any(low >= high for low, high in zip(self.limits_s, self.limits_s[1:], strict=False)):
            raise ValueError("the limits of a ladder must rise")


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule. With ``inclusive``, an age equal to a limit is still within it."""

    name: str
    inclusive: bool
    when_true: Ladder
    when_false: Ladder
    when_unknown: Ladder
    believes_invalid: bool = False
    """True if impossible times are used as reported, like in the apps."""
    unreadable_is_old: bool = False
    """True if an unreadable time counts as older than every limit; otherwise it counts as missing."""

    def aged_from_s(self, activity_s: float | None, invalid_s: float | None) -> float | None:
        """The time whose age decides: of the newest activity, or an impossible one reported later."""
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
        """Seconds until the state changes by time alone, or ``None`` if it will not."""
        return self.read(flag, age_s)[1]

    def ladder(self, flag: bool | None) -> Ladder:
        """The one that a flag chooses."""
        return self.when_true if flag else self.when_unknown if flag is None else self.when_false

    def read(self, flag: bool | None, age_s: float | None) -> tuple[State, float | None]:
        """The state, and the seconds until it changes by time alone."""
        ladder = self.ladder(flag)
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
    """The flag decides the panel, the age decides the state. The default.

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
    """Decay by age of the last activity, except that a true flag means online for ``trust_s`` seconds.

    A ``trust_s`` shorter than ``online_s`` has no effect. Raises ``ValueError`` if the limits do not rise.
    """
    limits = (online_s, away_s, idle_s)
    names = (State.ONLINE, State.AWAY, State.IDLE, State.OFFLINE)
    decay = Ladder(limits, names, State.OFFLINE)
    trust_s = max(trust_s, online_s)
    beyond_trust = sum(limit <= trust_s for limit in limits)
    trusted = Ladder((trust_s, *limits[beyond_trust:]), (State.ONLINE, *names[beyond_trust:]), State.ONLINE)
    return Rule("meeshy-2026", True, trusted, decay, decay, believes_invalid=True)


def meeshy_2025(online_s: float = 300, away_s: float = 1800) -> Rule:
    """A false flag means offline; otherwise the age decides. Raises ``ValueError`` if the limits do not
    rise.
    """
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
