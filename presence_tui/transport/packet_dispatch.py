"""Passes on the packets of one connection in the order in which they came.

Status packets are collected and decoded together; every other packet waits until those before it are passed
on. A packet that the fast path cannot decode takes the general decoder, in its place.
"""

import asyncio
import base64
import binascii
from collections.abc import Sequence
from typing import Final

from engineio import packet

from presence_tui.transport import endings
from presence_tui.transport.engineio_internals import LoopedEngine
from presence_tui.transport.feed import FeedListener
from presence_tui.transport.recovery import SessionProgress
from presence_tui.wire.fast_decode import read_snapshot, read_statuses
from presence_tui.wire.messages import Status
from presence_tui.wire.socketio_packets import (
    Connected,
    ConnectRefused,
    Disconnected,
    Event,
    PacketReader,
    Unreadable,
)

_MESSAGE: Final = str(packet.MESSAGE)
"""How an Engine.IO packet with a Socket.IO packet begins."""


class PacketDispatch:
    """Reads packets and calls the listener. Raises a ``GatewayError`` for one that ends the connection."""

    def __init__(
        self, engine: LoopedEngine, listener: FeedListener, session: SessionProgress, frame_bytes: int
    ) -> None:
        self._engine = engine
        self._listener = listener
        self._session = session
        self._reader = PacketReader(frame_bytes)
        self.statuses: list[str] = []
        """Status packets that are not decoded yet."""
        self._doubted: asyncio.Task[None] | None = None
        """Handles packets that the fast path could not decode."""
        self.admitted = asyncio.Event()
        """Set when the library has noticed that it is connected."""

    async def handle_frame(self, frame: str | bytes) -> None:
        """Pass on one packet that is no status packet, after the status packets before it."""
        await self.after_statuses()
        await self._handle_frame(frame)

    async def _handle_frame(self, frame: str | bytes) -> None:
        parts = read_snapshot(frame) if isinstance(frame, str) else None
        if parts is None or not isinstance(frame, str):
            await self._take_packet(frame)
            return
        for part in parts:
            self._listener.on_heard()
            self._session.expect_event()
            self._listener.on_snapshot(part, frame)
            # Nothing is read in between, so later packets are applied after the snapshot.
            await asyncio.sleep(0)
        self._session.received([frame])

    async def _take_packet(self, text: str | bytes) -> None:
        self._listener.on_heard()
        if isinstance(text, bytes):
            await self._take_message(text, text)
            return
        match text[:1], text[1:]:
            case "4", message:
                await self._take_message(message, text)
            case "2", mark:
                self._listener.on_control(text)
                self._listener.on_ping(self._engine.ping_interval)
                await self._engine.queue_packet(packet.Packet(packet.PONG, mark))
            case "1", _:
                self._listener.on_control(text)
                raise endings.goodbye()
            case "b", encoded:
                try:
                    attachment = base64.b64decode(encoded, validate=True)
                except binascii.Error:
                    self._listener.on_unreadable("an attachment that is no base64", text)
                else:
                    await self._take_message(attachment, attachment)
            case "3" | "6", _:
                self._listener.on_control(text)
            case kind, _:
                self._listener.on_unreadable(f"Engine.IO packet {kind!a}", text)

    async def _take_message(self, message: str | bytes, frame: str | bytes) -> None:
        """Handle what a message completes; ``frame`` is the packet that it came in."""
        if isinstance(frame, bytes):
            self._listener.on_control(frame)
        for each in self._reader.read(message):
            match each:
                case Event():
                    self._session.expect_event()
                    self._listener.on_event(each.name, each.arguments, _MESSAGE + each.text)
                    self._session.received_event(each.arguments)
                case Unreadable():
                    self._listener.on_unreadable(each.why, _MESSAGE + each.text)
                case Connected():
                    self._listener.on_control(frame)
                    is_recovered = self._session.accepted(each.pid)
                    await self._engine.hand_message(message)
                    await self.admitted.wait()
                    self._listener.on_connected(is_recovered=is_recovered)
                case ConnectRefused():
                    self._listener.on_control(frame)
                    raise endings.refused(each.said)
                case Disconnected():
                    self._listener.on_control(frame)
                    raise endings.goodbye()

    async def after_statuses(self) -> None:
        """Pass on the status packets so far, and wait until all are."""
        self.hand_over()
        await self.after_doubted()

    async def after_doubted(self) -> None:
        """Wait for packets that the general decoder reads."""
        if self._doubted is not None:
            doubted, self._doubted = self._doubted, None
            await doubted

    def hand_over(self) -> None:
        """Pass on the status packets so far."""
        if self.statuses:
            for lost in self._reader.give_up():
                self._listener.on_unreadable(lost.why, _MESSAGE + lost.text)
            packets = self.statuses.copy()
            self.statuses.clear()
            statuses = read_statuses(packets)
            if statuses is None:
                self._doubted = asyncio.create_task(self._handle_packets(packets))
            else:
                self._emit_statuses(statuses, packets)

    async def _handle_packets(self, packets: Sequence[str]) -> None:
        for text in packets:
            statuses = read_statuses([text])
            if statuses is None:
                await self._handle_frame(text)
            else:
                self._emit_statuses(statuses, [text])

    def _emit_statuses(self, statuses: list[Status], packets: Sequence[str]) -> None:
        self._listener.on_heard()
        self._session.expect_event()
        self._listener.on_statuses(statuses, packets)
        self._session.received(packets)
