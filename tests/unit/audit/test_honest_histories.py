"""No finding without a fault: over a day of the demo in fast motion, and over random differences."""

from collections import deque
from collections.abc import AsyncIterator, Sequence
from functools import partial
from random import Random
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.audit.audit_pass import AuditPass
from presence_tui.audit.comparison import Answer
from presence_tui.audit.deaf_feed import MANY, FeedRecord
from presence_tui.audit.findings import AuditReport, FindingKind
from presence_tui.domain.enums import Outcome
from presence_tui.domain.participants import Participant
from presence_tui.gateway.connection_registry import Session
from presence_tui.gateway.context import build_context
from presence_tui.gateway.directory import Person
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.gateway.simulator import DirectoryActions, Simulator
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.store import PresenceStore, Stamp
from presence_tui.transport.presence_source import AskedPresence, Timing
from presence_tui.wire import names
from presence_tui.wire.messages import PresenceRow
from presence_tui.wire.responses import Health, read_runtime_presence
from tests.unit.audit.lying_runtime import AuditedStore
from tests.unit.clock import FakeClock
from tests.unit.domain.hypothesis_profile import repeatable

HOUR_S = 3_600
DAY_S = 24 * HOUR_S
PASS_EVERY_S = 600
SKEW_S = 600.0
STEP_S = 0.1
"""Time goes on in such steps during a pass, and in seconds otherwise."""


class DemoDay:
    """The embedded gateway's people and a store that hears of them, on one clock and without a network."""

    def __init__(self, seed: int) -> None:
        self.clock, self.rng = FakeClock(), Random(seed)
        gateway_clock = SimpleNamespace(stamp=lambda: Stamp(self.now(), self.clock.monotonic_s))
        self.context = build_context(GatewaySettings(), gateway_clock, Random(seed))
        self.observer = self.context.observer
        people = [each for each in self.context.directory.people.values() if each is not self.observer]
        self.lives = Simulator(people, DirectoryActions(self.context), Random(seed), 1.0)
        self.booted_s = self.now() - DAY_S
        self.store = PresenceStore(clock=self.clock)
        self.store.states.set_skew(SKEW_S)
        self.counters = EventCounters()
        self.inbound = Inbound(self.store, self.counters)
        self.feed_record = FeedRecord(self.store)
        self.under_way: deque[tuple[float, str]] = deque()
        self.session: Session | None = None

    def now(self) -> float:
        return self.clock.wall_s + SKEW_S

    def lives_of_accounts(self) -> list[Person]:
        return [each.person for each in self.context.main.members.values() if not each.person.guest]

    def connect(self) -> None:
        connection = SimpleNamespace(closed=False, queue=SimpleNamespace(put_nowait=self._sent))
        session = self.session = Session("socket", connection, "", self.now())
        self.context.registry.open(session)
        self.context.registry.admit(session, self.observer)
        for conversation in self.observer.conversations:
            self.context.registry.enter(session, conversation.id)
        self.store.epochs.begin()
        self.feed_record.begin_epoch()
        rows = self.context.presence.snapshot_for(self.observer)
        self.context.registry.send(session, names.SNAPSHOT, {"users": rows})
        members = [Participant(key) for key in self.context.main.members]
        self.store.set_participants(members, self.context.main.id)
        held = self.store.rosters.members(self.context.main.id)
        for key in set(held).difference(self.context.main.members):
            self.store.members.remove(key, self.context.main.id)

    def disconnect(self) -> None:
        if self.session is not None:
            self.context.registry.close(self.session.sid)
            self.session = None
        self.under_way.clear()

    def restart(self) -> None:
        self.disconnect()
        self.context.registry.clear()
        self.context.presence.forget_sessions()
        self.booted_s = self.now()
        self.lives.restart(self.now())

    def pass_time(self, seconds: float, step_s: float = STEP_S) -> None:
        for _ in range(round(seconds / step_s)):
            self.clock.advance(step_s)
            self.lives.advance(self.now())
            self.context.presence.sweep()
            while self.under_way and self.under_way[0][0] <= self.clock.monotonic_s:
                event, payload = msgspec.json.decode(self.under_way.popleft()[1])
                self.inbound.handle(event, (payload,))
            self.store.states.advance()

    async def audit(self) -> AuditReport:
        audit = AuditPass(
            self,  # type: ignore[arg-type]
            self.store,
            self.feed_record,
            own_key=self.observer.key,
            sleep=self._sleep,
        )
        return await audit.run(self.context.main.id)

    def time_of_answers(self) -> Timing | None:
        return None

    async def health(self) -> tuple[Health, Timing]:
        health = SimpleNamespace(uptime_s=self.now() - self.booted_s)
        return health, Timing(STEP_S, SKEW_S)  # type: ignore[return-value]

    async def runtime_presence(self, keys: Sequence[str]) -> AsyncIterator[AskedPresence]:
        asked = self.clock.stamp()
        self.pass_time(STEP_S)
        users = []
        for key in keys:
            person = self.context.directory.people[key]
            flag, last_active_at = self.context.presence.seen_by(self.observer, person)
            users.append({"userId": key, "isOnline": flag, "lastActiveAt": last_active_at})
        self.pass_time(STEP_S)
        rows, malformed = read_runtime_presence(msgspec.json.encode({"data": {"users": users}}))
        yield AskedPresence(asked, rows, malformed)

    async def _sleep(self, seconds: float) -> None:
        self.pass_time(seconds)

    def _sent(self, packet: Any) -> None:
        """Events keep their order, and take up to half a second."""
        latest_s = self.under_way[-1][0] if self.under_way else 0.0
        due_s = max(latest_s, self.clock.monotonic_s + self.rng.uniform(0, 0.5))
        self.under_way.append((due_s, packet.data[1:]))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7, 8])
async def test_a_day_of_flaps_reconnects_skew_and_restarts_has_no_finding(seed: int) -> None:
    day = DemoDay(seed)
    day.connect()
    passes = 0
    for at_s in range(PASS_EVERY_S, DAY_S, PASS_EVERY_S):
        day.pass_time(PASS_EVERY_S, step_s=1.0)
        if at_s % (6 * HOUR_S) == 0:
            day.restart()
            day.pass_time(2)
            day.connect()
        elif at_s % HOUR_S == 0:
            day.disconnect()
            day.pass_time(30)
            day.connect()
        report = await day.audit()
        passes += 1
        assert report.findings == [], f"seed {seed}, {at_s} s"
        assert report.checked or report.is_distrusted
    assert passes == DAY_S / PASS_EVERY_S - 1
    assert day.counters.of(Outcome.APPLIED) > DAY_S / 2
    ghost = next(each for each in day.lives_of_accounts() if not each.devices and not each.hidden)
    day.context.presence.create_ghost(ghost)
    day.pass_time(1)
    found = [(finding.kind, finding.key) for finding in (await day.audit()).findings]
    assert found == [(FindingKind.GHOST_ONLINE, ghost.key)]


@repeatable
@given(
    told=st.lists(st.booleans(), min_size=12, max_size=60),
    wrong=st.sets(st.integers(0, 11), max_size=MANY - 1),
    late=st.sets(st.integers(0, 11), max_size=4),
    delay_s=st.floats(0, 1.4),
)
async def test_exactly_the_injected_ghosts_are_found(
    told: list[bool], wrong: set[int], late: set[int], delay_s: float
) -> None:
    harness = AuditedStore()
    keys = [f"p{number:02}" for number in range(len(told))]
    harness.roster(*keys)
    now_s = harness.now_s
    harness.snapshot(*(PresenceRow(key, flag, now_s) for key, flag in zip(keys, told, strict=True)))
    harness.pass_time(5)
    truth = dict(zip(keys, told, strict=True))
    for number in wrong | late:
        truth[keys[number]] = not told[number]
    for number in late - wrong:
        # Their event is still under way when the pass begins.
        harness.at(delay_s, partial(_arrive, harness, keys[number], not told[number]))
    harness.says = lambda key: Answer(truth[key], harness.now_s)
    expected = {(f"ghost-{'online' if told[number] else 'offline'}", keys[number]) for number in wrong}
    assert set(await harness.findings()) == expected


def _arrive(harness: AuditedStore, key: str, flag: bool) -> None:
    harness.event(key, flag, last_active_s=harness.now_s)
