"""Engine.IO with its own read loop: hears everything, keeps the order, and takes the short way for statuses.

Why: stock python-socketio starts one task for each packet, which costs most of its time and loses the
order of handlers that wait, and on Python 3.11 another for each wait with a time limit; and it tells its
user of messages only, while a presence monitor must know when it last heard anything, pings included.
This subclass iterates the WebSocket, dispatches in place, and hands status events over in bundles: one
for what had arrived by the time the loop would have had to wait. It touches inner methods of the library,
so it is checked against the installed version: where they are gone, the stock client serves, more slowly,
and only events count as heard.

Polling has a loop here as well, so that its answers are bounded like frames and taken in turns.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol

import aiohttp
import engineio
import socketio
from engineio import packet

from presence_tui.domain.bounds import Bounds
from presence_tui.domain.phrases import phrase
from presence_tui.transport.errors import BoundExceeded
from presence_tui.transport.polling import BoundedAnswer, packets_in
from presence_tui.wire.messages import Snapshot, Status
from presence_tui.wire.snapshot_packets import read_snapshot
from presence_tui.wire.status_packets import begins_status, read_statuses

_INNER: Final = (
    *("_read_loop_websocket", "_read_loop_polling", "_receive_packet"),
    *("_send_request", "_get_url_timestamp", "create_queue"),
)
FITS: Final = all(hasattr(engineio.AsyncClient, name) for name in _INNER)
"""False if the installed python-engineio is built differently from what this module knows."""

BUNDLE: Final = 500
"""Packets read in one turn of the loop at most: a few milliseconds, then the screen has its turn."""


POLL_MARGIN_S: Final = 5.0
"""An answer to a poll may take this much longer than the gateway's next ping."""

_WELCOME: Final = str(socketio.packet.CONNECT)
_GOODBYE: Final = str(socketio.packet.DISCONNECT)


class PacketListener(Protocol):
    """The part of a ``FeedListener`` that is told of packets."""

    def on_heard(self) -> None: ...

    def on_statuses(self, statuses: list[Status]) -> None: ...

    def on_snapshot(self, part: Snapshot) -> None: ...


class _InlineEngine(engineio.AsyncClient):  # type: ignore[misc]
    write_loop_task: asyncio.Task[None] | None

    def __init__(self, *args: Any, listener: PacketListener, bounds: Bounds, **kwargs: Any) -> None:
        self._bounds = bounds
        super().__init__(*args, **kwargs)
        self._listener = listener
        self._packets: list[str] = []
        """Of statuses, not read yet."""
        self._doubted: asyncio.Task[None] | None = None
        """Takes packets that the short way could not read."""
        self.admitted = asyncio.Event()
        self.too_large: BoundExceeded | None = None
        """What ended the connection, if that was a bound."""

    def create_queue(self, *args: Any, **kwargs: Any) -> Any:
        # Of packets to be sent: who asks and does not listen to the answers is read no further.
        return asyncio.Queue(self._bounds.queue)

    async def _read_loop_websocket(self) -> None:
        await self._to_the_end(self._read_packets)
        # With its writer gone, the library's loop reads nothing and says goodbye as it always does.
        await super()._read_loop_websocket()

    async def _read_loop_polling(self) -> None:
        await self._to_the_end(self._read_answers)
        await super()._read_loop_polling()

    async def _to_the_end(self, read: Callable[[], Awaitable[None]]) -> None:
        # What came before the end is taken as well.
        for step in (read, self._have_handed_over):
            try:
                await step()
            except BoundExceeded as error:
                self.too_large = error
            except Exception as error:  # noqa: BLE001  (a packet of a stranger; the connection ends by it)
                self.logger.info("reading ended: %s", error)
        if writer := self.write_loop_task:
            try:
                self.queue.put_nowait(None)
            except asyncio.QueueFull:
                # The writer waits for a line that takes nothing any more.
                writer.cancel()
            await asyncio.wait([writer])
            self.write_loop_task = None

    async def _read_packets(self) -> None:
        receive, text = self.ws.receive, aiohttp.WSMsgType.TEXT
        packets, in_turn = self._packets, 0
        while self.state == "connected" and self.write_loop_task:
            message = await receive()
            if message.type is text and begins_status(message.data):
                if not packets:
                    await self._have_taken_doubted()
                    # Runs when this loop waits, that is, once everything that had arrived is read.
                    asyncio.get_running_loop().call_soon(self._hand_over)
                packets.append(message.data)
            elif isinstance(message.data, str | bytes):
                await self._have_handed_over()
                await self._take(message.data)
            else:
                raise self._end_of(message.data)
            in_turn += 1
            if in_turn == BUNDLE:
                in_turn = 0
                await asyncio.sleep(0)

    def _end_of(self, said: object) -> Exception:
        if getattr(said, "code", None) == aiohttp.WSCloseCode.MESSAGE_TOO_BIG:
            # The library tells the size in its sentence only: "Message size 7 exceeds limit 5".
            size = next((int(word) for word in str(said).split() if word.isdigit()), None)
            return BoundExceeded(phrase("A frame of the gateway"), self._bounds.frame_bytes, size)
        return ConnectionError(f"the gateway closed: {said}")

    async def _read_answers(self) -> None:
        while self.state == "connected" and self.write_loop_task:
            answer = await self._send_request(
                "GET",
                self.base_url + self._get_url_timestamp(),
                timeout=max(self.ping_interval, self.ping_timeout) + POLL_MARGIN_S,
            )
            if not isinstance(answer, BoundedAnswer) or not 200 <= answer.status < 300:
                return
            body = (await answer.read()).decode()
            for number, said in enumerate(packets_in(body), 1):
                if begins_status(said):
                    self._packets.append(said)
                else:
                    await self._have_handed_over()
                    await self._take(said)
                if number % BUNDLE == 0:
                    await self._have_handed_over()
                    await asyncio.sleep(0)
            await self._have_handed_over()

    async def _send_request(self, *args: Any, **kwargs: Any) -> Any:
        answer = await super()._send_request(*args, **kwargs)
        if isinstance(answer, aiohttp.ClientResponse):
            return BoundedAnswer(answer, self._bounds.frame_bytes)
        return answer

    async def _take(self, said: str | bytes) -> None:
        parts = read_snapshot(said) if isinstance(said, str) else None
        if parts is None:
            await self._receive_packet(packet.Packet(encoded_packet=said))
            return
        for part in parts:
            self._listener.on_heard()
            self._listener.on_snapshot(part)
            # Nothing is read meanwhile, so what was sent behind the snapshot is applied behind it.
            await asyncio.sleep(0)

    async def _receive_packet(self, pkt: Any) -> None:
        self._listener.on_heard()
        said = pkt.data if pkt.packet_type == packet.MESSAGE else None
        if said is None or _begins(said, _GOODBYE):
            # In a task of the library's, because its goodbye waits for the end of this loop.
            await super()._receive_packet(pkt)
            return
        await self._trigger_event("message", said, run_async=False)
        if _begins(said, _WELCOME):
            await self.admitted.wait()

    async def _have_handed_over(self) -> None:
        self._hand_over()
        await self._have_taken_doubted()

    async def _have_taken_doubted(self) -> None:
        if self._doubted is not None:
            doubted, self._doubted = self._doubted, None
            await doubted

    def _hand_over(self) -> None:
        if self._packets:
            packets = self._packets.copy()
            self._packets.clear()
            statuses = read_statuses(packets)
            if statuses is None:
                self._doubted = asyncio.create_task(self._take_each(packets))
            else:
                self._tell(statuses)

    async def _take_each(self, packets: Sequence[str]) -> None:
        for said in packets:
            statuses = read_statuses([said])
            if statuses is None:
                await self._take(said)
            else:
                self._tell(statuses)

    def _tell(self, statuses: list[Status]) -> None:
        self._listener.on_heard()
        self._listener.on_statuses(statuses)


class InlineClient(socketio.AsyncClient):  # type: ignore[misc]
    """A Socket.IO client that dispatches in the order of arrival, statuses in bundles."""

    def __init__(self, *, listener: PacketListener, bounds: Bounds, **kwargs: Any) -> None:
        ours = {"listener": listener, "bounds": bounds} if FITS else {}
        super().__init__(**kwargs, **ours)

    @property
    def too_large(self) -> BoundExceeded | None:
        """What ended the connection, if that was a bound and our own loop met it."""
        return self.eio.too_large if FITS else None

    async def connect(self, *args: Any, **kwargs: Any) -> None:
        """Connect as the library does. Nothing is read meanwhile behind the welcome.

        Before it has noticed that it is connected, the library ignores a goodbye that follows at once.
        """
        try:
            await super().connect(*args, **kwargs)
        finally:
            self._admit()

    async def disconnect(self) -> None:
        """Disconnect as the library does; it waits for the read loop, which may wait to be admitted."""
        self._admit()
        await super().disconnect()

    def _admit(self) -> None:
        if FITS:
            self.eio.admitted.set()

    def _engineio_client_class(self) -> type:
        return _InlineEngine if FITS else engineio.AsyncClient


def _begins(said: str | bytes, kind: str) -> bool:
    return isinstance(said, str) and said.startswith(kind)
