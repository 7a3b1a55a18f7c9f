"""A WebSocket without a Socket.IO client, so that the test controls the close handshake."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from presence_tui.wire import names
from tests.unit.monitor.wait_until import breathe

HEARTBEAT = f'42["{names.HEARTBEAT}"]'


@asynccontextmanager
async def signing_in(url: str, token: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A socket that has just sent its token."""
    path = f"{url}/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as session, session.ws_connect(path, autoclose=False) as socket:
        await socket.receive()
        await socket.send_str(f'40{{"token":"{token}"}}')
        yield socket


async def until_told(socket: aiohttp.ClientWebSocketResponse, event: str) -> None:
    while f'42["{event}"' not in await socket.receive_str():
        pass


async def until_goodbye(socket: aiohttp.ClientWebSocketResponse) -> list[str]:
    """Messages before the close frame."""
    heard = []
    while (message := await socket.receive()).type is not aiohttp.WSMsgType.CLOSE:
        heard.append(message.data)
    return heard


async def speak_on(socket: aiohttp.ClientWebSocketResponse) -> None:
    """Raises if the peer has closed. Detecting that takes more than one message."""
    for _ in range(3):
        await socket.send_str(HEARTBEAT)
        await breathe()
