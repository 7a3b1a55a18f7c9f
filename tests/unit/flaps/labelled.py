"""A seeded hour of the embedded gateway, with people who flap for known causes.

Clients behave as wire contract sections 1.1, 1.5, 5.1 and 7 and the public cases say, and none of them
knows the models of ``flaps/rhythms.py``. The gateway's own presence sends the events, which are decoded and
applied to a store, all under one fake clock. A deploy drops everybody who is connected, and our own link is
lost several times, so that every rhythm is disturbed as well.
"""

import heapq
import json
import math
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any, Final

from presence_tui.domain.changes import FLAP_WINDOW_S
from presence_tui.domain.enums import Source
from presence_tui.domain.participants import Participant
from presence_tui.flaps.recorder import FlapRecorder
from presence_tui.flaps.report import FlapCause, FlapReport, Pings
from presence_tui.gateway.connection_registry import Session
from presence_tui.gateway.context import build_context
from presence_tui.gateway.directory import Person
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.store import PresenceStore
from presence_tui.wire import messages, names
from presence_tui.wire.decode import decode_event
from presence_tui.wire.profiles import MEESHY_2025, PROFILES
from tests.unit.clock import FakeClock

LENGTH_S: Final = 3_600.0
OF_A_RHYTHM: Final = 8
"""People of each cause that is a rhythm."""
OF_A_WAVE: Final = 20
"""People who flap in waves only."""

Waits = Iterator[float]
"""A client: runs until the next time that it yields, which is seconds from then."""


class LabelledHour:
    """The gateway, its clients, and a store that listens to it."""

    def __init__(self, seed: int, profile: str) -> None:
        self._rng = Random(seed)
        self._profile = PROFILES[profile]
        self.clock = FakeClock()
        settings = GatewaySettings(participants=130, rate=0, seed=seed, profile=profile)
        self._context = build_context(settings, self.clock, self._rng)
        self.store = PresenceStore(clock=self.clock)
        self.recorder = FlapRecorder(self.clock.wall_s)
        self._inbound = Inbound(self.store, EventCounters())
        self.store.subscribe(lambda changed: self.recorder.add(changed.changes))
        self._due: list[tuple[float, int, Waits]] = []
        self._started = 0
        self._is_deaf = False
        """True while our own link is lost."""
        self._habits: dict[str, FlapCause] = {}
        self._left: dict[str, tuple[float, FlapCause]] = {}
        self._returns: dict[str, Counter[FlapCause]] = {}
        everybody = self._context.directory.people.values()
        for person in everybody:
            person.devices = 0
        # Guests of 2025 never leave, and nobody is told about hidden people.
        self._pool = [each for each in everybody if not (each.guest or each.hidden)]
        self._pool = [each for each in self._pool if each is not self._context.observer]
        self._listen()
        self._populate()

    # The interface of a gateway connection.

    closed = False

    @property
    def queue(self) -> "LabelledHour":
        return self

    def put_nowait(self, packet: Any) -> None:
        if not self._is_deaf:
            event, payload = json.loads(packet.data[1:])
            self._inbound.handle(event, (payload,))

    @property
    def labels(self) -> dict[str, FlapCause]:
        """Presence key to the true cause of most returns; for as many of each, that of the client's habit."""
        return {
            key: max(counts, key=lambda cause: (counts[cause], cause is self._habits[key]))
            for key, counts in self._returns.items()
        }

    def run(self) -> FlapReport:
        """Let the hour pass."""
        end_s = self.clock.wall_s + LENGTH_S
        while self._due and self._due[0][0] <= end_s:
            at_s, number, client = heapq.heappop(self._due)
            self.clock.advance(at_s - self.clock.wall_s)
            wait_s = next(client, None)
            if wait_s is not None:
                heapq.heappush(self._due, (at_s + wait_s, number, client))
        self.clock.advance(end_s - self.clock.wall_s)
        return self.recorder.report(
            self.clock.wall_s, Pings(self._profile.ping_interval_s, self._profile.ping_timeout_s)
        )

    def _listen(self) -> None:
        observer, main = self._context.observer, self._context.main
        session = Session("1", self, "", self.clock.wall_s)
        self._context.registry.open(session)
        self._context.registry.admit(session, observer)
        for conversation in observer.conversations:
            self._context.registry.enter(session, conversation.id)
        self.store.set_participants(map(Participant, main.members), main.id)
        self._begin_epoch()

    def _begin_epoch(self) -> None:
        self.store.epochs.begin(self.clock.wall_s)
        self.recorder.reconnected(self.store.epochs.reconnected_s)
        users = self._context.presence.snapshot_for(self._context.observer)
        snapshot = decode_event(names.SNAPSHOT, ({"users": users},))
        assert isinstance(snapshot, messages.Snapshot)
        self.store.apply_answers(snapshot.rows, Source.SNAPSHOT, self.clock.stamp())

    def _populate(self) -> None:
        clients = {
            FlapCause.PING_TIMEOUT: self._without_answers_to_pings,
            FlapCause.BACKGROUND_TAB: self._tab_in_background,
            FlapCause.MOBILE_SWITCHING: self._phone,
            FlapCause.UNCLEAR: self._visitor,
        }
        if self._profile is MEESHY_2025:
            clients[FlapCause.TABS_EVICTING] = self._two_tabs
        for cause, client in clients.items():
            for _ in range(OF_A_RHYTHM):
                person = self._labelled(cause)
                self._start(client(person), self._rng.uniform(5, 900))
        steady = [self._labelled(FlapCause.DEPLOY) for _ in range(OF_A_WAVE)]
        for person in steady:
            self._start(self._stay_connected(person), self._rng.uniform(0, 60))
        for at_s in sorted(self._rng.uniform(600, 3_300) for _ in range(self._rng.randint(1, 2))):
            self._start(self._deploy(), at_s)
        others = [self._labelled(FlapCause.OWN_RECONNECT) for _ in range(OF_A_WAVE)]
        self._start(self._own_link(others), self._rng.uniform(200, 400))

    def _labelled(self, cause: FlapCause) -> Person:
        person = self._pool.pop(self._rng.randrange(len(self._pool)))
        self._habits[person.key] = cause
        return person

    def _start(self, client: Waits, after_s: float) -> None:
        self._started += 1
        heapq.heappush(self._due, (self.clock.wall_s + after_s, self._started, client))

    def _connect(self, person: Person) -> None:
        if not person.devices:
            left_s, cause = self._left.pop(person.key, (-math.inf, FlapCause.UNCLEAR))
            if self.clock.wall_s - left_s <= FLAP_WINDOW_S:
                self._returns.setdefault(person.key, Counter())[cause] += 1
            self._context.presence.connect_device(person)

    def _disconnect(self, person: Person, cause: FlapCause | None = None) -> None:
        if person.devices:
            self._left[person.key] = self.clock.wall_s, cause or self._habits[person.key]
            self._context.presence.disconnect_device(person)

    def _log_normal(self, median_s: float, spread: float) -> float:
        return median_s * self._rng.lognormvariate(0, spread)

    def _backoff(self) -> float:
        """Seconds until a client is back: about 1 s, twice as long after each failed attempt, and TLS."""
        waits, delay_s = 0.0, 1.0
        while True:
            waits += delay_s * self._rng.uniform(0.5, 1.5) + self._log_normal(0.2, 0.5)
            if self._rng.random() < 0.7:
                return waits
            delay_s = min(30.0, delay_s * 2)

    def _busy_loop(self) -> float:
        """Seconds by which a busy gateway is late."""
        return self._log_normal(0.05, 1.0)

    # Clients.

    def _without_answers_to_pings(self, person: Person) -> Waits:
        """Its answers get lost from some ping on, so the gateway closes the socket after its time-out."""
        round_trip_s, holds = self._log_normal(0.08, 0.7), self._rng.uniform(0, 0.6)
        for _ in range(self._rng.randint(3, 25)):
            self._connect(person)
            if self._rng.random() < 0.08:
                # The user closes the page, or the phone its lid.
                yield self._rng.uniform(3, 120)
            else:
                while self._rng.random() < holds:
                    yield self._profile.ping_interval_s + round_trip_s * self._rng.uniform(0.8, 1.5)
                yield self._profile.ping_interval_s + self._profile.ping_timeout_s
            yield self._busy_loop()
            self._disconnect(person)
            yield self._backoff()

    def _tab_in_background(self, person: Person) -> Waits:
        """Its timers run once a minute, at the same second, so that is when it connects again."""
        began_s, style = self.clock.wall_s, self._rng.choice(("sleeps", "sleeps", "times out", "varies"))
        steady_s = self._rng.uniform(50, 59)
        for _ in range(self._rng.randint(3, 25)):
            self._connect(person)
            match style:
                case "sleeps":
                    yield steady_s + self._rng.uniform(-1, 0.5)
                case "times out":
                    yield self._profile.ping_interval_s + self._profile.ping_timeout_s
                case _:
                    yield self._rng.uniform(10, 58)
            self._disconnect(person)
            if self._rng.random() < 0.06:
                # The attempt of this minute fails.
                yield 60.0
            yield 60.0 - (self.clock.wall_s - began_s) % 60.0 + self._log_normal(0.15, 0.6)

    def _two_tabs(self, person: Person) -> Waits:
        """Two tabs look every 3 s whether their socket is open; each that connects evicts the other.

        The gateway says true, and a moment later false, because it forgets the new socket with the old one.
        """
        apart_s = self._rng.uniform(0.3, 2.7)
        for number in range(self._rng.randint(5, 60)):
            self._connect(person)
            moment_s = self._log_normal(0.006, 0.5)
            yield moment_s
            self._disconnect(person)
            next_s = apart_s if number % 2 else 3.0 - apart_s
            yield max(0.05, next_s + self._rng.gauss(0, 0.06) - moment_s)

    def _phone(self, person: Person) -> Waits:
        """Goes to the background and back, and from one network to another."""
        stay_s, away_s = self._log_normal(22, 0.4), self._log_normal(14, 0.4)
        for _ in range(self._rng.randint(3, 25)):
            self._connect(person)
            yield self._log_normal(stay_s, 0.9)
            if self._rng.random() < 0.2:
                # The system stops the app before it can close its socket.
                yield self._rng.uniform(0, self._profile.ping_interval_s) + self._profile.ping_timeout_s
            self._disconnect(person)
            is_network = self._rng.random() < 0.35
            yield self._backoff() if is_network else self._log_normal(away_s, 0.9)

    def _visitor(self, person: Person) -> Waits:
        """Reads for minutes, goes, and sometimes is soon back."""
        while True:
            self._connect(person)
            yield self._log_normal(480, 0.8)
            self._disconnect(person)
            yield self._log_normal(70, 0.8)

    def _stay_connected(self, person: Person) -> Waits:
        self._connect(person)
        yield 0.0

    def _deploy(self) -> Waits:
        """A proxy in front of the gateway is replaced: all sockets but ours close, and come back."""
        dropped = [each for each in self._context.directory.people.values() if each.devices]
        for person in dropped:
            self._start(self._dropped(person), self._rng.uniform(0, 1.5))
        yield 0.0

    def _dropped(self, person: Person) -> Waits:
        self._disconnect(person, FlapCause.DEPLOY)
        yield self._rng.uniform(1, 30)
        self._connect(person)

    def _own_link(self, others: list[Person]) -> Waits:
        """People lose their connection one after the other, then we; all are back when we are."""
        for person in others:
            self._start(self._stay_connected(person), 0)
        yield 240.0
        for _ in range(self._rng.randint(2, 4)):
            outage_s = self._rng.uniform(20, 90)
            concerned = [each for each in others if self._rng.random() < 0.8]
            for person in concerned:
                self._start(self._cut(person), self._rng.uniform(0, outage_s))
            yield outage_s
            self._is_deaf = True
            yield self._rng.uniform(1, 12)
            self._is_deaf = False
            self._begin_epoch()
            for person in concerned:
                self._start(self._stay_connected(person), self._rng.uniform(0.02, 1.8))
            yield 300.0

    def _cut(self, person: Person) -> Waits:
        self._disconnect(person)
        yield 0.0


def hours(seeds: range) -> Iterator[tuple[LabelledHour, FlapReport]]:
    """An hour of each profile for each seed."""
    for seed in seeds:
        for profile in PROFILES:
            hour = LabelledHour(seed, profile)
            yield hour, hour.run()
