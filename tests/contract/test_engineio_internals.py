"""If the libraries rename private names, the link still works and a warning is logged."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import pytest

from presence_tui.gateway.socketio_server import INNER
from presence_tui.storage.user_files import tls_context
from presence_tui.transport import engineio_internals
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.transport.engineio_internals import LINE, LOOPS
from presence_tui.transport.inline_engineio import InlineClient
from presence_tui.transport.socket_feed import SocketFeed
from presence_tui.wire import messages
from tests.contract.backends import named_backend
from tests.contract.recording_listener import RecordingListener
from tests.renamed import renamed

NAMES = [name for names in LOOPS._names.values() for name in names.split() if name.startswith("_")]
SERVER_NAMES = [name for names in INNER._names.values() for name in names.split()]
PACKAGES = ("engineio", "socketio", "aiohttp")


@pytest.fixture
def gone(request: pytest.FixtureRequest) -> Iterator[str]:
    """A private name that is renamed in the libraries."""
    with ExitStack() as libraries:
        for package in PACKAGES:
            libraries.enter_context(renamed(package, [request.param], LOOPS, LINE, INNER))
        yield request.param


def test_the_installed_libraries_have_all_of_them() -> None:
    assert engineio_internals.missing() == []
    assert InlineClient.engine.__mro__[1] is engineio_internals.LoopedEngine


@pytest.mark.parametrize("gone", [*NAMES, "_conn"], indirect=True)
async def test_the_link_works_without(gone: str) -> None:
    assert [each.rpartition(".")[2] for each in engineio_internals.missing()] == [gone]
    async with named_backend("embedded meeshy-2026") as backend:
        listener = RecordingListener()
        feed = SocketFeed(Address.parse(backend.url), tls_context())
        await feed.open(Credential(CredentialKind.ACCOUNT, backend.token), listener)
        await listener.until_message(messages.Authenticated)
        first, *_ = await backend.accounts()
        for flag in (True, False, True):
            before = len(listener.statuses())
            await backend.status(first, flag)
            await listener.until(partial(listener.has_told, (first, flag), before))
        assert feed.transport_name == "websocket"
        assert (feed.silence_limit_s is None) is (gone != "_conn")
        await backend.cut()
        await listener.until_closed()
        await feed.close()


@pytest.mark.parametrize("gone", SERVER_NAMES, indirect=True)
async def test_the_gateway_serves_without(gone: str) -> None:
    assert [each.rpartition(".")[2] for each in INNER.missing()] == [gone]
    async with named_backend("embedded meeshy-2026") as backend:
        listener = RecordingListener()
        feed = SocketFeed(Address.parse(backend.url), tls_context())
        await feed.open(Credential(CredentialKind.ACCOUNT, backend.token), listener)
        await listener.until_message(messages.Authenticated)
        first, *_ = await backend.accounts()
        await backend.status(first, True)
        await listener.until(lambda: (first, True) in listener.statuses())
        await feed.close()
