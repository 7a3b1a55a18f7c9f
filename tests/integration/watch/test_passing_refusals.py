"""Sign-ins that are refused temporarily, as while the gateway's database is down, do not sign out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings
from presence_tui.monitor.link import LinkState
from presence_tui.transport.errors import SignInNeeded
from tests.integration.watch.running_monitor import RunningMonitor
from tests.unit.virtual_time import LoopClock, run_virtually

AWAY_S = 14.0
BACK_WITHIN_S = 20.0

profiles = pytest.mark.parametrize("profile", ["meeshy-2026", "meeshy-2025"])


@asynccontextmanager
async def gateway_and_watch(profile: str) -> AsyncIterator[tuple[Gateway, RunningMonitor]]:
    """A gateway and a monitor that is not running yet, on one clock."""
    clock = LoopClock()
    settings = GatewaySettings(rate=0, secret="of the tests", profile=profile)
    gateway = Gateway(settings, clock=clock)
    await gateway.start()
    try:
        yield gateway, RunningMonitor(gateway.url, gateway.token, clock=clock, waits=1.0)
    finally:
        await gateway.stop()


def on_both_clocks(test: Callable[[Gateway, RunningMonitor], Awaitable[None]], profile: str) -> None:
    async def run() -> None:
        async with gateway_and_watch(profile) as (gateway, monitor):
            await test(gateway, monitor)

    run_virtually(run())


def refusals_of(monitor: RunningMonitor) -> list[Any]:
    return [report.error for report in monitor.reports if isinstance(report.error, SignInNeeded)]


@profiles
def test_a_gateway_that_refuses_everybody_for_a_while_is_waited_for(profile: str) -> None:
    """A valid token was signed out for good by a database that was down for 14 s."""

    async def follow(gateway: Gateway, monitor: RunningMonitor) -> None:
        async with monitor:
            await monitor.until_settled()
            gateway.faults.refuse_sign_ins = True
            gateway.connections.cut()
            await asyncio.sleep(AWAY_S)
            assert monitor.status.state in (LinkState.RECONNECTING, LinkState.CONNECTED)
            assert "refuses a token that should still be good" in str(monitor.status.reason)
            gateway.faults.refuse_sign_ins = False
            await monitor.until(lambda: monitor.status.epoch >= 2, BACK_WITHIN_S)
            await monitor.until_settled(2)
            assert LinkState.SIGNED_OUT not in monitor.states
            assert sum("should still be good" in notice for notice in monitor.notices) == 1
            assert refusals_of(monitor) == []

    on_both_clocks(follow, profile)


@profiles
def test_who_starts_while_everybody_is_refused_is_let_in_later(profile: str) -> None:
    async def follow(gateway: Gateway, monitor: RunningMonitor) -> None:
        gateway.faults.refuse_sign_ins = True
        async with monitor:
            await asyncio.sleep(AWAY_S)
            assert LinkState.SIGNED_OUT not in monitor.states
            gateway.faults.refuse_sign_ins = False
            await monitor.until(lambda: monitor.status.epoch >= 1, BACK_WITHIN_S)
            await monitor.until_settled()
            assert refusals_of(monitor) == [], "a refusal would end a command without a screen"

    on_both_clocks(follow, profile)


@profiles
def test_what_is_refused_for_hours_is_asked_for_once_a_minute(profile: str) -> None:
    async def follow(gateway: Gateway, monitor: RunningMonitor) -> None:
        async with monitor:
            await monitor.until_settled()
            gateway.faults.refuse_sign_ins = True
            gateway.connections.cut()
            await asyncio.sleep(600)
            told = len(monitor.links)
            await asyncio.sleep(3_600)
            assert 60 * 3 <= len(monitor.links) - told <= 120 * 4, "three transitions per attempt"
            assert monitor.status.retry_s is not None
            gateway.faults.refuse_sign_ins = False
            await monitor.until(lambda: monitor.status.epoch >= 2, 65.0)

    on_both_clocks(follow, profile)


@profiles
def test_a_conversation_that_refuses_a_visitor_is_not_taken_for_lost(profile: str) -> None:
    """Without its database the gateway treats a member as a visitor (wire contract, section 0.10)."""

    async def follow(gateway: Gateway, monitor: RunningMonitor) -> None:
        async with monitor:
            await monitor.until_settled()
            gateway.faults.refuse_sign_ins = True
            report = await monitor.monitor.refresh()
            assert report is not None
            assert isinstance(report.roster_error, SignInNeeded)
            assert monitor.ends == []
            gateway.faults.refuse_sign_ins = False
            report = await monitor.monitor.refresh()
            assert report is not None
            assert report.error is None
            assert LinkState.RECONNECTING not in monitor.states

    on_both_clocks(follow, profile)


@profiles
def test_a_token_that_reaches_its_end_while_it_is_refused_is_the_end(profile: str) -> None:
    async def follow(gateway: Gateway, monitor: RunningMonitor) -> None:
        monitor.credentials.renew(gateway.mint_token(lifetime_s=1_000.0))
        async with monitor:
            await monitor.until_settled()
            gateway.faults.refuse_sign_ins = True
            gateway.connections.cut()
            await asyncio.sleep(500)
            assert LinkState.SIGNED_OUT not in monitor.states
            await asyncio.sleep(700)
            gateway.faults.refuse_sign_ins = False
            if profile == "meeshy-2025":
                await monitor.until(lambda: monitor.status.state is LinkState.SIGNED_OUT, 65.0)
            else:
                await monitor.until(lambda: monitor.status.epoch >= 2, 65.0)

    on_both_clocks(follow, profile)
