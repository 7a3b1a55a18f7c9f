"""A small server for each test, and clients that are closed afterwards."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from presence_tui.storage.user_files import tls_context
from presence_tui.transport.rest_client import RestClient
from tests.unit.transport.tiny_server import TinyServer

MakeClient = Callable[..., RestClient]


@pytest.fixture
async def server() -> AsyncIterator[TinyServer]:
    async with TinyServer().running() as server:
        yield server


@pytest.fixture
async def make_client(server: TinyServer) -> AsyncIterator[MakeClient]:
    """A client of the server, or of another address."""
    async with AsyncExitStack() as stack:

        def make(**options: Any) -> RestClient:
            options = {"address": server.address, "tls": tls_context(), **options}
            client = RestClient(options.pop("address"), options.pop("tls"), **options)
            stack.push_async_callback(client.close)
            return client

        yield make


@pytest.fixture
def client(make_client: MakeClient) -> RestClient:
    return make_client()
