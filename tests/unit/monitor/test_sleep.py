"""A suspension is noticed by either clock, and so is a clock that is set back."""

import asyncio

import pytest

from presence_tui.monitor.sleep import JUMP_S, STALLED_S, TICK_S, SleepDetector
from tests.unit.virtual_time import LoopClock, VirtualTimeLoop, run_virtually


class Sleeper:
    """A detector on a loop whose clocks can be moved, and what it told."""

    def __init__(self) -> None:
        self.clock = LoopClock()
        self.slept_s: list[float] = []
        self.set_back_s: list[float] = []
        self.detector = SleepDetector(self.clock, self.slept_s.append, self.set_back_s.append)

    def stall(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        loop.stall(seconds)


@pytest.mark.parametrize("seconds", [JUMP_S, 3_600.0])
def test_a_machine_that_slept_is_noticed_at_the_next_tick_or_packet(seconds: float) -> None:
    async def follow() -> None:
        it = Sleeper()
        it.detector.start()
        await asyncio.sleep(10)
        assert it.slept_s == []
        it.clock.wall_ahead_s += seconds
        it.detector.check()
        it.detector.check()
        assert it.slept_s == [pytest.approx(seconds)], "a packet is later than the end of the sleep"
        it.clock.wall_ahead_s += seconds
        await asyncio.sleep(TICK_S * 1.5)
        assert it.slept_s == [pytest.approx(seconds)] * 2
        it.clock.wall_ahead_s += seconds
        it.detector.check_timers()
        assert it.slept_s == [pytest.approx(seconds)] * 3
        await asyncio.sleep(10)
        assert it.slept_s == [pytest.approx(seconds)] * 3
        it.detector.close()

    run_virtually(follow())


def test_a_small_adjustment_is_no_sleep() -> None:
    async def follow() -> None:
        it = Sleeper()
        it.detector.start()
        for step_s in (JUMP_S - 0.1, -(JUMP_S - 0.1)):
            it.clock.wall_ahead_s += step_s
            await asyncio.sleep(TICK_S * 1.5)
            it.detector.check()
        assert (it.slept_s, it.set_back_s) == ([], [])
        it.detector.close()

    run_virtually(follow())


@pytest.mark.parametrize(("seconds", "is_noticed"), [(STALLED_S - 2, False), (STALLED_S + 2, True)])
def test_a_stopped_process_is_noticed_by_a_late_tick(seconds: float, is_noticed: bool) -> None:
    async def follow() -> None:
        it = Sleeper()
        it.detector.start()
        it.stall(seconds + TICK_S)
        it.detector.check()
        assert it.slept_s == [], "both clocks went on"
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert it.slept_s == ([pytest.approx(seconds, abs=0.01)] if is_noticed else [])
        await asyncio.sleep(10)
        assert len(it.slept_s) == is_noticed
        it.detector.close()

    run_virtually(follow())


@pytest.mark.parametrize("seconds", [JUMP_S, 3_600.0])
def test_a_clock_that_is_set_back_is_told_and_no_sleep(seconds: float) -> None:
    async def follow() -> None:
        it = Sleeper()
        it.detector.start()
        it.clock.wall_ahead_s -= seconds
        await asyncio.sleep(TICK_S * 1.5)
        it.detector.check()
        assert (it.set_back_s, it.slept_s) == ([pytest.approx(seconds)], [])
        it.detector.close()

    run_virtually(follow())


def test_what_happened_before_the_start_or_after_the_end_is_not_told() -> None:
    async def follow() -> None:
        it = Sleeper()
        it.detector.close()
        it.detector.check_timers()
        it.clock.wall_ahead_s += 100
        it.detector.start()
        await asyncio.sleep(10)
        it.detector.close()
        it.clock.wall_ahead_s += 100
        await asyncio.sleep(10)
        assert it.slept_s == []

    run_virtually(follow())
