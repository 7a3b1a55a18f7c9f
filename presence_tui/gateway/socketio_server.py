"""Adapts python-socketio by overriding its internals, which ``INNER`` lists.

It differs where the library offers no option: background tasks are tracked, so that
stopping leaves none; WebSocket frames are not compressed, a waste on loopback; a frame is encoded
once and put into the queues of its receivers, where the library starts a task for each; a connection can be
closed like the gateways do, packet and transport together; and the poll of a leaving client is answered.
If the installed version lacks a name, its own server is used, which cannot hold frames back.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

import engineio
import socketio
from aiohttp.web import Request, WebSocketResponse
from engineio.async_drivers.aiohttp import WebSocket
from engineio.packet import MESSAGE, NOOP, PING, Packet
from msgspec import json

from presence_tui.private_names import PrivateNames

INNER: Final = PrivateNames(
    {
        "engineio.AsyncServer": "_async _bad_request",
        "engineio.async_drivers.aiohttp.WebSocket": "_sock",
        "socketio.AsyncServer": "_engineio_server_class _handle_eio_disconnect",
    }
)

CLOSE_PATIENCE_S = 5.0
"""Time limit for the peer's close frame; a client may be busy with its snapshot. Node waits 30 s."""
ANSWER_LIMIT_S = 2.0
"""Time limit for a client to answer a ping before it is disconnected."""
MAX_MESSAGE_BYTES = 1_000_000
"""Limit of messages from clients, the default of the gateways (wire contract, section 1.1)."""

SILENT_LOGGER: Final = logging.getLogger("presence_tui.gateway")
SILENT_LOGGER.addHandler(logging.NullHandler())
SILENT_LOGGER.setLevel(logging.ERROR)


def frame(event: str, payload: object, offset: str | None = None) -> Any:
    """Encode an event once for any number of receivers. ``offset`` is that of state recovery."""
    parts = [event, payload] if offset is None else [event, payload, offset]
    return Packet(MESSAGE, "2" + json.encode(parts).decode())


class PlainWebSocket(WebSocket):  # type: ignore[misc]
    """The library's WebSocket without compression. Sending can be held, and closing waits for the peer."""

    _reading: asyncio.Task[Any] | None = None

    async def __call__(self, environ: dict[str, Any]) -> WebSocketResponse:
        request: Request = environ["aiohttp.request"]
        self._sock = WebSocketResponse(
            max_msg_size=self.server.max_http_buffer_size, compress=False, timeout=CLOSE_PATIENCE_S
        )
        await self._sock.prepare(request)
        # The handler is a method of the connection, which otherwise drops the request of its upgrade.
        self.handler.__self__.transport = request.transport
        self.environ = environ
        await self.handler(self)
        return self._sock

    async def send(self, message: str | bytes) -> None:
        await self.server.flowing.wait()
        await super().send(message)

    async def wait(self) -> Any:
        self._reading = asyncio.current_task()
        try:
            return await super().wait()
        finally:
            self._reading = None

    async def close(self) -> None:
        """Send the close frame and wait for the peer's, for ``CLOSE_PATIENCE_S`` or until the server
        stops.
        """
        if self._reading is not None:
            # While a task reads, aiohttp closes the transport right after its close frame. A peer that writes
            # at that moment gets a broken pipe, and never reads what was sent before.
            self._reading.cancel()
            await asyncio.wait([self._reading])
        await self.server.start_background_task(super().close)


class EngineIoServer(engineio.AsyncServer):  # type: ignore[misc]
    """Engine.IO that tracks its background tasks."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._async: dict[str, Any] = {**self._async, "websocket": PlainWebSocket}
        self.background: set[asyncio.Future[Any]] = set()
        self.flowing = asyncio.Event()
        self.flowing.set()

    def _bad_request(self, message: Any = None) -> dict[str, Any]:
        """Answer a bad request like Node's Engine.IO; clients detect unknown sessions by the code."""
        is_unknown = str(message).startswith("Invalid session")
        error = (
            {"code": 1, "message": "Session ID unknown"}
            if is_unknown
            else {"code": 3, "message": "Bad request"}
        )
        return {
            "status": "400 BAD REQUEST",
            "headers": [("Content-Type", "application/json")],
            "response": json.encode(error),
        }

    def start_background_task(self, target: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        task = super().start_background_task(target, *args, **kwargs)
        self.background.add(task)
        task.add_done_callback(self.background.discard)
        return task


class SocketIoServer(socketio.AsyncServer):  # type: ignore[misc]
    """The Socket.IO server of one start of the gateway."""

    def __init__(self, ping_interval_s: float, ping_timeout_s: float) -> None:
        super().__init__(
            async_mode="aiohttp",
            # The namespace connects before authentication is checked (wire contract, section 0.7).
            always_connect=True,
            # Events of one client are handled in the order in which they came.
            async_handlers=False,
            # The middleware refuses foreign pages before the library sees them.
            cors_allowed_origins=[],
            ping_interval=ping_interval_s,
            ping_timeout=ping_timeout_s,
            max_http_buffer_size=MAX_MESSAGE_BYTES,
            logger=SILENT_LOGGER,
            engineio_logger=SILENT_LOGGER,
        )

    def _engineio_server_class(self) -> type[engineio.AsyncServer]:
        return EngineIoServer if INNER.available else engineio.AsyncServer

    def connection(self, sid: str) -> Any:
        """The Engine.IO connection of a Socket.IO session."""
        return self.eio.sockets[self.manager.eio_sid_from_sid(sid, "/")]

    async def until_answered(self, connection: Any) -> None:
        """Ping the client, and return after it has sent anything, or after ``ANSWER_LIMIT_S``.

        python-socketio's client ignores a disconnect that arrives together with the connect packet:
        it counts as connected only after its ``connect`` has returned, and would then wait forever
        on a closed connection. A client that answers has already read the connect packet.
        """
        heard = asyncio.Event()
        receive = connection.receive

        async def receive_any(packet: Packet) -> None:
            heard.set()
            await receive(packet)

        connection.receive = receive_any
        connection.queue.put_nowait(Packet(PING))
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                await heard.wait()
        except TimeoutError:
            pass
        finally:
            connection.receive = receive

    async def hang_up(self, sid: str, connection: Any) -> None:
        """A server disconnect: send the packet, then close the transport."""
        await self.disconnect(sid)
        await self._close(connection)

    def cut(self, connection: Any) -> None:
        """Abort a WebSocket, like a network failure."""
        transport: asyncio.Transport | None = getattr(connection, "transport", None)
        if transport is not None:
            transport.abort()

    def hold(self, held: bool) -> None:
        """Hold everything sent over WebSockets, including pings, or release it."""
        if not isinstance(self.eio, EngineIoServer):
            return
        if held:
            self.eio.flowing.clear()
        else:
            self.eio.flowing.set()

    async def finish(self) -> None:
        """End every connection and task, as when a gateway stops."""
        self.hold(False)
        connections = list(self.eio.sockets.values())
        for connection in connections:
            connection.closing = connection.closed = True
            connection.queue.put_nowait(None)
            # A disconnect packet would wait for slow readers.
            self.cut(connection)
        background = list(self.eio.background) if isinstance(self.eio, EngineIoServer) else []
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        self.eio.sockets.clear()

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        await super()._handle_eio_disconnect(eio_sid, reason)
        if not INNER.available:
            return
        connection = self.eio.sockets.get(eio_sid)
        if connection is not None and not connection.upgraded:
            # Answer the pending poll, as Node's server does; the library would let it time out.
            connection.queue.put_nowait(Packet(NOOP))

    async def _close(self, connection: Any) -> None:
        if connection.closed or not connection.upgraded:
            # A polling client still has to fetch the packet, and then closes the transport itself.
            return
        await connection.close(wait=False, reason=self.reason.SERVER_DISCONNECT)
        # The writer sends queued packets first, then closes the WebSocket.
        connection.queue.put_nowait(None)
        self.eio.sockets.pop(connection.sid, None)
