"""A complete monitor loses the official Socket.IO server in every way, and recovers by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause
from presence_tui.monitor.link import LinkState
from presence_tui.transport.errors import SocketRefused
from tests.integration.watch.running_monitor import RunningMonitor
from tests.peers.conftest import StartGateway
from tests.peers.monitor_harness import accounts_of, flags_of, quiet, shown, watching
from tests.peers.node import PROFILES, NodeGateway

End = Callable[[NodeGateway], Awaitable[object]]
ENDS: dict[str, End] = {
    "cut": lambda gateway: gateway.cut(),
    "reset": lambda gateway: gateway.cut(reset=True),
    "kick": lambda gateway: gateway.kick(),
}
PING = {"ping_interval_ms": 200, "ping_timeout_ms": 200}


def flips(monitor: RunningMonitor, cause: Cause) -> list[Change]:
    """Changes of panel; ages may also reconcile a state."""
    return [change for change in monitor.of(cause) if change.flag is not change.flag_before]


async def hidden_change(gateway: NodeGateway, monitor: RunningMonitor) -> list[str]:
    """With sockets refused, one comes and one leaves; returns the keys."""
    await gateway.refuse(sockets=True)
    await monitor.until(lambda: monitor.status.state is not LinkState.LIVE)
    monitor.forget()
    truth = await flags_of(gateway)
    changed = (await accounts_of(gateway))[:2]
    for key in changed:
        await gateway.status(key, not truth[key])
    return changed


async def check_reconciled_once(
    gateway: NodeGateway, monitor: RunningMonitor, changed: list[str], epoch: int
) -> None:
    """Changes during the gap are reported as reconciled, once each, and nothing else is."""
    await monitor.until_settled(epoch)
    assert sorted(change.key for change in flips(monitor, Cause.RECONCILED)) == sorted(changed)
    assert shown(monitor) == await flags_of(gateway)
    assert [change for change in flips(monitor, Cause.MOVED) if change.key != monitor.monitor.key] == []


@pytest.mark.parametrize("way", ENDS)
async def test_after_a_gap_it_is_live_by_itself_and_reports_what_changed_once(
    node_gateway: NodeGateway, way: str
) -> None:
    async with watching(node_gateway) as monitor:
        await monitor.until_settled()
        before = shown(monitor)
        await ENDS[way](node_gateway)
        status = await monitor.until_state(LinkState.RECONNECTING)
        assert status.is_stale
        assert status.fresh_until_s is not None
        assert str(status.reason)
        assert str(status.advice)
        assert shown(monitor) == before, "a lost connection changes no flag"
        changed = await hidden_change(node_gateway, monitor)
        await node_gateway.refuse(sockets=False)
        await check_reconciled_once(node_gateway, monitor, changed, epoch=2)
        epoch = monitor.status.epoch
        monitor.forget()
        await ENDS[way](node_gateway)
        await monitor.until_settled(epoch + 1)
        assert flips(monitor, Cause.RECONCILED) == [], "a gap in which nothing changed reports nothing"
        assert monitor.states[:2] == [LinkState.CONNECTING, LinkState.RECONNECTING]


async def test_events_go_on_after_a_reconnect_and_are_heard_once(node_gateway: NodeGateway) -> None:
    async with watching(node_gateway) as monitor:
        await monitor.until_settled()
        for epoch in (2, 3):
            await node_gateway.cut()
            await monitor.until_settled(epoch)
        await quiet(node_gateway, monitor)
        monitor.forget()
        before = monitor.monitor.counters.received
        key = (await accounts_of(node_gateway))[1]
        await node_gateway.status(key, True)
        await monitor.until_flag(key, True)
        await monitor.until_received(before + 1)
        assert monitor.monitor.counters.received == before + 1
        (change,) = flips(monitor, Cause.MOVED)
        assert (change.key, change.epoch) == (key, 3)


async def test_a_restart_on_the_same_port_is_survived(node_gateway: NodeGateway) -> None:
    async with watching(node_gateway) as monitor:
        await monitor.until_settled()
        first, second = (await accounts_of(node_gateway))[:2]
        await node_gateway.status(first, False)
        await node_gateway.status(second, True)
        await monitor.until_flag(second, True)
        monitor.forget()
        await node_gateway.restart()
        # The truth was reset: the first is online and the second is not.
        await check_reconciled_once(node_gateway, monitor, [first, second], epoch=2)
        # Their client reconnects a moment after us.
        await node_gateway.status(second, True)
        await monitor.until_flag(second, True)
        assert [change.key for change in monitor.of(Cause.RECONNECTED)] == [second]
        assert flips(monitor, Cause.MOVED) == []


async def test_a_gateway_that_is_down_at_first_is_waited_for(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    await gateway.stop()
    async with watching(gateway) as monitor:
        status = await monitor.until_state(LinkState.RECONNECTING)
        assert "Nothing listens at" in str(status.reason)
        assert not status.is_stale
        await gateway.start()
        await monitor.until_settled()
        assert shown(monitor) == await flags_of(gateway)


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_socket_refused_at_first_and_then_allowed(
    start_node_gateway: StartGateway, profile: str
) -> None:
    gateway = await start_node_gateway(profile)
    await gateway.refuse(sockets=True)
    async with watching(gateway) as monitor:
        await monitor.until(lambda: monitor.status.attempt >= 2)
        assert "the answer was 503" in str(monitor.status.reason)
        await gateway.refuse(sockets=False)
        await monitor.until_settled()
        assert monitor.states[-3:] == [LinkState.RECONNECTING, LinkState.CONNECTED, LinkState.LIVE]
        assert shown(monitor) == await flags_of(gateway)


@pytest.mark.parametrize("profile", PROFILES)
async def test_rest_alone_brings_the_truth_while_the_socket_is_refused(
    start_node_gateway: StartGateway, profile: str
) -> None:
    gateway = await start_node_gateway(profile)
    await gateway.refuse(sockets=True)
    async with watching(gateway) as monitor:
        await monitor.until(lambda: monitor.reports and monitor.reports[-1].error is None)
        assert shown(monitor) == await flags_of(gateway)
        key = (await accounts_of(gateway))[1]
        await gateway.status(key, True)
        report = await monitor.monitor.refresh()
        assert report is not None
        assert (report.error, report.corrected) == (None, 1)
        assert monitor.flag(key) is True
        (change,) = flips(monitor, Cause.RECONCILED)
        assert change.key == key
        assert monitor.status.state is LinkState.RECONNECTING
        assert isinstance(SocketRefused("x", monitor.status.reason), SocketRefused)
        assert "refuses the socket: the answer was 503" in str(monitor.status.reason)
        assert "A refresh still asks by REST" in str(monitor.status.advice)


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_gateway_that_falls_silent_is_noticed_and_left_and_found_again(
    start_node_gateway: StartGateway, profile: str
) -> None:
    gateway = await start_node_gateway(profile, **PING)
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        gateway.pause()
        try:
            await monitor.until(lambda: monitor.status.state is LinkState.STALE)
            assert monitor.status.fresh_until_s is not None
            assert str(monitor.status.reason)
        finally:
            gateway.resume()
        changed = await hidden_change(gateway, monitor)
        await gateway.refuse(sockets=False)
        await check_reconciled_once(gateway, monitor, changed, epoch=2)


async def test_a_pause_shorter_than_the_ping_window_is_no_gap(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026", ping_interval_ms=400, ping_timeout_ms=4_000)
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        gateway.pause()
        heard_s = monitor.monitor.heard_s
        await asyncio.sleep(0.5)
        gateway.resume()
        key = (await accounts_of(gateway))[1]
        await gateway.status(key, True)
        await monitor.until_flag(key, True)
        assert monitor.states == [LinkState.CONNECTING, LinkState.CONNECTED, LinkState.LIVE]
        assert (monitor.monitor.heard_s or 0) > (heard_s or 0)


async def test_pings_alone_keep_it_live(start_node_gateway: StartGateway) -> None:
    """A quiet conversation is not silence: only pings arrive for four ping windows."""
    gateway = await start_node_gateway("meeshy-2026", **PING)
    async with watching(gateway) as monitor:
        await quiet(gateway, monitor)
        before, heard_s = monitor.monitor.counters.received, monitor.monitor.heard_s
        await asyncio.sleep(1.6)
        assert monitor.monitor.counters.received == before
        assert (monitor.monitor.heard_s or 0) > (heard_s or 0)
        assert monitor.states == [LinkState.CONNECTING, LinkState.CONNECTED, LinkState.LIVE]


@pytest.mark.parametrize(
    "answer", [{"status": 503}, {"status": 200, "body": "<h1>Sign in here</h1>"}, {"status": 200, "body": ""}]
)
@pytest.mark.parametrize("profile", PROFILES)
async def test_a_resync_that_fails_in_passing_is_made_up_for(
    start_node_gateway: StartGateway, profile: str, answer: dict[str, Any]
) -> None:
    """LIVE with states from before the gap would present old states as current."""
    gateway = await start_node_gateway(profile)
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        changed = await hidden_change(gateway, monitor)
        await gateway.answer(f"/conversations/{gateway.conversation}/participants", times=1, **answer)
        await gateway.refuse(sockets=False)
        await monitor.until_live(2)
        await monitor.until(lambda: len(flips(monitor, Cause.RECONCILED)) == len(changed))
        await monitor.until_settled(2)
        assert shown(monitor) == await flags_of(gateway)


async def test_a_first_reading_that_fails_in_passing_is_made_up_for(start_node_gateway: StartGateway) -> None:
    """The socket is live and REST a moment late, as right after a start of the gateway."""
    gateway = await start_node_gateway("meeshy-2026")
    await gateway.answer("/conversations", 503, times=2)
    async with watching(gateway) as monitor:
        await monitor.until_live()
        await monitor.until(lambda: monitor.monitor.conversation is not None)


async def test_wake_makes_the_next_attempt_at_once(start_node_gateway: StartGateway) -> None:
    gateway = await start_node_gateway("meeshy-2026")
    await gateway.refuse(sockets=True)
    async with watching(gateway, waits=100) as monitor:
        await monitor.until_state(LinkState.RECONNECTING)
        await gateway.refuse(sockets=False)
        await monitor.until(lambda: not monitor.monitor.is_refreshing)
        report = await monitor.monitor.refresh()
        assert report is not None
        # The first delay is fifty seconds; waking skips it.
        await monitor.until_live()
