"""The decay timer fires exactly when a state changes by time alone."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from presence_tui.domain.enums import Cause, State
from presence_tui.domain.rules import FLAG
from presence_tui.domain.translatable import NOTHING, phrase
from presence_tui.monitor.decay import DecayTimer
from presence_tui.monitor.link import Link
from tests.unit.store.store_harness import StoreHarness


class Handle:
    def __init__(self, due_s: float, wake: Callable[[], None]) -> None:
        self.due_s = due_s
        self.wake = wake
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Timers:
    """Replaces the event loop's timers; firing one advances the clock."""

    def __init__(self, harness: StoreHarness) -> None:
        self.harness = harness
        self.set: list[Handle] = []

    def call_later(self, wait_s: float, wake: Callable[[], None]) -> Handle:
        self.set.append(Handle(self.harness.clock.monotonic_s + wait_s, wake))
        return self.set[-1]

    @property
    def pending(self) -> list[Handle]:
        return [handle for handle in self.set if not handle.cancelled]

    def go_off(self) -> float:
        """Fire the next timer at its time, and return the waited time."""
        (handle,) = self.pending
        self.set.remove(handle)
        wait_s = handle.due_s - self.harness.clock.monotonic_s
        self.harness.clock.advance(wait_s)
        handle.wake()
        return wait_s


@pytest.fixture
def harness() -> StoreHarness:
    return StoreHarness()


@pytest.fixture
async def timers(harness: StoreHarness, monkeypatch: pytest.MonkeyPatch) -> Timers:
    timers = Timers(harness)
    loop: Any = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "call_later", timers.call_later)
    return timers


@pytest.fixture
def link(harness: StoreHarness) -> Link:
    """A live link."""
    link = Link(harness.clock)
    link.connected("websocket")
    link.live(harness.store.epochs.begin())
    link.synced(harness.now_s)
    return link


def nothing() -> None:
    """No suspension is found."""


async def test_no_timer_without_transitions(harness: StoreHarness, timers: Timers, link: Link) -> None:
    DecayTimer(harness.store, link, nothing)
    harness.event("ada", False)
    assert timers.set == []


async def test_timer_fires_at_transition(harness: StoreHarness, timers: Timers, link: Link) -> None:
    DecayTimer(harness.store, link, nothing)
    harness.event("ada")
    assert timers.go_off() == pytest.approx(60, abs=0.01)
    assert harness.record("ada").state is State.AWAY
    assert timers.go_off() == pytest.approx(120, abs=0.01)
    assert harness.record("ada").state is State.IDLE
    assert timers.pending == []
    assert [change.cause for change in harness.changes[1:]] == [Cause.DECAYED, Cause.DECAYED]


async def test_transition_due_before_start_is_applied(
    harness: StoreHarness, timers: Timers, link: Link
) -> None:
    harness.event("ada")
    harness.clock.advance(90)
    DecayTimer(harness.store, link, nothing)
    assert timers.go_off() == 0
    assert harness.record("ada").state is State.AWAY


async def test_one_timer_for_all_participants(harness: StoreHarness, timers: Timers, link: Link) -> None:
    DecayTimer(harness.store, link, nothing)
    for number in range(50):
        harness.event(f"user{number}")
        harness.clock.advance(1)
    assert len(timers.pending) == 1
    woken = 0
    while timers.pending:
        timers.go_off()
        woken += 1
    assert all(record.state is State.IDLE for record in harness.store.participants.values())
    assert woken == 100, "one wake per change of state"


async def test_earlier_transition_moves_timer(harness: StoreHarness, timers: Timers, link: Link) -> None:
    DecayTimer(harness.store, link, nothing)
    harness.event("ada")
    harness.event("ben", last_active_s=harness.now_s - 50)
    assert len(timers.pending) == 1
    assert timers.go_off() == pytest.approx(10, abs=0.01)


async def test_early_timer_is_rescheduled(harness: StoreHarness, timers: Timers, link: Link) -> None:
    DecayTimer(harness.store, link, nothing)
    harness.event("ada")
    (early,) = timers.pending
    timers.set.remove(early)
    harness.clock.advance(59.9)
    early.wake()
    assert harness.record("ada").state is State.ONLINE
    assert timers.go_off() == pytest.approx(0.1, abs=0.01)
    assert harness.record("ada").state is State.AWAY


async def test_close_cancels_timer(harness: StoreHarness, timers: Timers, link: Link) -> None:
    decay = DecayTimer(harness.store, link, nothing)
    harness.event("ada")
    decay.close()
    assert timers.pending == []
    harness.event("ben")
    assert timers.pending == []
    lose(link, harness)
    assert harness.store.states.held_since_s(harness.record("ben")) is None


QUIET_S = 4.0
"""How long nothing had arrived when a link was lost."""


def lose(link: Link, harness: StoreHarness) -> None:
    link.reconnecting(phrase("it ended"), NOTHING, 1, 2.0, harness.now_s - QUIET_S)


async def test_states_stand_still_while_link_is_lost(
    harness: StoreHarness, timers: Timers, link: Link
) -> None:
    DecayTimer(harness.store, link, nothing)
    harness.event("ada")
    harness.clock.advance(10)
    lost_s = harness.now_s
    lose(link, harness)
    while timers.pending:
        timers.go_off()
    harness.clock.advance(600)
    link.connected("websocket")
    assert harness.record("ada").state is State.ONLINE
    assert harness.store.states.held_since_s(harness.record("ada")) == lost_s - QUIET_S
    assert len(harness.changes) == 1
    link.live(harness.store.epochs.begin())
    assert harness.record("ada").state is State.ONLINE, "live, but nothing has been told yet"
    harness.event("ada", last_active_s=harness.now_s - 5)
    assert harness.store.states.held_since_s(harness.record("ada")) is None
    assert timers.go_off() == pytest.approx(55, abs=0.01)
    assert [change.after for change in harness.changes[1:]] == [State.AWAY]


async def test_roster_that_was_read_without_link_stands_still(
    harness: StoreHarness, timers: Timers, link: Link
) -> None:
    DecayTimer(harness.store, link, nothing)
    lose(link, harness)
    harness.clock.advance(100)
    harness.runtime("ada", True, harness.now_s - 10)
    assert timers.pending, "as long as the reading is not complete"
    harness.clock.advance(1)
    link.synced(harness.now_s - 1)
    read_s = harness.now_s - 1
    link.attempting()
    while timers.pending:
        timers.go_off()
    assert harness.record("ada").state is State.ONLINE
    assert harness.store.states.held_since_s(harness.record("ada")) == read_s


async def test_suspension_is_checked_before_states_change(
    harness: StoreHarness, timers: Timers, link: Link
) -> None:
    DecayTimer(harness.store, link, lambda: lose(link, harness))
    harness.event("ada")
    told_s = harness.now_s
    (late,) = timers.pending
    timers.set.remove(late)
    harness.clock.advance(3_600)
    late.wake()
    assert harness.record("ada").state is State.ONLINE
    assert harness.store.states.held_since_s(harness.record("ada")) == told_s + 3_600 - QUIET_S
    assert harness.store.states.age_by(FLAG, harness.record("ada")) == pytest.approx(60, abs=0.01)


async def test_reading_that_is_never_completed_stands_still(
    harness: StoreHarness, timers: Timers, link: Link
) -> None:
    DecayTimer(harness.store, link, nothing)
    lose(link, harness)
    harness.clock.advance(100)
    harness.runtime("ada", True, harness.now_s - 10)
    changes = len(harness.changes)
    while timers.pending:
        timers.go_off()
    harness.clock.advance(600)
    assert harness.record("ada").state is State.ONLINE
    assert harness.store.states.held_since_s(harness.record("ada")) is not None
    assert len(harness.changes) == changes


async def test_events_of_connection_that_ended_before_sign_in_stand_still(
    harness: StoreHarness, timers: Timers, link: Link
) -> None:
    DecayTimer(harness.store, link, nothing)
    lose(link, harness)
    link.connected("websocket")
    harness.event("ada")
    lose(link, harness)
    while timers.pending:
        timers.go_off()
    assert harness.record("ada").state is State.ONLINE
    link.connected("websocket")
    link.live(harness.store.epochs.begin())
    harness.event("ada", last_active_s=harness.now_s - 5)
    assert timers.go_off() == pytest.approx(55, abs=0.01)
    assert harness.record("ada").state is State.AWAY
