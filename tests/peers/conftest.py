"""Fixtures of the interop peers. They skip with the reason if Node is not available."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.peers.node import PROFILES, NodeClient, NodeGateway, node_ready

StartGateway = Callable[..., Awaitable[NodeGateway]]
StartClient = Callable[..., Awaitable[NodeClient]]


@pytest.fixture(scope="session")
def node() -> None:
    reason = node_ready()
    if reason:
        pytest.skip(reason)


@pytest.fixture(params=PROFILES)
async def node_gateway(request: pytest.FixtureRequest, node: None) -> AsyncIterator[NodeGateway]:
    """One gateway of each version with its default options."""
    async with NodeGateway(profile=request.param) as gateway:
        yield gateway


@pytest.fixture
async def start_node_gateway(node: None) -> AsyncIterator[StartGateway]:
    """Takes NodeGateway's arguments; may be called several times. All are stopped after the test."""
    async with AsyncExitStack() as stack:

        async def start(*args: Any, **options: Any) -> NodeGateway:
            return await stack.enter_async_context(NodeGateway(*args, **options))

        yield start


@pytest.fixture
async def start_node_client(node: None) -> AsyncIterator[StartClient]:
    """Takes NodeClient's arguments; may be called several times."""
    async with AsyncExitStack() as stack:

        async def start(*args: Any, **options: Any) -> NodeClient:
            return await stack.enter_async_context(NodeClient(*args, **options))

        yield start
