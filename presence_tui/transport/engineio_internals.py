"""The only module that uses private names of the Engine.IO and Socket.IO clients, and of aiohttp.

``inline_engineio`` explains why the library's loops are replaced; they have no public hook. If the
installed version lacks a name, the stock client is used: slower, and only events count as received.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import aiohttp
import engineio
import socketio

from presence_tui.private_names import PrivateNames

LOOPS: Final = PrivateNames(
    {
        "engineio.AsyncClient": "create_queue _get_engineio_url _get_url_timestamp _read_loop_polling "
        "_read_loop_websocket _receive_packet _send_packet _send_request _trigger_event _write_loop",
        "socketio.AsyncClient": "_engineio_client_class",
    }
)
"""For our own read and write loops (``status_into_store`` of the bench: four times as fast)."""

LINE: Final = PrivateNames({"aiohttp.ClientWebSocketResponse": "_conn"})
"""For detecting a reset, which a WebSocket does not report."""


def missing() -> list[str]:
    """Private names that the installed libraries lack."""
    return [*LOOPS.missing(), *LINE.missing()]


class LoopedEngine(engineio.AsyncClient):  # type: ignore[misc]
    """Engine.IO with public methods to override its loops and requests."""

    def url_asked(self, url: str) -> str:
        """Override to change the address that the library would connect to."""
        return url

    def opened(self) -> None:
        """Override to react when the gateway has answered."""

    async def read_websocket(self, say_goodbye: Callable[[], Awaitable[None]]) -> None:
        """Override to read until the end, then end like the library by ``say_goodbye``."""
        await say_goodbye()

    async def read_polling(self, say_goodbye: Callable[[], Awaitable[None]]) -> None:
        """Override to do the same while polling."""
        await say_goodbye()

    async def write(self) -> None:
        """Override to send queued packets until the end."""
        await super()._write_loop()

    async def take_packet_of_opening(self, pkt: Any) -> None:
        """Override to handle a packet in the answer to the first poll."""
        await super()._receive_packet(pkt)

    async def ask(self, method: str, url: str, headers: Any, body: Any, timeout: float | None) -> Any:
        """Override to send one HTTP request, with the results that the library expects."""
        return await super()._send_request(method, url, headers=headers, body=body, timeout=timeout)

    @property
    def url_mark(self) -> str:
        """The query parameter that prevents cached answers."""
        return str(self._get_url_timestamp())

    async def queue_packet(self, pkt: Any) -> None:
        """Pass a packet to the writer."""
        await self._send_packet(pkt)

    async def hand_message(self, message: str | bytes) -> None:
        """Pass a message to Socket.IO, and wait until it was handled."""
        await self._trigger_event("message", message, run_async=False)

    def _get_engineio_url(self, url: str, engineio_path: str, transport: str) -> str:
        return self.url_asked(super()._get_engineio_url(url, engineio_path, transport))

    async def _trigger_event(self, event: str, *args: Any, **kwargs: Any) -> Any:
        if event == "connect":
            self.opened()
        return await super()._trigger_event(event, *args, **kwargs)

    async def _read_loop_websocket(self) -> None:
        await self.read_websocket(super()._read_loop_websocket)

    async def _read_loop_polling(self) -> None:
        await self.read_polling(super()._read_loop_polling)

    async def _write_loop(self) -> None:
        await self.write()

    async def _receive_packet(self, pkt: Any) -> None:
        await self.take_packet_of_opening(pkt)

    async def _send_request(
        self, method: str, url: str, headers: Any = None, body: Any = None, timeout: float | None = None
    ) -> Any:
        return await self.ask(method, url, headers, body, timeout)


class EngineClient(socketio.AsyncClient):  # type: ignore[misc]
    """A Socket.IO client with our own engine, if the library supports it."""

    engine: type[LoopedEngine]

    def _engineio_client_class(self) -> type:
        return self.engine if LOOPS.available else engineio.AsyncClient


def line_below(websocket: aiohttp.ClientWebSocketResponse) -> "asyncio.Future[None] | None":
    """A future for the end of the TCP connection below a WebSocket; ``None`` if not available."""
    line: Any = getattr(getattr(getattr(websocket, "_conn", None), "protocol", None), "closed", None)
    return line if isinstance(line, asyncio.Future) else None
