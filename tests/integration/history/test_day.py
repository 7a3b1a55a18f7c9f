"""A simulated day of the embedded gateway: totals of its history equal those of its events.

The events are those the gateway would send, read by the general decoder; the expected totals
are counted from them without the store.
"""

import json
from collections import Counter, defaultdict
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from presence_tui.domain.enums import Cause, Outcome, Source
from presence_tui.domain.participants import Participant
from presence_tui.gateway.connection_registry import Session as Line
from presence_tui.gateway.context import build_context
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.gateway.simulator import DirectoryActions, Simulator
from presence_tui.history.coverage import Span
from presence_tui.history.database import open_for_reading
from presence_tui.history.participant_history import FlagRow, online_periods
from presence_tui.history.recorder import LinkRecord, Recorder
from presence_tui.history.roster_cache import read_cached_rosters, restore
from presence_tui.history.write_queue import Entry
from presence_tui.monitor.event_counters import EventCounters
from presence_tui.monitor.inbound import Inbound
from presence_tui.store import PresenceStore
from presence_tui.wire import messages, names
from presence_tui.wire.decode import decode_event
from tests.unit.clock import START_S, FakeClock
from tests.unit.history.history_fixtures import GATEWAY, rows, writing

DAY_S = 86_400
STEP_S = 4.0
"""Simulation step; the population takes a longer one for a suspended machine."""


class Day:
    """Population, store and recorder on one clock; the events are recorded separately."""

    def __init__(self, participants: int, rate: float, seed: int) -> None:
        self.clock = FakeClock()
        rng = Random(seed)
        settings = GatewaySettings(participants=participants, rate=rate, seed=seed)
        self.context = build_context(settings, self.clock, rng)
        observer = self.context.observer
        line = Line("1", self, "", self.clock.wall_s)
        self.context.registry.open(line)
        self.context.registry.admit(line, observer)
        people = [person for person in self.context.directory.people.values() if person is not observer]
        self.lives = Simulator(people, DirectoryActions(self.context), rng, rate)
        self.store = PresenceStore(clock=self.clock)
        self.counters = EventCounters()
        self.inbound = Inbound(self.store, self.counters)
        self.entries: list[Entry] = []
        self.recorder = Recorder(self.store, observer.key, self.entries.extend)
        self.recorder.record_account(observer.key)
        self.flags: dict[str, bool] = {}
        self.online_since_s: dict[str, float] = {}
        self.came: Counter[str] = Counter()
        self.left: Counter[str] = Counter()
        self.online_s: defaultdict[str, float] = defaultdict(float)
        self.sent: Counter[str] = Counter()
        """Sent events by name."""
        self.reported: Counter[str] = Counter()
        """Changes by cause, from the store."""
        self.store.subscribe(lambda changed: self.reported.update(each.cause for each in changed.changes))

    # The interface of a gateway connection.

    closed = False

    @property
    def queue(self) -> "Day":
        return self

    def put_nowait(self, packet: Any) -> None:
        event, payload = json.loads(packet.data[1:])
        message = self.inbound.handle(event, (payload,))
        self.sent[event] += 1
        if isinstance(message, messages.Status):
            self._note(message.key, message.flag)

    def begin(self) -> None:
        """Apply the roster of the main conversation and the snapshot of a connection."""
        main = self.context.main
        self.store.set_participants(map(Participant, main.members), main.id)
        snapshot = decode_event(names.SNAPSHOT, ({"users": self._snapshot()},))
        assert isinstance(snapshot, messages.Snapshot)
        self.store.apply_answers(snapshot.rows, Source.SNAPSHOT, self.clock.stamp())
        for row in snapshot.rows:
            self._note(row.key, row.flag)
        self.came.clear()
        self.sent.clear()
        self.recorder.record_link(LinkRecord(self.clock.wall_s, "live", "", 1, self.clock.wall_s, None))

    def live(self, seconds: float) -> None:
        end_s = self.clock.wall_s + seconds
        while self.clock.wall_s < end_s:
            self.clock.advance(STEP_S)
            self.lives.advance(self.clock.wall_s)
            self.store.states.advance()
        self.recorder.record_heard(self.clock.wall_s)
        for key, since_s in self.online_since_s.items():
            self.online_s[key] += self.clock.wall_s - since_s
        while self.recorder.unsaved_people:
            self.recorder.save_people(500)

    def _snapshot(self) -> list[dict[str, object]]:
        return self.context.presence.snapshot_for(self.context.observer)

    def _note(self, key: str, flag: bool) -> None:
        before, now_s = self.flags.get(key), self.clock.wall_s
        self.flags[key] = flag
        if flag and not before:
            self.came[key] += 1
            self.online_since_s[key] = now_s
        elif before and not flag:
            self.left[key] += 1
            self.online_s[key] += now_s - self.online_since_s.pop(key)


@pytest.mark.parametrize("seed", [7, 8])
async def test_the_sums_of_a_day_are_those_of_its_events(tmp_path: Path, seed: int) -> None:
    day = Day(participants=60, rate=0.1, seed=seed)
    day.begin()
    day.live(DAY_S)
    path = tmp_path / "history.sqlite"
    with writing(path) as writer:
        writer.post(day.entries)

    moved = "SELECT key, count(*) FROM changes WHERE cause = 'moved' AND {} GROUP BY key"
    assert sum(day.came.values()) > 1_000
    assert dict(rows(path, moved.format("flag = 1 AND flag_before IS NOT 1"))) == day.came
    assert dict(rows(path, moved.format("flag = 0 AND flag_before = 1"))) == day.left
    assert dict(rows(path, "SELECT cause, count(*) FROM changes GROUP BY cause")) == day.reported
    assert set(day.reported) >= {Cause.MOVED, Cause.DECAYED, Cause.RECONCILED}
    assert sum(map(day.counters.of, Outcome)) == sum(day.sent.values()), "each sent event is counted once"
    assert day.sent[names.STATUS] > 8_000
    assert day.counters.of(Outcome.LATE) == day.counters.of(Outcome.MALFORMED) == 0

    for key, online_s in day.online_s.items():
        told = rows(path, "SELECT at_s, flag_before, flag, cause FROM changes WHERE key = ? ORDER BY id", key)
        flags = [FlagRow(at_s, _flag(before), _flag(flag), cause == "moved")
                 for at_s, before, flag, cause in told if before != flag]  # fmt: skip
        sessions = online_periods(flags, [Span(START_S, day.clock.wall_s)])
        assert sum(session.length_s(day.clock.wall_s) or 0.0 for session in sessions) == pytest.approx(
            online_s
        )


async def test_the_roster_at_the_end_of_the_day_is_remembered(tmp_path: Path) -> None:
    day = Day(participants=60, rate=0.1, seed=7)
    day.begin()
    day.live(DAY_S / 4)
    path = tmp_path / "history.sqlite"
    with writing(path) as writer:
        writer.post(day.entries)
    with closing(open_for_reading(path)) as connection:
        remembered = read_cached_rosters(connection, GATEWAY, day.context.observer.key, day.clock.wall_s)
    assert remembered is not None and remembered.as_of_s == day.clock.wall_s
    kept = dict(rows(path, "SELECT key, flag FROM people"))
    assert {key: bool(flag) for key, flag in kept.items() if flag is not None} == day.flags
    store = PresenceStore(clock=day.clock)
    await restore(remembered, store)
    members = day.store.rosters.members(day.context.main.id)
    assert {key: record.flag for key, record in store.participants.items()} == {
        key: day.flags.get(key) for key in members
    }
    assert len(members) > 20


def _flag(bit: int | None) -> bool | None:
    return None if bit is None else bool(bit)
