"""Second factors: login challenges that wait for a code (wire contract, section 3.2)."""

import secrets
from dataclasses import dataclass

from presence_tui.gateway.directory import Person
from presence_tui.store.clock import Clock

CODE = "246810"
"""Code of every account; like the password, it protects only invented persons."""
LIFETIME_S = 300.0
TRIES = 5


class CodeRefused(Exception):
    """The code is wrong; another may be tried."""


class ChallengeOver(Exception):
    """The challenge has expired, has no tries left, or never existed."""


@dataclass(slots=True)
class _Challenge:
    person: Person
    ends_s: float
    tries_left: int = TRIES


class SecondFactors:
    """Open challenges."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[str, _Challenge] = {}

    def challenge(self, person: Person) -> str:
        """Create a challenge and return its token, which the client sends with the code."""
        now_s = self._clock.stamp().wall_s
        self._open = {token: each for token, each in self._open.items() if each.ends_s > now_s}
        token = secrets.token_urlsafe(24)
        self._open[token] = _Challenge(person, now_s + LIFETIME_S)
        return token

    def confirm(self, token: str, code: str) -> Person:
        """Close a challenge and return its person. Raises ``CodeRefused`` or ``ChallengeOver``."""
        challenge = self._open.get(token)
        if challenge is None or challenge.ends_s <= self._clock.stamp().wall_s or not challenge.tries_left:
            self._open.pop(token, None)
            raise ChallengeOver
        if code != CODE:
            challenge.tries_left -= 1
            raise CodeRefused
        del self._open[token]
        return challenge.person
