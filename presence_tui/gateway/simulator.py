"""Simulates the population, one event at a time.

Events occur at random, ``rate`` per second on average, and each sends one ``user:status``. Persons and
acts depend only on the seeded generator, so equal seeds give equal sequences with any clock.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Protocol

from presence_tui.gateway.context import GatewayContext
from presence_tui.gateway.directory import Behaviour, Conversation, Person
from presence_tui.gateway.rooms import typing_payload
from presence_tui.wire import names
from presence_tui.wire.profiles import MEESHY_2025


class DirectoryActions:
    """Applies the simulator's actions to presence, rooms and rosters."""

    def __init__(self, context: GatewayContext) -> None:
        presence = context.presence
        self._profile = context.settings.contract
        self._main = context.main
        self._generator = context.generator
        self._memberships = context.memberships
        self._registry = context.registry
        self.connect_device = presence.connect_device
        self.disconnect_device = presence.disconnect_device
        self.heartbeat = presence.mark_active

    def typing(self, person: Person, conversation: Conversation, is_typing: bool) -> None:
        """Send typing or its end to the room; in 2025 a guest's typing is dropped (wire contract, section
        1.5).
        """
        if person.hidden or (person.guest and self._profile is MEESHY_2025):
            return
        listeners = self._registry.in_room(conversation.id)
        if listeners:
            payload = typing_payload(self._profile, person, conversation.id, is_typing)
            event = names.TYPING_START if is_typing else names.TYPING_STOP
            self._registry.broadcast(listeners, event, payload)

    def join_account(self) -> Person:
        """Add an offline account to the main conversation."""
        person = self._generator.account()
        person.last_active_s = None
        self._memberships.join(person, self._main)
        return person

    def leave_account(self, person: Person) -> bool:
        """Remove a plain account from the main conversation; false if it must stay."""
        membership = self._main.members.get(person.key)
        if membership is None or membership.role != "member" or person.guest:
            return False
        if len(person.conversations) > 1 or self._registry.has_sessions(person.key):
            return False
        self._memberships.leave(person, self._main)
        return True

    def change_role(self, person: Person) -> None:
        """The creator makes a member moderator, or a moderator member."""
        membership = self._main.members.get(person.key)
        if membership is None or person.guest or membership.role not in ("member", "moderator"):
            return
        creator = next(each.person for each in self._main.members.values() if each.role == "creator")
        role = "moderator" if membership.role == "member" else "member"
        self._memberships.promote(person, self._main, role, creator)


LATE_S = 5.0
"""A longer gap, as of a suspended machine, is skipped."""
MAX_DRAWS = 500
"""Maximum draws for one event before the population counts as inactive."""
RARELY = 1 / 250
"""Share of events after which a person joins, leaves or changes role."""
RETURN_S = (1.0, 30.0)
"""Everyone has returned within this time after a restart (wire contract, section 7)."""


class SimulatorActions(Protocol):
    """Effects of simulated acts. The first three return whether an event was sent."""

    def connect_device(self, person: Person) -> bool: ...
    def disconnect_device(self, person: Person) -> bool: ...
    def heartbeat(self, person: Person) -> bool: ...
    def typing(self, person: Person, conversation: Conversation, is_typing: bool) -> None: ...
    def join_account(self) -> Person | None: ...
    def leave_account(self, person: Person) -> bool: ...
    def change_role(self, person: Person) -> None: ...


@dataclass(frozen=True, slots=True)
class Habit:
    """How often a person with a behaviour acts, and the probability of each act."""

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
"""Probability that an act of a person with several devices connects the second one."""


class Simulator:
    """The simulated population. ``advance`` runs everything that is due."""

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
        """A heap of returns after a restart; the number breaks ties."""
        self._pauses: list[tuple[float, int, Person]] = []
        """A heap of ends of typing, some of them outdated."""
        self._typing: dict[str, tuple[int, Conversation]] = {}
        """Presence key to the number of the entry in ``_pauses`` that ends the typing, and the
        conversation.
        """
        self._number = 0

    def restart(self, now_s: float) -> None:
        """Handle a restart: all sessions ended without events, and everyone returns later.

        A population with rate 0 is back at once.
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
        """Run returns and ends of typing that are due."""
        while self._returns and self._returns[0][0] <= at_s:
            person = heapq.heappop(self._returns)[2]
            if person.devices == 0:
                self._actions.connect_device(person)
        while self._pauses and self._pauses[0][0] <= at_s:
            _, number, person = heapq.heappop(self._pauses)
            if self._typing.get(person.key, (0,))[0] == number:
                self._stop_typing(person)

    def _step(self, at_s: float) -> None:
        """One event: a random person acts in a way that sends an event."""
        for _ in range(MAX_DRAWS):
            if self._act(self._pick_person(), at_s):
                break
        if self._rng.random() < RARELY:
            self._rare_event()

    def _pick_person(self) -> Person:
        behaviour = self._rng.choices(tuple(self._crowds), cum_weights=self._shares)[0]
        return self._rng.choice(self._crowds[behaviour])

    def _act(self, person: Person, at_s: float) -> bool:
        """Let one person act or not; true if an event was sent."""
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
        was_sent = self._actions.heartbeat(person)
        if self._rng.random() < habit.typing and person.key not in self._typing:
            self._begin_typing(person, at_s)
        return was_sent

    def _leave(self, person: Person, at_s: float) -> bool:
        self._stop_typing(person)
        if person.behaviour is not Behaviour.IDLER and person.last_active_s is not None:
            # A connected client answers pings, so it was active within the last minute.
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
        """A person joins the main conversation, leaves it or changes role."""
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
