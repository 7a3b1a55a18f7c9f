"""If a proxy blocks WebSocket, the same feed polls."""

import asyncio
from typing import Any

import aiohttp
import pytest

from presence_tui.transport import inline_engineio
from presence_tui.transport.credentials import Credential
from presence_tui.transport.errors import ConnectionLost
from presence_tui.transport.socket_feed import SocketFeed
from presence_tui.wire import messages
from tests.contract.backends import Backend
from tests.contract.no_websocket import refuse_websockets
from tests.contract.recording_listener import RecordingListener
from tests.unit.monitor.wait_until import other_tasks

MORE_THAN_A_PAYLOAD = 60
"""The library would abort above 16 packets in one response."""


@pytest.fixture(autouse=True)
def no_websocket(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_websockets(monkeypatch)


async def test_it_polls(backend: Backend, feed: SocketFeed, listener: RecordingListener) -> None:
    assert feed.transport_name == "polling"
    assert feed.silence_limit_s == backend.profile.ping_interval_s + backend.profile.ping_timeout_s
    welcome = await listener.until_message(messages.Authenticated)
    assert welcome.key == await backend.me()


async def test_a_poll_may_take_longer_than_the_gateway_takes_to_ping(
    backend: Backend, credential: Credential, feed: SocketFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to a poll without events is the ping: whoever gives up before it connects for ever."""
    limits_s: list[float | None] = []

    def noted(
        total: float | None = None, *, make: type[aiohttp.ClientTimeout] = aiohttp.ClientTimeout
    ) -> Any:
        limits_s.append(total)
        return make(total=total)

    monkeypatch.setattr(aiohttp, "ClientTimeout", noted)
    listener = RecordingListener()
    await feed.open(credential, listener)
    await listener.until_message(messages.Authenticated)
    assert feed.silence_limit_s is not None
    assert [limit_s for limit_s in limits_s if limit_s is not None and limit_s > feed.silence_limit_s]


async def test_it_loses_nothing_of_a_burst(
    backend: Backend, feed: SocketFeed, listener: RecordingListener
) -> None:
    (first, *_) = await backend.accounts()
    await backend.status(first, True)
    await listener.until(lambda: (first, True) in listener.statuses())
    already = len(listener.moves())
    for number in range(MORE_THAN_A_PAYLOAD):
        await backend.status(first, number % 2 == 1)
    await listener.until(lambda: len(listener.moves()) >= already + MORE_THAN_A_PAYLOAD)
    flags = [flag for _, flag in listener.moves()[already:]]
    assert flags == [False, True] * (MORE_THAN_A_PAYLOAD // 2)
    assert listener.closed == []


async def test_a_kick_ends_it_as_well(
    backend: Backend, feed: SocketFeed, listener: RecordingListener
) -> None:
    await backend.kick()
    assert isinstance(await listener.until_closed(), ConnectionLost)
    await feed.close()
    assert len(listener.closed) == 1
    # A leftover loop of the library would open an HTTP session of its own.
    assert [task for task in other_tasks() if "AsyncClient._" in repr(task)] == []


async def test_it_goes_on_as_a_websocket_and_loses_nothing(
    backend: Backend, feed: SocketFeed, credential: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once WebSocket is available, the current connection upgrades while events arrive."""
    monkeypatch.setattr(inline_engineio, "FIRST_UPGRADE_S", 0.0)
    listener = RecordingListener()
    await feed.open(credential, listener)
    await listener.until_message(messages.Authenticated)
    assert feed.transport_name == "polling"
    (first, *_) = await backend.accounts()
    await backend.status(first, True)
    await listener.until(lambda: (first, True) in listener.statuses())
    already = len(listener.moves())
    monkeypatch.undo()
    flips = 0
    while flips < MORE_THAN_A_PAYLOAD or not listener.upgrades or flips % 2:
        await backend.status(first, flips % 2 == 1)
        flips += 1
        await asyncio.sleep(0)
    await listener.until(lambda: len(listener.moves()) >= already + flips)
    assert [flag for _, flag in listener.moves()[already:]] == [False, True] * (flips // 2)
    assert (feed.transport_name, listener.upgrades, listener.closed) == ("websocket", 1, [])
    await feed.emit("conversation:join", {"conversationId": backend.conversation})
    await listener.until_message(messages.RoomJoined)
    await backend.kick()
    assert (await listener.until_closed()).kind == "server disconnect"


async def test_it_closes_and_opens_again(
    backend: Backend, feed: SocketFeed, listener: RecordingListener, credential: Credential
) -> None:
    await feed.close()
    assert listener.closed == []
    later = RecordingListener()
    await feed.open(credential, later)
    await later.until_message(messages.Authenticated)
