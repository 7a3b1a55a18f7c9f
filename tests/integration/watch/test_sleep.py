"""Suspension, of the machine or of the process."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from presence_tui.alerts.rules import Alert, AlertRule, Trigger
from presence_tui.alerts.scheduler import AlertScheduler
from presence_tui.domain.enums import Cause, Outcome, State
from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.monitor.link import LinkState, LinkStatus
from presence_tui.monitor.sleep import TICK_S
from tests.integration.watch.running_monitor import RunningMonitor
from tests.unit.virtual_time import LoopClock, VirtualTimeLoop, run_virtually

profiles = pytest.mark.parametrize("profile", ["meeshy-2026", "meeshy-2025"])


def close_lid(clock: LoopClock, seconds: float) -> None:
    """Suspend the machine: its monotonic clock, used by timers, stands still."""
    clock.wall_ahead_s += seconds


def stop(clock: LoopClock, seconds: float) -> None:
    """Stop the process: time passes, but no timer fires."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    loop.stall(seconds)


kinds = pytest.mark.parametrize("fall_asleep", [close_lid, stop], ids=["lid", "stopped"])

Sleep = Callable[[LoopClock, float], None]


class Sleeper:
    """A gateway, a monitor and its alerts on one clock."""

    def __init__(self, profile: str, *rules: AlertRule) -> None:
        self.clock = LoopClock()
        settings = GatewaySettings(rate=0, secret="of the tests", profile=profile)
        self.gateway = Gateway(settings, clock=self.clock)
        self.rules = rules
        self.alerts: list[Alert] = []

    async def run(self, follow: Callable[["Sleeper", RunningMonitor], Coroutine[Any, Any, None]]) -> None:
        await self.gateway.start()
        try:
            monitor = RunningMonitor(self.gateway.url, self.gateway.token, clock=self.clock, waits=0.5)
            loop = asyncio.get_running_loop()
            alerts = AlertScheduler(monitor.store, self.rules, self.alerts.append, loop.call_later)

            def on_link(status: LinkStatus) -> None:
                alerts.set_synced(status.state is LinkState.LIVE and status.fresh_until_s is None)

            monitor.monitor.link_changed.subscribe(on_link)
            async with monitor:
                await monitor.until_settled()
                await follow(self, monitor)
            alerts.close()
        finally:
            await self.gateway.stop()

    def somebody(self) -> str:
        people = self.gateway.people().items()
        return next(key for key, it in people if not (it.guest or it.hidden or it is self.gateway.observer))


@profiles
@kinds
def test_what_waited_while_we_slept_is_late_and_rings_nothing(profile: str, fall_asleep: Sleep) -> None:
    async def follow(it: Sleeper, monitor: RunningMonitor) -> None:
        key = it.somebody()
        it.gateway.set_online(key, False)
        await monitor.until_flag(key, False)
        await asyncio.sleep(90)
        monitor.forget()
        it.alerts.clear()
        heard_s = monitor.monitor.heard_s
        fall_asleep(it.clock, 3_600)
        woken_s = it.clock.stamp().wall_s
        it.gateway.set_online(key, True)
        await monitor.until(lambda: monitor.status.state is not LinkState.LIVE, timeout_s=1.1)
        assert monitor.status.state is LinkState.STALE
        assert "asleep for 36" in str(monitor.status.reason)
        fresh_until_s = monitor.status.fresh_until_s
        assert fresh_until_s is not None and fresh_until_s == heard_s
        assert fresh_until_s < woken_s - 3_599, "the shown age includes the sleep"
        await monitor.until_settled(2)
        assert monitor.flag(key) is True
        assert monitor.of(Cause.MOVED, key) == []
        assert len(monitor.of(Cause.RECONCILED, key)) == 1
        assert it.alerts == []
        assert monitor.monitor.counters.ends["slept"] == 1

    run_virtually(run_sleeper(profile, follow, AlertRule(Trigger.COMES)))


async def run_sleeper(profile: str, follow: Any, *rules: AlertRule) -> None:
    await Sleeper(profile, *rules).run(follow)


@profiles
def test_events_that_waited_are_counted_as_late(profile: str) -> None:
    async def follow(it: Sleeper, monitor: RunningMonitor) -> None:
        late = monitor.monitor.counters.of(Outcome.LATE)
        close_lid(it.clock, 600)
        for flag in (True, False, True):
            it.gateway.set_online(it.somebody(), flag)
        it.gateway.connections.broadcast(
            "typing:start", {"userId": it.somebody(), "conversationId": it.gateway.conversation}
        )
        await monitor.until(lambda: monitor.monitor.counters.of(Outcome.LATE) >= late + 3)
        await monitor.until_settled(2)
        assert monitor.monitor.counters.received == sum(monitor.outcomes().values())

    run_virtually(run_sleeper(profile, follow))


@kinds
def test_where_nothing_arrives_it_is_noticed_within_a_second(fall_asleep: Sleep) -> None:
    async def follow(it: Sleeper, monitor: RunningMonitor) -> None:
        fall_asleep(it.clock, 3_600)
        await monitor.until(lambda: monitor.status.state is LinkState.STALE, timeout_s=1.1)
        await monitor.until_settled(2)
        await monitor.until(lambda: monitor.returns)
        assert [gap.gap_s > 3_599 for gap in monitor.returns] == [True]

    run_virtually(run_sleeper("meeshy-2026", follow))


@kinds
def test_a_rule_that_was_due_while_we_slept_does_not_ring(fall_asleep: Sleep) -> None:
    """A participant who left before the suspension may have come back meanwhile."""

    async def follow(it: Sleeper, monitor: RunningMonitor) -> None:
        key = it.somebody()
        it.gateway.set_online(key, True)
        await monitor.until_flag(key, True)
        it.gateway.set_online(key, False)
        await monitor.until_flag(key, False)
        await asyncio.sleep(5)
        fall_asleep(it.clock, 3_600)
        await monitor.until(lambda: monitor.status.state is LinkState.STALE)
        assert it.alerts == []

    async def run() -> None:
        it = Sleeper("meeshy-2026")
        it.rules = (AlertRule(Trigger.EMPTY, (it.somebody(),), after_s=120.0),)
        await it.run(follow)

    run_virtually(run())


def test_a_short_wait_is_no_sleep() -> None:
    async def follow(it: Sleeper, monitor: RunningMonitor) -> None:
        stop(it.clock, 3.0)
        close_lid(it.clock, 1.0)
        await asyncio.sleep(10)
        close_lid(it.clock, -3_600)
        await asyncio.sleep(10)
        assert monitor.status.state is LinkState.LIVE
        assert monitor.status.epoch == 1

    run_virtually(run_sleeper("meeshy-2026", follow))


def test_a_sleep_between_two_attempts_makes_the_next_one_now() -> None:
    async def follow(it: Sleeper, monitor: RunningMonitor) -> None:
        it.gateway.faults.refuse_sign_ins = True
        it.gateway.connections.cut()
        await asyncio.sleep(600)
        it.gateway.faults.refuse_sign_ins = False
        close_lid(it.clock, 60)
        await monitor.until(lambda: monitor.status.epoch >= 2, timeout_s=2.0)

    run_virtually(run_sleeper("meeshy-2026", follow))


@profiles
def test_a_clock_that_is_set_back_changes_no_age(profile: str) -> None:
    """Ages and transitions would be late by as much, and every new time of the gateway in the future."""

    async def follow() -> None:
        clock = LoopClock()
        settings = GatewaySettings(rate=0, secret="of the tests", profile=profile)
        gateway = Gateway(settings, clock=LoopClock())
        await gateway.start()
        try:
            async with RunningMonitor(gateway.url, gateway.token, clock=clock) as monitor:
                await monitor.until_settled()
                early, late = [key for key, it in gateway.people().items() if not (it.guest or it.hidden)][:2]
                for key in (early, late):
                    gateway.set_online(key, False)
                    await monitor.until_flag(key, False)
                gateway.set_online(early, True)
                await monitor.until_flag(early, True)
                await asyncio.sleep(30)
                clock.wall_ahead_s -= 3_600
                await asyncio.sleep(TICK_S)
                gateway.set_online(late, True)
                await monitor.until_flag(late, True)
                assert monitor.store.invalid_times.total == 0
                ages_s = [monitor.store.states.age_s(monitor.record(key)) for key in (early, late)]
                assert ages_s == [pytest.approx(30 + TICK_S, abs=2), pytest.approx(0, abs=2)]
                await asyncio.sleep(40)
                assert monitor.record(early).state is State.AWAY
                assert monitor.record(late).state is State.ONLINE
                await asyncio.sleep(40)
                assert monitor.record(late).state is State.AWAY
                assert monitor.status.epoch == 1
        finally:
            await gateway.stop()

    run_virtually(follow())
