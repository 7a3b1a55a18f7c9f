"""Pauses that a gateway asks for: made, and told when they begin."""

import asyncio

import pytest

from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.monitor.link import LinkState
from tests.integration.watch.running_monitor import RunningMonitor
from tests.unit.virtual_time import LoopClock, run_virtually


async def until_the_pause(transport: str) -> None:
    clock = LoopClock()
    gateway = Gateway(GatewaySettings(rate=0, secret="of the tests"), clock=clock)
    await gateway.start()
    try:
        monitor = RunningMonitor(gateway.url, gateway.token, clock=clock, waits=1.0)
        async with monitor:
            await monitor.until_settled()
            gateway.faults.refused_retry_after_s = 36
            gateway.faults.refuse_sockets = True
            if transport == "polling":
                monitor.feed._polls_until_s = float("inf")
            gateway.connections.cut()
            await monitor.until(lambda: "asks for a pause of 36 s" in str(monitor.status.reason))
            asked_s = clock.stamp().wall_s
            gateway.faults.refuse_sockets = False
            assert monitor.status.state is LinkState.RECONNECTING
            assert monitor.status.retry_s is not None
            assert 36.0 <= monitor.status.retry_s - asked_s <= 41.0
            attempts = monitor.status.attempt
            await asyncio.sleep(35.0)
            assert monitor.status.attempt == attempts
            await monitor.until(lambda: monitor.status.epoch >= 2, timeout_s=6.0)
    finally:
        await gateway.stop()


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_the_pause_of_a_refused_handshake_is_made(transport: str) -> None:
    run_virtually(until_the_pause(transport))


def test_a_pause_for_the_budget_of_requests_is_told_when_it_begins() -> None:
    async def follow() -> None:
        clock = LoopClock()
        # Each page of a roster is a request; the last twenty are left to the others.
        settings = GatewaySettings(rate=0, secret="of the tests", participants=300, requests_per_minute=26)
        gateway = Gateway(settings, clock=clock)
        await gateway.start()
        try:
            monitor = RunningMonitor(gateway.url, gateway.token, clock=clock)
            async with monitor:
                await monitor.until(lambda: any("asks for a pause" in said for said in monitor.notices))
                assert monitor.monitor.is_refreshing, "the refresh continues by itself"
                await monitor.until(lambda: not monitor.monitor.is_refreshing, timeout_s=300.0)
        finally:
            await gateway.stop()

    run_virtually(follow())
