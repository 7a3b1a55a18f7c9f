"""A WebSocket server that sends recorded frames, so that the sender is not the limit. A process of its own.

It speaks as much of Engine.IO and Socket.IO as a handshake needs, welcomes whoever comes, and writes the
frames of ``user:status`` events from memory, many to one write. It waits for the word ``go`` first.
"""

import asyncio
import json
import multiprocessing
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from random import Random

from aiohttp import web

EPOCH_S = 1_790_000_000.0
FRAMES_A_WRITE = 500
PATIENCE_S = 600
HANDSHAKE = {"sid": "recorded", "upgrades": [], "pingInterval": 300_000, "pingTimeout": 300_000}
OBSERVER = "f" * 24


@dataclass(frozen=True, slots=True)
class Recording:
    """How many events about how many people, and how many a second; 0 means as fast as they are taken."""

    participants: int
    events: int
    rate: float = 0.0
    seed: int = 7


def key_of(number: int) -> str:
    """A presence key as the gateways make them."""
    return f"{number:024x}"


def name_of(number: int) -> str:
    return f"Participant {number * 7919 % 1_000_003:07}"


def flags(recording: Recording) -> Iterator[tuple[int, bool]]:
    """Who is told to be online or offline, in order: each event changes something."""
    random, online = Random(recording.seed), bytearray(recording.participants)
    for _ in range(recording.events):
        number = random.randrange(recording.participants)
        online[number] ^= 1
        yield number, bool(online[number])


def packets(recording: Recording) -> Iterator[str]:
    """The events as Engine.IO packets, with the fields the gateways send and the optional emission time."""
    for sent, (number, flag) in enumerate(flags(recording)):
        at = datetime.fromtimestamp(EPOCH_S + sent / 1000, UTC).isoformat(timespec="milliseconds")
        payload = {
            "userId": key_of(number),
            "username": name_of(number),
            "isOnline": flag,
            "lastActiveAt": at.replace("+00:00", "Z"),
        }
        yield "42" + json.dumps(["user:status", payload], separators=(",", ":"))


def frame(packet: str) -> bytes:
    """An unmasked WebSocket text frame (RFC 6455, section 5.2)."""
    body = packet.encode()
    length = bytes([len(body)]) if len(body) < 126 else b"\x7e" + len(body).to_bytes(2, "big")
    return b"\x81" + length + body


@asynccontextmanager
async def recorded_gateway(recording: Recording) -> AsyncIterator[tuple[str, Connection]]:
    """Answers its URL, and a pipe: send ``go`` once for each client that has connected."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(recording, theirs), daemon=True)
    process.start()
    try:
        yield await asyncio.to_thread(ours.recv), ours
    finally:
        process.kill()
        await asyncio.to_thread(process.join)


def _serve(recording: Recording, pipe: Connection) -> None:
    asyncio.run(_Server(recording, pipe).run())


class _Server:
    def __init__(self, recording: Recording, pipe: Connection) -> None:
        frames = [frame(packet) for packet in packets(recording)]
        self._rate = recording.rate
        size = FRAMES_A_WRITE if not recording.rate else max(1, round(recording.rate / 200))
        self._frames_a_write = size
        self._writes = [b"".join(frames[at : at + size]) for at in range(0, len(frames), size)]
        self._pipe = pipe

    async def run(self) -> None:
        app = web.Application()
        app.router.add_get("/socket.io/", self._socket)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        address = site._server.sockets[0].getsockname()  # type: ignore[union-attr]
        self._pipe.send(f"http://127.0.0.1:{address[1]}")
        await asyncio.sleep(PATIENCE_S)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("transport") != "websocket":
            return web.Response(status=400)
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        await socket.send_str("0" + json.dumps({**HANDSHAKE, "maxPayload": 10**6}))
        async for message in socket:
            if message.data.startswith("40"):
                await socket.send_str('40{"sid":"recorded"}')
                user = {"id": OBSERVER, "isAnonymous": False}
                await socket.send_str("42" + json.dumps(["authenticated", {"success": True, "user": user}]))
                await asyncio.to_thread(self._pipe.recv)
                await self._send(request.transport)
                await socket.send_str('42["recording:over",{}]')
        return socket

    async def _send(self, transport: asyncio.Transport | None) -> None:
        assert transport is not None
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        for number, write in enumerate(self._writes):
            if self._rate:
                due_s = began_s + number * self._frames_a_write / self._rate
                await asyncio.sleep(max(0.0, due_s - loop.time()))
            transport.write(write)
            while transport.get_write_buffer_size() > 2**20:  # noqa: ASYNC110  (aiohttp has the event)
                await asyncio.sleep(0.001)
