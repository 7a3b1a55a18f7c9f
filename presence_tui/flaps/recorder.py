"""Records returns and stays from the changes of a store, and derives a report on request.

Memory is bounded: it keeps the latest returns of the participants who returned most recently.
"""

from array import array
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator
from math import isnan, nan
from statistics import median
from typing import Final, NamedTuple

from presence_tui.domain.changes import Change, is_flap
from presence_tui.domain.enums import Cause
from presence_tui.flaps.report import FlapCause, FlapReport, ParticipantFlaps, Pings, Return
from presence_tui.flaps.rhythms import CERTAIN, likely_cause
from presence_tui.flaps.waves import KeyedReturn, WaveRecorder, Waves

HALF_LIFE_S: Final = 300.0
"""A return counts half after this time."""
MOST_PEOPLE: Final = 500
RETURNS_KEPT: Final = 24
"""Of each participant: enough to see a rhythm, and few enough to follow a new one."""
MOST_STAYS: Final = 10_000
"""Stays of participants who have left and may return."""
MOST_WAITING: Final = 5_000
"""Returns kept in order of arrival, before they are added to their participants."""

_MOVED, _RECONNECTED = Cause.MOVED, Cause.RECONNECTED
_FIELDS: Final = len(Return._fields)
_FIGURES_KEPT: Final = RETURNS_KEPT * _FIELDS


class _Verdict(NamedTuple):
    """A likely cause, and the data it was derived from."""

    returns: int
    waves: int
    pings: Pings
    cause: FlapCause
    confidence: float


class _Person:
    """The last returns of one participant."""

    __slots__ = ("_figures", "_score", "last_s", "returns", "verdict")

    def __init__(self) -> None:
        self.returns = 0
        self.last_s = 0.0
        self._score = 0.0
        self._figures = array("d")
        self.verdict: _Verdict | None = None
        """The likely cause, as of the last report."""

    def add(self, came_s: float, away_s: float, stay_s: float) -> None:
        self._score = self.score(came_s) + 1.0
        self.last_s = came_s
        self.returns += 1
        figures = self._figures
        figures.extend((came_s, away_s, stay_s))
        if len(figures) > _FIGURES_KEPT:
            del figures[:_FIELDS]

    def score(self, now_s: float) -> float:
        """Number of returns, each weighted by its age."""
        return float(self._score * 0.5 ** (max(0.0, now_s - self.last_s) / HALF_LIFE_S))

    def read(self) -> Iterator[Return]:
        figures = self._figures
        for at in range(0, len(figures), _FIELDS):
            came_s, away_s, stay_s = figures[at : at + _FIELDS]
            yield Return(came_s, away_s, None if isnan(stay_s) else stay_s)


class FlapRecorder:
    """Records every change, and reports which participants flap."""

    def __init__(self, since_s: float) -> None:
        self._since_s = since_s
        self._people: OrderedDict[str, _Person] = OrderedDict()
        """By presence key, the least recent return first."""
        self._stays: OrderedDict[str, float] = OrderedDict()
        """Length of the last stay of participants who left, by presence key, the earliest departure first."""
        self._waves = WaveRecorder(since_s)
        self._waiting: list[KeyedReturn] = []
        """The latest returns, not yet in ``_people``: where many flap, most belong to dropped ones."""
        self._forgotten = 0

    def reconnected(self, at_s: float | None) -> None:
        """Record that our own connection began again, before the changes that are added next."""
        self._waves.reconnected(at_s)

    def add(self, changes: Iterable[Change]) -> None:
        """Record changes, in order."""
        stays = self._stays
        moved: list[Change] = []
        returns: list[KeyedReturn] = []
        for change in changes:
            flag, before, cause = change.flag, change.flag_before, change.cause
            if flag is before or before is None:
                continue
            key, held_s = change.key, change.held_s
            if cause is _MOVED:
                moved.append(change)
                if not flag:
                    self._leave(key, held_s)
                    continue
                if is_flap(change):
                    away_s = max(0.0, held_s or 0.0)
                    returns.append((key, change.at_s, away_s, stays.pop(key, nan)))
                    continue
            stays.pop(key, None)
            if cause is _RECONNECTED:
                self._waves.add_back_with_gateway(key, change.at_s)
        if moved:
            self._waves.add_changes(moved)
        if returns:
            self._waves.add_returns(returns)
            self._waiting += returns
            if len(self._waiting) > MOST_WAITING:
                self._assign_returns()

    def report(
        self,
        now_s: float,
        pings: Pings | None = None,
        includes: Callable[[str], bool] = lambda key: True,
    ) -> FlapReport:
        """Report the participants who returned and whose presence key ``includes`` accepts."""
        self._assign_returns()
        pings, waves = pings or Pings(), self._waves.read()
        stays: list[float] = []
        people: list[ParticipantFlaps] = []
        for key, person in self._people.items():
            if includes(key):
                returns = list(person.read())
                own_stays = [each.stay_s for each in returns if each.stay_s is not None]
                stays += own_stays
                verdict = self._verdict(person, returns, waves, pings)
                people.append(
                    ParticipantFlaps(
                        key=key,
                        returns=person.returns,
                        score=person.score(now_s),
                        last_s=person.last_s,
                        shortest_stay_s=min(own_stays, default=None),
                        median_stay_s=median(own_stays) if own_stays else None,
                        median_away_s=median(each.away_s for each in returns),
                        cause=verdict.cause,
                        confidence=verdict.confidence,
                    )
                )
        people.sort(key=lambda each: (-each.score, each.key))
        return FlapReport(
            at_s=now_s,
            since_s=self._since_s,
            people=people,
            waves=waves.newest_first,
            shortest_stay_s=min(stays, default=None),
            median_stay_s=median(stays) if stays else None,
            forgotten=self._forgotten,
        )

    def _verdict(self, person: _Person, returns: list[Return], waves: Waves, pings: Pings) -> _Verdict:
        known, of = person.verdict, (person.returns, self._waves.version, pings)
        if known is None or known[:3] != of:
            person.verdict = known = _Verdict(*of, *_cause_of(returns, waves, pings))
        return known

    def _leave(self, key: str, held_s: float | None) -> None:
        stays = self._stays
        if held_s is None:
            stays.pop(key, None)
            return
        stays[key] = max(0.0, held_s)
        if len(stays) > MOST_STAYS:
            stays.popitem(last=False)

    def _assign_returns(self) -> None:
        """Add the waiting returns to their participants, as if each had been added when it came."""
        people = self._people
        by_key = OrderedDict[str, list[KeyedReturn]]((key, []) for key in people)
        for each in self._waiting:
            key = each[0]
            returns = by_key.get(key)
            if returns is not None:
                returns.append(each)
                by_key.move_to_end(key)
                continue
            by_key[key] = [each]
            if len(by_key) > MOST_PEOPLE:
                dropped, _ = by_key.popitem(last=False)
                people.pop(dropped, None)
                self._forgotten += 1
        self._waiting = []
        for key, returns in by_key.items():
            if returns:
                person = people.get(key) or _Person()
                people[key] = person
                people.move_to_end(key)
                for _, came_s, away_s, stay_s in returns:
                    person.add(came_s, away_s, stay_s)


def _cause_of(returns: list[Return], waves: Waves, pings: Pings) -> tuple[FlapCause, float]:
    """The cause of the waves if most returns belong to them, else the likely cause of the others."""
    of_waves = Counter(waves.cause_of(each.came_s, each.came_s - each.away_s) for each in returns)
    alone = of_waves.pop(None, 0)
    if of_waves and 2 * alone < len(returns):
        cause = max(filter(None, of_waves), key=lambda each: of_waves[each])
        return cause, CERTAIN * of_waves[cause] / len(returns)
    others = (each for each in returns if waves.cause_of(each.came_s, each.came_s - each.away_s) is None)
    return likely_cause(others, pings)
