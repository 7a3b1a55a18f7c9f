"""Engine.IO with its own read loop: hears everything, keeps the order, and takes the short way for statuses.

Why: stock python-socketio starts one task for each packet, which costs most of its time and loses the
order of handlers that wait, and on Python 3.11 another for each wait with a time limit; and it tells its
user of messages only, while a presence monitor must know when it last heard anything, pings included.
This subclass iterates the WebSocket, dispatches in place, and hands status events over in bundles: one
for what had arrived by the time the loop would have had to wait. It touches inner methods of the library,
so it is checked against the installed version: where they are gone, the stock client serves, more slowly,
and only events count as heard.
"""

import asyncio
from typing import Any, Final, Protocol

import aiohttp
import engineio
import socketio
from engineio import packet

from presence_tui.wire.messages import Snapshot, Status
from presence_tui.wire.snapshot_packets import read_snapshot
from presence_tui.wire.status_packets import read_status

FITS: Final = all(hasattr(engineio.AsyncClient, name) for name in ("_read_loop_websocket", "_receive_packet"))
"""False if the installed python-engineio is built differently from what this module knows."""

BUNDLE: Final = 500
"""Packets read in one turn of the loop at most: a few milliseconds, then the screen has its turn."""


_WELCOME: Final = str(socketio.packet.CONNECT)
_GOODBYE: Final = str(socketio.packet.DISCONNECT)


class PacketListener(Protocol):
    """The part of a ``FeedListener`` that is told of packets."""

    def on_heard(self) -> None: ...

    def on_statuses(self, statuses: list[Status]) -> None: ...

    def on_snapshot(self, part: Snapshot) -> None: ...


class _InlineEngine(engineio.AsyncClient):  # type: ignore[misc]
    def __init__(self, *args: Any, listener: PacketListener, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._listener = listener
        self._statuses: list[Status] = []
        self.admitted = asyncio.Event()

    async def _read_loop_websocket(self) -> None:
        try:
            await self._read_packets()
        except Exception as error:  # noqa: BLE001  (a packet of a stranger; the connection ends by it)
            self.logger.info("reading ended: %s", error)
        self._hand_over()
        await self.queue.put(None)
        if self.write_loop_task:
            await self.write_loop_task
        # With its writer gone, the library's loop reads nothing and says goodbye as it always does.
        await super()._read_loop_websocket()

    async def _read_packets(self) -> None:
        receive, text = self.ws.receive, aiohttp.WSMsgType.TEXT
        statuses, in_turn = self._statuses, 0
        while self.state == "connected" and self.write_loop_task:
            message = await receive()
            status = read_status(message.data) if message.type is text else None
            if status is not None:
                if not statuses:
                    # Runs when this loop waits, that is, once everything that had arrived is read.
                    asyncio.get_running_loop().call_soon(self._hand_over)
                statuses.append(status)
            elif isinstance(message.data, str | bytes):
                self._hand_over()
                await self._take(message.data)
            else:
                return
            in_turn += 1
            if in_turn == BUNDLE:
                in_turn = 0
                await asyncio.sleep(0)

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

    def _hand_over(self) -> None:
        if self._statuses:
            bundle = self._statuses.copy()
            self._statuses.clear()
            self._listener.on_heard()
            self._listener.on_statuses(bundle)


class InlineClient(socketio.AsyncClient):  # type: ignore[misc]
    """A Socket.IO client that dispatches in the order of arrival, statuses in bundles."""

    def __init__(self, *, listener: PacketListener, **kwargs: Any) -> None:
        super().__init__(**kwargs, **({"listener": listener} if FITS else {}))

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
