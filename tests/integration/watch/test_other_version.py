"""A gateway replaced by one of the other version, at the same address."""

import pytest

from presence_tui.gateway.server import Gateway
from presence_tui.monitor.link import LinkState
from presence_tui.transport.errors import NotFound
from presence_tui.wire.profiles import PROFILES
from tests.integration.watch.conftest import StartGateway
from tests.integration.watch.running_monitor import RunningMonitor
from tests.integration.watch.test_watch_embedded import shown, truth
from tests.ports import restartable_port


async def replaced(gateway: Gateway, start_gateway: StartGateway, profile: str) -> Gateway:
    await gateway.stop()
    return await start_gateway(profile=profile, port=gateway.settings.port)


both_ways = pytest.mark.parametrize(
    ("before", "after"), [("meeshy-2026", "meeshy-2025"), ("meeshy-2025", "meeshy-2026")]
)


@both_ways
async def test_it_is_found_out_after_the_reconnect(
    start_gateway: StartGateway, before: str, after: str
) -> None:
    """The link stayed live and stale forever, and a refresh advised to check the conversation's id."""
    gateway = await start_gateway(profile=before, port=restartable_port())
    async with RunningMonitor(gateway.url, gateway.token) as monitor:
        await monitor.until_settled()
        gateway = await replaced(gateway, start_gateway, after)
        await monitor.until_settled(2)
        assert monitor.monitor.profile_name == after
        assert not monitor.status.is_stale
        assert shown(gateway, monitor) == truth(gateway)
        report = await monitor.monitor.refresh()
        assert report is not None
        assert report.error is None


@both_ways
async def test_a_reading_that_meets_it_finds_it_out(
    start_gateway: StartGateway, before: str, after: str
) -> None:
    """Its socket may be reachable later than its REST API."""
    gateway = await start_gateway(profile=before, port=restartable_port())
    async with RunningMonitor(gateway.url, gateway.token, waits=100.0) as monitor:
        await monitor.until_settled()
        gateway = await replaced(gateway, start_gateway, after)
        await monitor.until_state(LinkState.RECONNECTING)
        report = await monitor.monitor.refresh()
        assert report is not None
        assert report.error is None
        assert monitor.monitor.profile_name == after


async def test_a_version_that_was_given_is_kept(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(profile="meeshy-2026", port=restartable_port())
    given = PROFILES["meeshy-2026"]
    async with RunningMonitor(gateway.url, gateway.token, profile=given) as monitor:
        await monitor.until_settled()
        await replaced(gateway, start_gateway, "meeshy-2025")
        await monitor.until_live(2)
        await monitor.until(lambda: len(monitor.reports) >= 2)
        assert isinstance(monitor.reports[-1].error, NotFound)
        assert "profile" in str(monitor.reports[-1].error)
