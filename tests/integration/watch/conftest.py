"""An embedded gateway with a static population, moved by tests."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from presence_tui.gateway.server import Gateway
from presence_tui.gateway.settings import GatewaySettings

StartGateway = Callable[..., Awaitable[Gateway]]


@pytest.fixture
async def start_gateway() -> AsyncIterator[StartGateway]:
    started: list[Gateway] = []

    async def start(**changes: Any) -> Gateway:
        gateway = Gateway(GatewaySettings(**{"rate": 0, "secret": "of the tests", **changes}))
        started.append(gateway)
        await gateway.start()
        return gateway

    yield start
    for gateway in started:
        await gateway.stop()


@pytest.fixture(params=["meeshy-2026", "meeshy-2025"])
async def gateway(request: pytest.FixtureRequest, start_gateway: StartGateway) -> Gateway:
    return await start_gateway(profile=request.param)
