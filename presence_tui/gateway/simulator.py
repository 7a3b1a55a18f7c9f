"""Simulates what people do, one event after the other.

Events occur at random, ``rate`` a second on average, and each sends one ``user:status``. Who acts and how
depends on the seeded generator alone, so equal seeds give equal sequences whatever the clock does.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Protocol

from presence_tui.gateway.directory import Behaviour, Conversation, Person

LATE_S = 5.0
"""A gap longer than this (a suspended machine) is skipped, not caught up with."""
MAX_DRAWS = 500
"""Draws for one event before the population counts as inactive."""
RARELY = 1 / 250
"""The share of happenings after which somebody joins, leaves, or gets another role."""
RETURN_S = (1.0, 30.0)
"""After a restart everybody is back within this time (wire contract, section 7)."""


class SimulatorActions(Protocol):
    """Where lives happen. The first three answer whether others were told."""

    def connect_device(self, person: Person) -> bool: ...
    def disconnect_device(self, person: Person) -> bool: ...
    def heartbeat(self, person: Person) -> bool: ...
    def typing(self, person: Person, conversation: Conversation, is_typing: bool) -> None: ...
    def join_account(self) -> Person | None: ...
    def leave_account(self, person: Person) -> bool: ...
    def change_role(self, person: Person) -> None: ...


@dataclass(frozen=True, slots=True)
class Habit:
    """How often a person with a behaviour acts, and the chances of each act."""

    weight: float
    come: float
    leave: float
    typing: float = 0.0


HABITS = {
    Behaviour.REGULAR: Habit(weight=1.0, come=0.25, leave=0.30, typing=0.10),
    Behaviour.IDLER: Habit(weight=0.2, come=0.60, leave=0.05),
    Behaviour.FLAPPER: Habit(weight=3.0, come=0.90, leave=0.80),
    Behaviour.TYPER: Habit(weight=1.5, come=0.30, leave=0.15, typing=0.60),
    Behaviour.LURKER: Habit(weight=0.3, come=0.02, leave=0.90),
    Behaviour.MULTI_DEVICE: Habit(weight=1.0, come=0.30, leave=0.40),
}
SECOND_DEVICE = 0.5
"""The chance that somebody with several devices takes up the second, given an act."""


class Simulator:
    """The living population. ``advance`` makes everything happen that is due."""

    def __init__(self, people: Iterable[Person], actions: SimulatorActions, rng: Random, rate: float) -> None:
        self._actions = actions
        self._rng = rng
        self._rate = rate
        self._crowds: dict[Behaviour, list[Person]] = {behaviour: [] for behaviour in Behaviour}
        for person in people:
            self._crowds[person.behaviour].append(person)
        self._shares = self._cumulative_shares()
        self._next_s: float | None = None
        self._returns: list[tuple[float, int, Person]] = []
        """A heap of who comes back when; the number decides between equal times."""
        self._pauses: list[tuple[float, int, Person]] = []
        """A heap of who stops typing when, and perhaps has stopped before."""
        self._typing: dict[str, tuple[int, Conversation]] = {}
        """Who types, by presence key: the number of the pause that will end it, and where."""
        self._number = 0

    def restart(self, now_s: float) -> None:
        """The gateway restarted: all sessions ended unheard, and everybody comes back in time.

        A still population is back at once.
        """
        self._next_s = None
        self._typing.clear()
        self._pauses.clear()
        self._returns.clear()
        if self._rate == 0:
            return
        soonest_s, latest_s = RETURN_S
        latest_s = soonest_s + (latest_s - soonest_s) / max(1.0, self._rate / 10)
        for crowd in self._crowds.values():
            for person in crowd:
                if person.devices > 0:
                    person.devices = 0
                    back_s = now_s + self._rng.uniform(soonest_s, latest_s)
                    self._returns.append((back_s, len(self._returns), person))
        heapq.heapify(self._returns)

    def advance(self, now_s: float) -> float | None:
        """Run everything due by now. Returns the seconds until the next event, ``None`` if there is none."""
        if self._rate == 0:
            return None
        if self._next_s is None or now_s - self._next_s > LATE_S:
            self._next_s = now_s + self._rng.expovariate(self._rate)
        while self._next_s <= now_s:
            self._run_due(self._next_s)
            self._step(self._next_s)
            self._next_s += self._rng.expovariate(self._rate)
        self._run_due(now_s)
        return self._next_s - now_s

    def _run_due(self, at_s: float) -> None:
        """Who has to be back by then is back, and who has typed enough stops."""
        while self._returns and self._returns[0][0] <= at_s:
            person = heapq.heappop(self._returns)[2]
            if person.devices == 0:
                self._actions.connect_device(person)
        while self._pauses and self._pauses[0][0] <= at_s:
            _, number, person = heapq.heappop(self._pauses)
            if self._typing.get(person.key, (0,))[0] == number:
                self._stop_typing(person)

    def _step(self, at_s: float) -> None:
        """One happening: somebody does something that others hear of."""
        for _ in range(MAX_DRAWS):
            if self._act(self._pick_person(), at_s):
                break
        if self._rng.random() < RARELY:
            self._rare_event()

    def _pick_person(self) -> Person:
        behaviour = self._rng.choices(tuple(self._crowds), cum_weights=self._shares)[0]
        return self._rng.choice(self._crowds[behaviour])

    def _act(self, person: Person, at_s: float) -> bool:
        """One person acts or does not; true if others heard of it."""
        habit = HABITS[person.behaviour]
        chance = self._rng.random()
        if person.devices == 0:
            return chance < habit.come and self._actions.connect_device(person)
        if chance < habit.leave:
            return self._leave(person, at_s)
        if person.behaviour is Behaviour.MULTI_DEVICE and person.devices == 1 and chance > SECOND_DEVICE:
            return self._actions.connect_device(person)
        if person.behaviour is Behaviour.IDLER:
            return False
        told = self._actions.heartbeat(person)
        if self._rng.random() < habit.typing and person.key not in self._typing:
            self._begin_typing(person, at_s)
        return told

    def _leave(self, person: Person, at_s: float) -> bool:
        self._stop_typing(person)
        if person.behaviour is not Behaviour.IDLER and person.last_active_s is not None:
            # A connected app answers pings, and so was active within the last minute.
            person.last_active_s = max(person.last_active_s, at_s - self._rng.uniform(0, 60))
        return self._actions.disconnect_device(person)

    def _begin_typing(self, person: Person, at_s: float) -> None:
        conversation = self._rng.choice(person.conversations)
        self._number += 1
        self._typing[person.key] = (self._number, conversation)
        heapq.heappush(self._pauses, (at_s + self._rng.uniform(2, 7), self._number, person))
        self._actions.typing(person, conversation, True)

    def _stop_typing(self, person: Person) -> None:
        if begun := self._typing.pop(person.key, None):
            self._actions.typing(person, begun[1], False)

    def _rare_event(self) -> None:
        """Somebody joins the main conversation, leaves it, or gets another role."""
        match self._rng.randrange(3):
            case 0:
                if newcomer := self._actions.join_account():
                    self._crowds[newcomer.behaviour].append(newcomer)
            case 1:
                person = self._pick_person()
                if person.devices == 0 and self._actions.leave_account(person):
                    self._crowds[person.behaviour].remove(person)
            case _:
                self._actions.change_role(self._pick_person())
        self._shares = self._cumulative_shares()

    def _cumulative_shares(self) -> list[float]:
        total = 0.0
        shares = []
        for behaviour, crowd in self._crowds.items():
            total += HABITS[behaviour].weight * len(crowd)
            shares.append(total)
        return shares
