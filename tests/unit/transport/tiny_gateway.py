"""A scripted Socket.IO server, down to frames and ways of closing connections."""

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum

from aiohttp import WSMsgType, web

from presence_tui.transport.addresses import Address
from tests.unit.monitor.wait_until import Condition

WELCOME = '40{"sid":"y"}'


class Upgrades(Enum):
    """How WebSocket handshakes are handled."""

    WORK = "work"
    NEVER = "are never answered"
    SILENT = "are answered by 101 and silence"
    REFUSED = "are refused"


class TinyGateway:
    """Accepts any credential. Sends no pings by itself."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.upgrades = Upgrades.WORK
        self.opening: dict[str, object] = {"sid": "x", "upgrades": ["websocket"]}
        self.opening |= {"pingInterval": 25_000, "pingTimeout": 20_000, "maxPayload": 1_000_000}
        self.behind_opening = ""
        """Further packets of the answer that opens a polling connection."""
        self.welcome: str | None = WELCOME
        """The answer to a CONNECT."""
        self.before_welcome: list[str] = []
        """Packets before that answer, as in a replay."""
        self.answers_pings = True
        """Pings of the WebSocket itself; pings and pongs are heard only if they are not answered."""
        self.pings_before_opening = False
        self.drops_posts = 0
        """Number of connections closed instead of answering a POST."""
        self.refuses_posts = False
        """POSTs are answered like those of an unknown session."""
        self.asked: list[str] = []
        """The transport of each handshake, in order; ``probe`` for an upgrade."""
        self.heard: list[str] = []
        """Received text frames and POSTs."""
        self.port = 0
        self.news = Condition()
        self._sockets: list[web.WebSocketResponse] = []
        self._transports: dict[web.WebSocketResponse, asyncio.Transport] = {}
        self._polled: asyncio.Queue[str] = asyncio.Queue()
        self._ended = asyncio.Event()

    @property
    def scheme(self) -> str:
        return "http" if self._tls is None else "https"

    @property
    def address(self) -> Address:
        return Address.parse(f"{self.scheme}://localhost:{self.port}")

    @asynccontextmanager
    async def running(self) -> AsyncIterator["TinyGateway"]:
        app = web.Application()
        app.router.add_route("*", "/socket.io/", self._answer)
        app.router.add_get("/health", _health)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port, ssl_context=self._tls).start()
        self.port = runner.addresses[0][1]
        try:
            yield self
        finally:
            self._ended.set()
            for each in list(self._transports.values()):
                each.abort()
            await runner.cleanup()

    # Controls of the newest connection.

    async def send(self, *packets: str | bytes) -> None:
        for packet in packets:
            if self._sockets:
                send = (
                    self._sockets[-1].send_bytes if isinstance(packet, bytes) else self._sockets[-1].send_str
                )
                await send(packet)  # type: ignore[arg-type]
            else:
                assert isinstance(packet, str)
                self._polled.put_nowait(packet)

    async def ping(self, payload: bytes) -> None:
        """A ping of the WebSocket itself."""
        await self._sockets[-1].ping(payload)

    async def pong(self, payload: bytes) -> None:
        await self._sockets[-1].pong(payload)

    async def close(self, code: int, reason: bytes = b"") -> None:
        await self._sockets[-1].close(code=code, message=reason, drain=False)

    def write(self, raw: bytes) -> None:
        """Write bytes behind the last frame."""
        self._transports[self._sockets[-1]].write(raw)

    def fin(self) -> None:
        self._transports[self._sockets[-1]].close()

    def rst(self) -> None:
        transport = self._transports[self._sockets[-1]]
        linger = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.query["transport"] == "websocket":
            return await self._upgrade(request)
        if request.method == "POST":
            if self.drops_posts:
                self.drops_posts -= 1
                assert request.transport is not None
                request.transport.close()
            if self.refuses_posts:
                return web.json_response({"code": 1, "message": "Session ID unknown"}, status=400)
            await self._take_post(await request.text())
            return web.Response(text="ok")
        if "sid" in request.query:
            return web.Response(text=await self._polled.get())
        self._note(self.asked, "polling")
        return web.Response(text=f"0{json.dumps(self.opening)}{self.behind_opening}")

    async def _take_post(self, body: str) -> None:
        for packet in body.split("\x1e"):
            self._note(self.heard, packet)
            if packet.startswith("40") and self.welcome is not None:
                self._polled.put_nowait(self.welcome)
            elif packet == "1":
                self._polled.put_nowait("6")

    async def _upgrade(self, request: web.Request) -> web.StreamResponse:
        self._note(self.asked, "probe" if "sid" in request.query else "websocket")
        if self.upgrades is Upgrades.REFUSED:
            return web.Response(status=400)
        if self.upgrades is Upgrades.NEVER:
            await self._ended.wait()
        websocket = web.WebSocketResponse(timeout=0.2, max_msg_size=0, autoping=self.answers_pings)
        await websocket.prepare(request)
        if self.upgrades is Upgrades.SILENT:
            await self._ended.wait()
            return websocket
        assert isinstance(request.transport, asyncio.Transport)
        self._transports[websocket] = request.transport
        if self.pings_before_opening:
            await websocket.ping(b"early")
        if "sid" not in request.query:
            await websocket.send_str("0" + json.dumps(self.opening))
            self._sockets.append(websocket)
        async for message in websocket:
            if message.type in (WSMsgType.PING, WSMsgType.PONG):
                self._note(self.heard, f"{message.type.name} {message.data.decode()}")
            else:
                await self._take_frame(websocket, message.data)
        del self._transports[websocket]
        return websocket

    async def _take_frame(self, websocket: web.WebSocketResponse, text: str) -> None:
        self._note(self.heard, text)
        if text == "2probe":
            await websocket.send_str("3probe")
            # Answer a pending poll, so that the client can stop polling.
            self._polled.put_nowait("6")
        elif text == "5":
            self._sockets.append(websocket)
        elif text.startswith("40"):
            for packet in self.before_welcome:
                await websocket.send_str(packet)
            if self.welcome is not None:
                await websocket.send_str(self.welcome)

    def _note(self, where: list[str], what: str) -> None:
        where.append(what)
        self.news.notify()


async def _health(request: web.Request) -> web.Response:
    return web.json_response({"status": "healthy", "timestamp": "2026-08-22T09:15:00.000Z"})
