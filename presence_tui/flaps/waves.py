"""Finds waves: changes of many participants with one cause, a deploy or our own reconnect."""

import math
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

from presence_tui.domain.changes import FEW, FLAP_WINDOW_S, RECONNECT_S, Change, is_with_reconnect
from presence_tui.flaps.report import FlapCause, Wave

KEPT: Final = 100
MOST_KEYS: Final = 10_000
"""Keys of one wave, from which on changes are counted instead of people."""
MOST_KEYS_A_SECOND: Final = 500
"""Keys remembered of the departures of one second."""
TOGETHER_S: Final = 3
"""Departures within this time count as simultaneous."""
ONE_DEPLOY_S: Final = 5.0
"""A departure within this time after a wave extends it."""
DEVIATIONS: Final = 4.0
"""Standard deviations above the usual number from which a number of people counts as many."""
FORGET_EVERY_S: Final = 10.0
MINUTE_S: Final = 60.0
SHORTEST_S: Final = 10.0
"""Minimum observed time for a usual number."""
_NOBODY: Final[frozenset[str]] = frozenset()

KeyedReturn = tuple[str, float, float, float]
"""Presence key, Unix time of a return, length of the absence and of the stay before it, both in seconds.

The stay is NaN if its start was not observed.
"""

# Reading an enum member takes longer than comparing with it on Python 3.11.
_DEPLOY: Final = FlapCause.DEPLOY


class _Wave:
    """A wave and its participants."""

    def __init__(self, cause: FlapCause, began_s: float, until_s: float, few: float = FEW) -> None:
        """It counts once it has more people than ``few``."""
        self.cause = cause
        self._few = few
        self.began_s, self.until_s = began_s, until_s
        self._keys: set[str] | None = set()
        self._people = 0

    @property
    def people(self) -> int:
        return self._people

    @property
    def is_of_many(self) -> bool:
        return self._people > self._few

    def add(self, keys: Collection[str]) -> None:
        if self._keys is not None and len(self._keys) < MOST_KEYS:
            self._keys.update(keys)
            self._people = len(self._keys)
        else:
            self._people += len(keys)

    def close(self) -> None:
        """Forget its participants."""
        self._keys = None


class WaveRecorder:
    """Records the last waves, and recent departures."""

    def __init__(self, since_s: float) -> None:
        self._since_s = since_s
        self._minute_s = since_s
        """When the current minute began."""
        self._changes = self._changes_before = 0
        """Arrivals and departures in the current minute, and in the one before."""
        self._waves: deque[_Wave] = deque(maxlen=KEPT)
        """Waves of many, the newest last."""
        self._left: dict[int, set[str]] = {}
        """Departures by second: presence keys of those who have returned since."""
        self._left_count = 0
        self._forgot_s = since_s
        self._reconnected_s: float | None = None
        self._ours: _Wave | None = None
        self._restart: _Wave | None = None
        self.version = 0
        """Grows when a wave begins or goes on."""

    def reconnected(self, at_s: float | None) -> None:
        """Record that our own connection began again."""
        self._reconnected_s, self._ours, self._restart = at_s, None, None

    def add_changes(self, changes: Sequence[Change]) -> None:
        """Record arrivals and departures by events, in order. ``changes`` must not be empty."""
        now_s, began_s = changes[-1].at_s, self._reconnected_s
        if now_s < self._minute_s:
            # Our clock was set back.
            self._minute_s, self._since_s = now_s, min(now_s, self._since_s)
            self._changes = self._changes_before = 0
        if began_s is not None:
            self._add_with_reconnect(
                [each for each in changes if is_with_reconnect(each.at_s, began_s)], began_s
            )
        if now_s - self._minute_s >= MINUTE_S:
            follows = now_s - self._minute_s < 2 * MINUTE_S
            self._changes_before, self._changes = self._changes if follows else 0, 0
            self._minute_s = now_s
        self._changes += len(changes)

    def add_back_with_gateway(self, key: str, at_s: float) -> None:
        """Record a return with a restarted gateway."""
        if self._restart is None:
            self._restart = _Wave(_DEPLOY, at_s, at_s)
        self._add(self._restart, (key,))

    def add_returns(self, returns: Iterable[KeyedReturn]) -> None:
        """Record returns within the flap window."""
        by_second: defaultdict[int, dict[str, float]] = defaultdict(dict)
        for key, came_s, away_s, _ in returns:
            if is_with_reconnect(came_s, self._reconnected_s):
                continue
            if not 0 <= came_s - self._forgot_s < FORGET_EVERY_S:
                self._forgot_s = came_s
                self._forget(came_s)
            left_s = came_s - away_s
            by_second[int(left_s)][key] = left_s
        for second, left_s_by_key in by_second.items():
            self._add_departures(second, left_s_by_key)

    def read(self) -> "Waves":
        """The waves so far."""
        return Waves(self._waves)

    def _add_with_reconnect(self, changes: Sequence[Change], began_s: float) -> None:
        if not changes:
            return
        if self._ours is None:
            few = _at_most(self._changes_a_second(changes[0].at_s) * RECONNECT_S)
            self._ours = _Wave(FlapCause.OWN_RECONNECT, began_s, began_s + RECONNECT_S, few)
        self._add(self._ours, [each.key for each in changes])

    def _add_departures(self, second: int, left_s: Mapping[str, float]) -> None:
        """Record who left in one second and has returned, and whether many left at about this time.

        ``left_s`` is presence key to Unix time.
        """
        left, first_s, last_s = self._left, min(left_s.values()), max(left_s.values())
        known = left.setdefault(second, set())
        self._left_count -= len(known)
        known.update(islice(left_s.keys() - known, MOST_KEYS_A_SECOND - len(known)))
        self._left_count += len(known)
        before, after = left.get(second - 1, _NOBODY), left.get(second + 1, _NOBODY)
        count = len(before) + len(known) + len(after)
        if count <= FEW:
            return
        few = _at_most(self._usual(count, second))
        if count <= few:
            return
        wave = self._wave_near(first_s)
        if wave is None:
            people = before | known | after
            if len(people) <= few:
                # Some of them left in more than one of these seconds.
                return
            wave = _Wave(_DEPLOY, first_s - 1, last_s + 1)
            self._add(wave, people)
        self._add(wave, left_s.keys())
        wave.began_s, wave.until_s = min(wave.began_s, first_s - 1), max(wave.until_s, last_s + 1)

    def _changes_a_second(self, now_s: float) -> float:
        seconds = min(now_s - self._since_s, now_s - self._minute_s + MINUTE_S)
        return (self._changes + self._changes_before) / max(SHORTEST_S, seconds)

    def _forget(self, now_s: float) -> None:
        """Forget departures outside of the flap window, also those ahead of a clock that was set back."""
        until_s = now_s - FLAP_WINDOW_S - TOGETHER_S
        self._left = {second: keys for second, keys in self._left.items() if until_s <= second <= now_s}
        self._left_count = sum(map(len, self._left.values()))

    def _usual(self, count: int, left_s: float) -> float:
        """How many departures coincide at other times, on average."""
        others = self._left_count - count
        seconds = min(FLAP_WINDOW_S, max(SHORTEST_S, left_s - self._since_s))
        return (others + 1) / seconds * TOGETHER_S

    def _wave_near(self, left_s: float) -> _Wave | None:
        for wave in reversed(self._waves):
            if wave.cause is _DEPLOY and wave is not self._restart:
                is_near = wave.began_s - ONE_DEPLOY_S <= left_s <= wave.until_s + ONE_DEPLOY_S
                return wave if is_near else None
        return None

    def _add(self, wave: _Wave, keys: Collection[str]) -> None:
        was_of_many = wave.is_of_many
        wave.add(keys)
        if not wave.is_of_many:
            return
        self.version += 1
        if not was_of_many:
            for other in self._waves:
                if other.until_s < wave.began_s - FLAP_WINDOW_S:
                    other.close()
            self._waves.append(wave)


def _at_most(usual: float) -> float:
    """The largest number that is not unusual, where ``usual`` is the mean."""
    return FEW + usual + DEVIATIONS * math.sqrt(usual)


class Waves:
    """The waves known at one moment."""

    def __init__(self, waves: Collection[_Wave]) -> None:
        self.newest_first = [
            Wave(each.cause, each.began_s, each.people)
            for each in sorted(waves, key=lambda each: each.began_s, reverse=True)
        ]
        self._spans: dict[FlapCause, list[tuple[float, float]]] = {}
        for each in waves:
            self._spans.setdefault(each.cause, []).append((each.began_s, each.until_s))
        for spans in self._spans.values():
            spans.sort()

    def cause_of(self, came_s: float, left_s: float) -> FlapCause | None:
        """The cause of a return that belongs to a wave; ``None`` if it belongs to none."""
        if self._has(FlapCause.OWN_RECONNECT, came_s):
            return FlapCause.OWN_RECONNECT
        return FlapCause.DEPLOY if self._has(FlapCause.DEPLOY, left_s) else None

    def _has(self, cause: FlapCause, at_s: float) -> bool:
        spans = self._spans.get(cause, ())
        following = bisect_right(spans, (at_s, math.inf))
        return following > 0 and at_s <= spans[following - 1][1]
