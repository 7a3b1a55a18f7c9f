"""Fixtures: a backend of each kind, and a feed and a source that are closed after the test."""

from collections.abc import AsyncIterator

import pytest

from presence_tui.storage.user_files import tls_context
from presence_tui.store import SystemClock
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialHolder, CredentialKind
from presence_tui.transport.rest_client import RestClient
from presence_tui.transport.rest_source import RestSource
from presence_tui.transport.socket_feed import SocketFeed
from tests.contract.backends import BACKENDS, Backend, named_backend
from tests.contract.recording_listener import RecordingListener


@pytest.fixture(params=BACKENDS)
def backend_name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def backend(backend_name: str) -> AsyncIterator[Backend]:
    async with named_backend(backend_name) as backend:
        yield backend


@pytest.fixture
def credential(backend: Backend) -> Credential:
    return Credential(CredentialKind.ACCOUNT, backend.token)


@pytest.fixture
async def feed(backend: Backend) -> AsyncIterator[SocketFeed]:
    feed = SocketFeed(Address.parse(backend.url), tls_context())
    yield feed
    await feed.close()


@pytest.fixture
async def listener(backend: Backend, feed: SocketFeed, credential: Credential) -> RecordingListener:
    """A recording listener of the open, authenticated feed."""
    listener = RecordingListener()
    await feed.open(credential, listener)
    await listener.until(lambda: any(event == "authenticated" for event, _ in listener.events))
    return listener


@pytest.fixture
async def source(backend: Backend, credential: Credential) -> AsyncIterator[RestSource]:
    client = RestClient(Address.parse(backend.url), tls_context())
    source = RestSource(client, CredentialHolder(credential), SystemClock())
    yield source
    await source.close()
