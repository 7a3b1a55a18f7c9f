"""Cancelling works at every moment of a connection.

The gateway runs in the same event loop, so a moment is a number of iterations. On Python 3.11
``asyncio.wait_for``, which the library uses, loses a cancellation that coincides with its result.
"""

import asyncio
import gc

import pytest

from presence_tui.storage.user_files import tls_context
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.transport.socket_feed import SocketFeed
from tests.contract.no_websocket import refuse_websockets
from tests.contract.recording_listener import RecordingListener
from tests.integration.watch.conftest import StartGateway
from tests.integration.watch.running_monitor import RunningMonitor
from tests.unit.monitor.wait_until import breathe, other_tasks

# During a handshake the library holds a WebSocket that is not reachable. Its transport is closed with its
# session; aiohttp warns that the object was not.
pytestmark = pytest.mark.filterwarnings("ignore:Unclosed connection:ResourceWarning")

TURNS = range(0, 60, 2)
"""Enough to connect and authenticate."""


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_an_opening_that_is_cancelled_does_not_come_about(
    start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch, transport: str
) -> None:
    if transport == "polling":
        refuse_websockets(monkeypatch)
    gateway = await start_gateway()
    credential = Credential(CredentialKind.ACCOUNT, gateway.token)
    disobeyed = []
    for turns in TURNS:
        feed = SocketFeed(Address.parse(gateway.url), tls_context())
        opening = asyncio.create_task(feed.open(credential, RecordingListener()))
        await breathe(turns)
        if opening.cancel():
            await asyncio.wait([opening])
            if not opening.cancelled():
                disobeyed.append(turns)
        await feed.close()
    gc.collect()
    assert disobeyed == []


@pytest.mark.parametrize("token", ["good", "forged"])
async def test_a_watch_that_is_cancelled_ends(start_gateway: StartGateway, token: str) -> None:
    gateway = await start_gateway(requests_per_minute=10_000)
    secret = gateway.token if token == "good" else gateway.mint_token(forged=True)
    disobeyed = []
    for turns in TURNS:
        monitor = RunningMonitor(gateway.url, secret)
        running = asyncio.create_task(monitor.monitor.run())
        await breathe(turns)
        running.cancel()
        done, _ = await asyncio.wait([running], timeout=3)
        if not done:
            disobeyed.append(turns)
            for task in other_tasks():
                if "Connection.run" in repr(task):
                    task.cancel()
            await asyncio.wait([running], timeout=2)
            break
    gc.collect()
    assert disobeyed == []
