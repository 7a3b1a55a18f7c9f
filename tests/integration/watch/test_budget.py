"""A monitor whose address has nearly used its request budget: it waits, without blocking others."""

import asyncio

from presence_tui.transport.rate_limits import BUDGET_RESERVE
from tests.integration.watch.conftest import StartGateway
from tests.integration.watch.running_monitor import RunningMonitor
from tests.unit.monitor.wait_until import breathe

FIRST_READING = 5
"""Two requests for the account, one for the conversations, two for participants."""


async def test_a_refresh_that_waits_for_the_budget_is_cancelled_at_once(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(requests_per_minute=BUDGET_RESERVE + FIRST_READING)
    async with RunningMonitor(gateway.url, gateway.token) as monitor:
        await monitor.until_settled()
        await monitor.source.account()
        for _ in range(2):
            refreshing = asyncio.create_task(monitor.monitor.refresh())
            await monitor.source.health()
            await breathe(50)
            assert monitor.monitor.is_refreshing, "the next minute's budget is not available yet"
            key, told = next(
                (key, flag) for key, flag in gateway.truth().items() if key != monitor.monitor.key
            )
            gateway.set_online(key, not told)
            await monitor.until_flag(key, not told)
            refreshing.cancel()
            await asyncio.wait([refreshing])
            assert refreshing.cancelled()
            assert not monitor.monitor.is_refreshing, "the next refresh does not wait for it"
