"""A gateway that sends prepared frames from its own process, so that the sender is not the limit.

It implements only the handshake of Engine.IO and Socket.IO and accepts every client. It answers the REST
requests of ``presence-tui watch``, in pages (meeshy-2026) or with the whole roster at once (meeshy-2025). On
command it writes the frames of ``user:status`` events from memory, many per write.

If marks are wanted, one participant gets a new name at intervals, created and sent at that moment; the send
times are reported at the end by the monotonic clock, which all processes of a machine share.
"""

import asyncio
import json
import multiprocessing
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from random import Random

from aiohttp import web

from tests.bench.population import ROOM, is_online, key_of, last_active_s, mark, name_of

FRAMES_A_WRITE = 500
WRITES_A_SECOND = 200
PATIENCE_S = 900
BUFFER_BYTES = 2**20
STEADY = 24
HANDSHAKE = {"sid": "recorded", "upgrades": [], "pingInterval": 300_000, "pingTimeout": 300_000}
OBSERVER = "f" * 24
TOKEN = "eyJhbGciOiJub25lIn0.eyJ1c2VySWQiOiJyZWNvcmRlZCJ9.bm9uZQ"
"""Shaped like a JWT that never expires."""


@dataclass(frozen=True, slots=True)
class Recording:
    """How many events about how many people, and how many a second; 0 means as fast as they are read."""

    participants: int
    events: int = 0
    rate: float = 0.0
    marks_every_s: float = 0.0
    snapshot: bool = False
    """Whether a snapshot follows the welcome, as in the newer gateway."""
    profile: str = "meeshy-2026"
    seed: int = 7

    @property
    def truth(self) -> dict[str, bool]:
        """Flag of each participant after the whole recording."""
        online = {key_of(number): is_online(number) for number in range(self.participants)}
        online.update((key_of(number), flag) for number, flag in flags(self))
        return online


@dataclass(frozen=True, slots=True)
class Played:
    """What was sent: the number of events of the recording, and the time of each mark (monotonic seconds)."""

    events: int
    marks_s: dict[str, float]
    began_s: float
    ended_s: float


def flags(recording: Recording) -> Iterator[tuple[int, bool]]:
    """Yield participant numbers and flags, in order. Number 0 is reserved for the marks.

    Each event moves a participant to the other panel, except for those whose names sort first: they only get
    a new last activity. The screen keeps the cursor on its participant and would otherwise scroll with it,
    away from the marks.
    """
    random = Random(recording.seed)
    online = bytearray(is_online(number) for number in range(recording.participants))
    steady = set(sorted(range(1, recording.participants), key=name_of)[:STEADY])
    flips = bytearray(number not in steady for number in range(recording.participants))
    for _ in range(recording.events):
        number = 1 + int(random.random() * (recording.participants - 1))
        online[number] ^= flips[number]
        yield number, bool(online[number])


def packets(recording: Recording) -> Iterator[str]:
    """The events as Engine.IO packets, with the fields that the gateways send."""
    began_s, rate = time.time(), recording.rate or 1_000_000
    at = ""
    for sent, (number, flag) in enumerate(flags(recording)):
        if sent % 100 == 0:
            at = wire_time(began_s + sent / rate)
        yield status_packet(key_of(number), name_of(number), flag, at)


def status_packet(key: str, name: str, flag: bool, at: str) -> str:
    """One event, in the format of ``JSON.stringify``."""
    return (
        f'42["user:status",{{"userId":"{key}","username":"{name}",'
        f'"isOnline":{"true" if flag else "false"},"lastActiveAt":"{at}"}}]'
    )


def wire_time(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def frame(packet: str) -> bytes:
    """An unmasked WebSocket text frame (RFC 6455, section 5.2)."""
    body = packet.encode()
    if len(body) < 126:
        return bytes([0x81, len(body)]) + body
    if len(body) < 2**16:
        return b"\x81\x7e" + len(body).to_bytes(2, "big") + body
    return b"\x81\x7f" + len(body).to_bytes(8, "big") + body


class RecordedGateway:
    """Client side of the gateway's process. One command at a time."""

    def __init__(self, url: str, pipe: Connection) -> None:
        self.url = url
        self._pipe = pipe

    async def play(self) -> Played:
        """Send all events to the newest client; waits for a client, and until everything is sent."""
        played = await self._command("play")
        assert isinstance(played, Played)
        return played

    async def mark(self, number: int) -> float:
        """Rename the participant of the marks; returns the send time."""
        return float(str(await self._command("mark", number)))

    async def snapshot(self) -> float:
        """Send a snapshot in which everybody is online; returns the send time (monotonic seconds)."""
        return float(str(await self._command("snapshot")))

    async def roster_asked_s(self) -> float:
        """Time of the last request for participants (monotonic seconds)."""
        return float(str(await self._command("roster_asked")))

    async def requests(self) -> int:
        """Number of HTTP requests answered so far, without WebSocket handshakes."""
        return int(str(await self._command("requests")))

    async def _command(self, *words: object) -> object:
        self._pipe.send(words)
        return await asyncio.to_thread(self._pipe.recv)


@asynccontextmanager
async def recorded_gateway(recording: Recording) -> AsyncIterator[RecordedGateway]:
    """Run the gateway until the block ends."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(recording, theirs), daemon=True)
    process.start()
    try:
        yield RecordedGateway(await asyncio.to_thread(ours.recv), ours)
    finally:
        process.kill()
        await asyncio.to_thread(process.join)


def _serve(recording: Recording, pipe: Connection) -> None:
    asyncio.run(_Server(recording, pipe).run())


class _Server:
    def __init__(self, recording: Recording, pipe: Connection) -> None:
        self._recording = recording
        self._size = round(recording.rate / WRITES_A_SECOND) if recording.rate else FRAMES_A_WRITE
        self._size = max(1, self._size)
        self._pipe = pipe
        self._writes = self._bundled()
        self._rest = _Rest(recording)
        self._snapshot = frame(snapshot_packet(recording))
        self._all_online = frame(snapshot_packet(recording, all_online=True))
        self._client: asyncio.Future[asyncio.Transport] | None = None
        self._marks_s: dict[str, float] = {}

    async def run(self) -> None:
        self._client = asyncio.get_running_loop().create_future()
        app = web.Application()
        app.router.add_get("/socket.io/", self._socket)
        app.router.add_get("/{path:.*}", self._rest.answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        address = site._server.sockets[0].getsockname()  # type: ignore[union-attr]
        self._pipe.send(f"http://127.0.0.1:{address[1]}")
        async with asyncio.timeout(PATIENCE_S):
            while True:
                await self._obey(*await asyncio.to_thread(self._pipe.recv))

    async def _obey(self, command: str, *arguments: int) -> None:
        if command == "requests":
            self._pipe.send(self._rest.answered)
            return
        if command == "roster_asked":
            self._pipe.send(self._rest.roster_asked_s)
            return
        assert self._client is not None
        transport = await self._client
        match command:
            case "play":
                self._pipe.send(await self._play(transport))
            case "mark":
                self._mark(transport, arguments[0])
                self._pipe.send(self._marks_s[mark(arguments[0])])
            case "snapshot":
                sent_s = time.monotonic()
                transport.write(self._all_online)
                self._pipe.send(sent_s)

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
                self._welcome(request.transport)
        return socket

    def _welcome(self, transport: asyncio.Transport | None) -> None:
        assert transport is not None
        assert self._client is not None
        if self._recording.snapshot:
            transport.write(self._snapshot)
        if self._client.done():
            self._client = asyncio.get_running_loop().create_future()
        self._client.set_result(transport)

    async def _play(self, transport: asyncio.Transport) -> Played:
        loop, every_s = asyncio.get_running_loop(), self._recording.marks_every_s
        self._marks_s.clear()
        began_s = time.monotonic()
        marking = asyncio.create_task(self._keep_marking(transport, every_s)) if every_s else None
        for number, write in enumerate(self._writes):
            if self._recording.rate:
                due_s = began_s + number * self._size / self._recording.rate
                await asyncio.sleep(max(0.0, due_s - loop.time()))
            transport.write(write)
            while transport.get_write_buffer_size() > BUFFER_BYTES:  # noqa: ASYNC110  (aiohttp has the event)
                await asyncio.sleep(0.001)
        if marking is not None:
            marking.cancel()
            with suppress(asyncio.CancelledError):
                await marking
        transport.write(frame('42["recording:over",{}]'))
        # The newest client has been served; wait for the next one.
        self._client = loop.create_future() if not self._recording.rate else self._client
        return Played(self._recording.events, dict(self._marks_s), began_s, time.monotonic())

    async def _keep_marking(self, transport: asyncio.Transport, every_s: float) -> None:
        random, number = Random(self._recording.seed), 0
        while True:
            # Not synchronized with the frames of any client.
            await asyncio.sleep(random.uniform(0.5, 1.5) * every_s)
            number += 1
            self._mark(transport, number)

    def _mark(self, transport: asyncio.Transport, number: int) -> None:
        packet = frame(status_packet(key_of(0), mark(number), True, wire_time(time.time())))
        self._marks_s[mark(number)] = time.monotonic()
        transport.write(packet)

    def _bundled(self) -> list[bytes]:
        frames = [frame(packet) for packet in packets(self._recording)]
        return [b"".join(frames[at : at + self._size]) for at in range(0, len(frames), self._size)]


def snapshot_packet(recording: Recording, *, all_online: bool = False) -> str:
    """A ``presence:snapshot`` of everybody, as an Engine.IO packet."""
    now_s = time.time()
    users = [
        {
            "userId": key_of(number),
            "username": _handle(number),
            "isOnline": all_online or is_online(number),
            "lastActiveAt": wire_time(last_active_s(number, now_s)),
        }
        for number in range(recording.participants)
    ]
    return "42" + json.dumps(["presence:snapshot", {"users": users}], separators=(",", ":"))


class _Rest:
    """Prepared answers to the requests of a watch before it is live."""

    def __init__(self, recording: Recording) -> None:
        self.answered = 0
        self._pages = recording.profile == "meeshy-2026"
        self._prefix = "/api/v1" if self._pages else "/api"
        self._rows = [] if not self._pages else participant_rows(recording)
        self._whole = "" if self._pages else roster_body(recording)
        self._members = recording.participants
        self.roster_asked_s = 0.0

    async def answer(self, request: web.Request) -> web.Response:
        self.answered += 1
        if request.path == "/health":
            return _json(f'{{"status":"healthy","timestamp":"{wire_time(time.time())}","uptime":1}}')
        if request.path == f"{self._prefix}/auth/me":
            return _json(f'{{"data":{{"user":{{"id":"{OBSERVER}","username":"observer"}}}}}}')
        if request.path == f"{self._prefix}/conversations":
            row = {"id": ROOM.id, "title": ROOM.title, "type": "group", "memberCount": self._members}
            return _json(json.dumps({"data": [row], "pagination": {"hasMore": False}}))
        if request.path == f"{self._prefix}/conversations/{ROOM.id}/participants":
            self.roster_asked_s = time.monotonic()
            return self._page(request) if self._pages else _json(self._whole)
        return web.json_response({"error": "no such route"}, status=404)

    def _page(self, request: web.Request) -> web.Response:
        start = int(request.query.get("cursor", "0"))
        stop = start + int(request.query.get("limit", "20"))
        more = stop < len(self._rows)
        pagination = {
            "nextCursor": str(stop) if more else None,
            "hasMore": more,
            "totalCount": len(self._rows),
        }
        return _json(f'{{"data":[{",".join(self._rows[start:stop])}],"pagination":{json.dumps(pagination)}}}')


def roster_body(recording: Recording) -> str:
    """The older gateway's answer: the whole roster at once."""
    return f'{{"data":[{",".join(participant_rows(recording))}]}}'


def shown_name(number: int) -> str:
    """What a roster says of a participant; the first has a handle only, so that events rename it."""
    return name_of(number) if number else _handle(number)


def _handle(number: int) -> str:
    return f"handle{number:07}"


def participant_rows(recording: Recording) -> list[str]:
    """All participants as JSON, in the recording's version."""
    now_s, told = time.time(), recording.profile == "meeshy-2025"
    return [_participant_row(number, now_s, told) for number in range(recording.participants)]


def _participant_row(number: int, now_s: float, with_presence: bool) -> str:
    row: dict[str, object] = {
        "id": key_of(number),
        "userId": key_of(number),
        "username": _handle(number),
        "displayName": name_of(number) if number else "",
        "conversationRole": "MEMBER",
    }
    if with_presence:
        row["isOnline"] = is_online(number)
        row["lastActiveAt"] = wire_time(last_active_s(number, now_s))
    return json.dumps(row, separators=(",", ":"))


def _json(text: str) -> web.Response:
    return web.Response(text=text, content_type="application/json")
