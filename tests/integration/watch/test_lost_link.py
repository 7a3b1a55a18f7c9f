"""States while the link to the gateway is lost."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause, State
from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.monitor.link import LinkState
from tests.integration.watch.running_monitor import RunningMonitor
from tests.unit.virtual_time import LoopClock, VirtualTimeLoop, run_virtually

profiles = pytest.mark.parametrize("profile", ["meeshy-2026", "meeshy-2025"])

Follow = Callable[[Gateway, RunningMonitor, LoopClock], Coroutine[Any, Any, None]]


async def watched(profile: str, follow: Follow) -> None:
    """Watch a gateway on a virtual clock."""
    clock = LoopClock()
    settings = GatewaySettings(rate=0, secret="of the tests", profile=profile)
    gateway = Gateway(settings, clock=clock)
    await gateway.start()
    try:
        async with RunningMonitor(gateway.url, gateway.token, clock=clock, waits=0.5) as monitor:
            await monitor.until_settled()
            await follow(gateway, monitor, clock)
    finally:
        await gateway.stop()


def people_of(gateway: Gateway) -> list[str]:
    people = gateway.people().items()
    return [key for key, it in people if not (it.guest or it.hidden or it is gateway.observer)]


def decayed(monitor: RunningMonitor) -> list[Change]:
    return [change for change in monitor.changes if change.cause in (Cause.DECAYED, Cause.EXPIRED)]


async def bring_online(gateway: Gateway, monitor: RunningMonitor, *keys: str) -> None:
    for key in keys:
        gateway.set_online(key, False)
        await monitor.until_flag(key, False)
    await asyncio.sleep(2)
    for key in keys:
        gateway.set_online(key, True)
        await monitor.until_flag(key, True)


@profiles
def test_nobody_saw_when_somebody_left_while_the_link_was_lost(profile: str) -> None:
    async def follow(gateway: Gateway, monitor: RunningMonitor, clock: LoopClock) -> None:
        ada, ben = people_of(gateway)[:2]
        await bring_online(gateway, monitor, ada, ben)
        gateway.set_online(ada, False)
        await monitor.until_flag(ada, False)
        gateway.faults.refuse_sign_ins = True
        gateway.connections.cut()
        await monitor.until(lambda: monitor.status.state is LinkState.RECONNECTING)
        gateway.set_online(ada, True)
        gateway.set_online(ben, False)
        gateway.faults.refuse_sign_ins = False
        await monitor.until(lambda: monitor.status.epoch == 2, timeout_s=120)
        await monitor.until_settled(2)
        for key in (ada, ben):
            record = monitor.record(key)
            assert record.flag_since_s is None and record.flag_noticed_s is not None
        gateway.set_online(ada, False)
        await monitor.until_flag(ada, False)
        assert monitor.changes[-1].left and monitor.changes[-1].held_s is None

    run_virtually(watched(profile, follow))


@profiles
def test_states_stand_still_from_the_loss_to_the_first_evidence_of_the_next_connection(
    profile: str,
) -> None:
    async def follow(gateway: Gateway, monitor: RunningMonitor, clock: LoopClock) -> None:
        ada, ben = people_of(gateway)[:2]
        await bring_online(gateway, monitor, ada, ben)
        await asyncio.sleep(10)
        gateway.faults.refuse_sign_ins = True
        gateway.connections.cut()
        await monitor.until(lambda: monitor.status.state is LinkState.RECONNECTING)
        states = {key: record.state for key, record in monitor.store.participants.items()}
        monitor.forget()
        await asyncio.sleep(600)
        assert monitor.status.state is not LinkState.LIVE
        assert {key: record.state for key, record in monitor.store.participants.items()} == states
        assert states[ada] is State.ONLINE
        assert monitor.changes == []

        gateway.set_online(ben, False)
        gateway.faults.refuse_sign_ins = False
        await monitor.until(lambda: monitor.status.epoch == 2, timeout_s=120)
        await monitor.until_settled(2)
        assert decayed(monitor) == []
        assert monitor.of(Cause.MOVED) == []
        assert [change.key for change in monitor.changes if change.left] == [ben]

        monitor.forget()
        gateway.set_online(ben, True)
        await monitor.until_flag(ben, True)
        await asyncio.sleep(62)
        assert (ben, State.AWAY) in [(change.key, change.after) for change in decayed(monitor)]

    run_virtually(watched(profile, follow))


@profiles
def test_states_do_not_pass_through_a_suspension(profile: str) -> None:
    """The timer of the states may be due before the one that detects a suspension."""

    async def follow(gateway: Gateway, monitor: RunningMonitor, clock: LoopClock) -> None:
        ada = people_of(gateway)[0]
        await bring_online(gateway, monitor, ada)
        due_s = monitor.store.states.next_transition_s
        assert due_s is not None
        await asyncio.sleep(due_s - clock.stamp().wall_s - 0.01)
        monitor.forget()
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        loop.stall(3_600)
        await monitor.until(lambda: monitor.status.state is not LinkState.LIVE, timeout_s=1.1)
        assert monitor.status.state is LinkState.STALE
        assert monitor.changes == []

    run_virtually(watched(profile, follow))
