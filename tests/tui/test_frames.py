"""Changes are flushed once per frame."""

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest

from presence_tui.service.frames import FRAME_S, MOST_OF_THE_TIME, FrameScheduler
from presence_tui.store import ChangeSet, PresenceStore
from tests.unit.clock import FakeClock

pytestmark = pytest.mark.internals


class ManualLoop:
    """The part of an event loop that a scheduler uses, with a manual clock."""

    def __init__(self) -> None:
        self._now_s = 1_000.0
        self._due: list[tuple[float, Callable[[], object]]] = []

    def time(self) -> float:
        return self._now_s

    def call_soon(self, callback: Callable[..., object], *args: object) -> None:
        self.call_later(0, callback, *args)

    def call_later(self, wait_s: float, callback: Callable[..., object], *args: object) -> None:
        self.call_at(self._now_s + wait_s, callback, *args)

    def call_at(self, at_s: float, callback: Callable[..., object], *args: object) -> None:
        self._due.append((at_s, lambda: callback(*args)))

    @property
    def waits_s(self) -> list[object]:
        """Remaining wait of each scheduled call, in seconds."""
        return [pytest.approx(at_s - self._now_s) for at_s, _ in self._due]

    def pass_time(self, seconds: float) -> None:
        self._now_s += seconds
        due = [call for at_s, call in self._due if at_s <= self._now_s + 1e-9]
        self._due = [(at_s, call) for at_s, call in self._due if at_s > self._now_s + 1e-9]
        for call in due:
            call()

    def turn(self) -> None:
        """Run the calls that are due, and those they schedule for now."""
        self.pass_time(0)
        self.pass_time(0)


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> ManualLoop:
    loop = ManualLoop()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: loop)
    return loop


def test_the_first_change_of_a_quiet_time_paints_at_once_and_the_next_wait_for_their_frame(
    loop: ManualLoop,
) -> None:
    clock = FakeClock()
    store = PresenceStore(clock=clock, schedule=FrameScheduler())
    heard: list[ChangeSet] = []
    store.subscribe(heard.append)

    store.update_user_status("a", True)
    assert loop.waits_s == [0]
    loop.turn()
    assert len(heard) == 1

    for flag in (False, True, False):
        clock.advance(2)
        store.update_user_status("a", flag)
    store.update_user_status("b", True)
    assert loop.waits_s == [FRAME_S], "one flush is scheduled for all changes"
    loop.pass_time(FRAME_S / 2)
    assert len(heard) == 1
    loop.pass_time(FRAME_S / 2)
    loop.turn()
    assert len(heard) == 2
    assert heard[1].touched == {"a", "b"}
    assert len(heard[1].changes) == 4, "changes are coalesced and none is lost"

    loop.pass_time(FRAME_S * 3)
    store.update_user_status("c", True)
    assert loop.waits_s == [0], "the first change after a quiet time is flushed at once"


def test_where_a_flush_takes_long_frames_become_rarer(loop: ManualLoop) -> None:
    scheduler = FrameScheduler()
    flush_s = FRAME_S * 2

    def flush() -> None:
        loop.pass_time(flush_s)

    scheduler(flush)
    loop.turn()
    scheduler(flush)
    assert loop.waits_s == [flush_s / MOST_OF_THE_TIME - flush_s]


def test_the_painting_that_a_flush_asks_for_is_part_of_its_frame(loop: ManualLoop) -> None:
    scheduler = FrameScheduler()
    paint_s = FRAME_S * 3
    scheduler(lambda: loop.call_soon(loop.pass_time, paint_s))
    loop.turn()
    scheduler(lambda: None)
    assert loop.waits_s == [paint_s / MOST_OF_THE_TIME - paint_s]


def test_what_happens_during_a_flush_waits_for_the_next_frame(loop: ManualLoop) -> None:
    scheduler = FrameScheduler()
    flushed: list[float] = []

    def flush() -> None:
        flushed.append(loop.time())
        if len(flushed) < 5:
            scheduler(flush)

    scheduler(flush)
    for _ in range(10):
        loop.pass_time(FRAME_S)
    gaps = [later - earlier for earlier, later in pairwise(flushed)]
    assert gaps == [pytest.approx(FRAME_S)] * 4


async def test_on_a_real_loop_a_burst_is_one_flush() -> None:
    store = PresenceStore(schedule=FrameScheduler())
    flushed = asyncio.Event()
    heard: list[ChangeSet] = []

    def hear(changed: ChangeSet) -> None:
        heard.append(changed)
        flushed.set()

    store.subscribe(hear)
    for place in range(1_000):
        store.update_user_status(f"u{place}", True)
    assert heard == []
    await asyncio.wait_for(flushed.wait(), 5)
    assert [len(changed.changes) for changed in heard] == [1_000]


def test_a_store_asks_for_nothing_without_a_change(loop: ManualLoop) -> None:
    store = PresenceStore(clock=FakeClock(), schedule=FrameScheduler())
    store.flush()
    store.states.advance()
    assert loop.waits_s == []
