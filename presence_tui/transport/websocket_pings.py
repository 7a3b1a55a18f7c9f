"""Round trips of WebSocket pings, which an end answers by itself: no event, nothing an application notices.

In Engine.IO the gateway sends the pings, so their round trip cannot be seen from here. A WebSocket has
control frames of its own (RFC 6455, section 5.5). aiohttp drops the answers to them, unless all frames are
read.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import aiohttp

MOST_UNANSWERED: Final = 3
"""Some proxies swallow control frames: after this many unanswered pings, no more are sent."""


class FrameWebSocket(aiohttp.ClientWebSocketResponse):
    """A WebSocket opened with ``autoping=False`` that behaves as usual until somebody reads every frame."""

    read_frame = aiohttp.ClientWebSocketResponse.receive
    """Return the next frame, pings and pongs too."""

    async def receive(self, timeout: float | None = None) -> Any:
        while True:
            message = await super().receive(timeout)
            if message.type is aiohttp.WSMsgType.PING:
                await self.pong(message.data)
            elif message.type is not aiohttp.WSMsgType.PONG:
                return message


class PingRoundTrips:
    """Pings of one connection, one at a time. ``report`` gets each round trip, ``None`` for no answer."""

    def __init__(self, report: Callable[[float | None], None]) -> None:
        self._report = report
        self._number = self._unanswered = 0
        self._sent: tuple[bytes, float] | None = None

    async def ping(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        """Send one, unless the other end does not answer any. One that is still open has failed."""
        if self._sent is not None:
            self._sent = None
            self._unanswered += 1
            self._report(None)
        if self._unanswered < MOST_UNANSWERED:
            self._number += 1
            payload = str(self._number).encode()
            self._sent = payload, _now_s()
            await websocket.ping(payload)

    def on_pong(self, payload: bytes) -> None:
        """A pong arrived. Unasked ones, which are allowed, tell nothing."""
        if self._sent is not None and bytes(payload) == self._sent[0]:
            self._report(_now_s() - self._sent[1])
            self._sent, self._unanswered = None, 0


def _now_s() -> float:
    return asyncio.get_running_loop().time()
