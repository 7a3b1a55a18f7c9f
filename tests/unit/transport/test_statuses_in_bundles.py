"""Statuses that arrive together are decoded together, in order even if one needs the general path."""

import asyncio
import json
from collections.abc import Sequence

import aiohttp
import pytest

from presence_tui.domain.limits import Bounds
from presence_tui.transport.errors import GatewayError
from presence_tui.transport.inline_engineio import InlineClient
from presence_tui.wire.messages import Snapshot, Status
from tests.unit.monitor.wait_until import breathe

TYPING = '42["typing:start",{"userId":"ben","conversationId":"c"}]'
ODD = '42["user:status",{"userId":"odd","isOnline":"perhaps"}]'
BROKEN = '42["user:status",{"userId":"broken",'


def status(key: str) -> str:
    return f'42["user:status",{json.dumps({"userId": key, "isOnline": True})}]'


class Line:
    """A WebSocket on which a test sends."""

    def __init__(self) -> None:
        self._arrived: asyncio.Queue[aiohttp.WSMessage] = asyncio.Queue()

    def say(self, *texts: str) -> None:
        for text in texts:
            self._arrived.put_nowait(aiohttp.WSMessage(aiohttp.WSMsgType.TEXT, text, None))

    def attach(self, attachment: bytes) -> None:
        self._arrived.put_nowait(aiohttp.WSMessage(aiohttp.WSMsgType.BINARY, attachment, None))

    async def receive(self) -> aiohttp.WSMessage:
        return await self._arrived.get()

    async def close(self) -> None:
        self._arrived.put_nowait(aiohttp.WSMessage(aiohttp.WSMsgType.CLOSED, None, None))


class Reader:
    """An engine that reads such a WebSocket. ``heard`` has the keys of each batch, and each other event."""

    def __init__(self) -> None:
        self.heard: list[list[str] | str] = []
        self.packets: list[tuple[str, str | bytes]] = []
        """Each packet with the callback that had it."""
        self.line = Line()
        client = InlineClient(
            listener=self,
            bounds=Bounds(),
            on_open=lambda: None,
            on_end=lambda error: None,
            reconnection=False,
            handle_sigint=False,
        )
        self._engine = client.eio
        self._engine.state, self._engine.ws = "connected", self.line

    async def read(self) -> None:
        writer = self._engine.write_loop_task = asyncio.create_task(asyncio.Event().wait())
        reading = asyncio.create_task(self._engine._to_the_end(self._engine._read_packets))
        await breathe()
        if not reading.done():
            await self.line.close()
        writer.cancel()
        await reading

    def on_heard(self) -> None: ...

    def on_closed(self, reason: GatewayError) -> None: ...

    def on_event(self, event: str, arguments: tuple[object, ...], packet: str = "") -> None:
        self.heard.append(event)
        self.packets.append(("event", packet))

    def on_control(self, packet: str | bytes) -> None:
        self.packets.append(("control", packet))

    def on_sent(self, packet: str | bytes) -> None: ...

    def on_ping(self, interval_s: float | None = None) -> None: ...

    def on_round_trip(self, round_trip_s: float | None) -> None: ...

    def on_unreadable(self, why: str, packet: str = "") -> None:
        self.packets.append(("unreadable", packet))

    def on_replay(self) -> None: ...

    def on_connected(self, *, is_recovered: bool | None) -> None: ...

    def on_upgraded(self) -> None: ...

    def on_snapshot(self, part: Snapshot, packet: str = "") -> None: ...

    def on_statuses(self, statuses: list[Status], packets: Sequence[str] = ()) -> None:
        self.heard.append([each.key for each in statuses])
        self.packets += [("status", packet) for packet in packets]


@pytest.fixture
async def reader() -> Reader:
    return Reader()


async def test_what_arrived_together_is_one_bundle(reader: Reader) -> None:
    reader.line.say(status("ada"), status("ben"))
    await reader.read()
    assert reader.heard == [["ada", "ben"]]


async def test_other_events_are_heard_between_those_before_and_after(reader: Reader) -> None:
    reader.line.say(status("ada"), TYPING, status("ben"))
    await reader.read()
    assert reader.heard == [["ada"], "typing:start", ["ben"]]


async def test_one_that_needs_another_look_keeps_its_place(reader: Reader) -> None:
    reader.line.say(status("ada"), ODD, status("ben"))
    await reader.read()
    assert reader.heard == [["ada"], "user:status", ["ben"]]


async def test_what_comes_meanwhile_waits_for_it(reader: Reader) -> None:
    reading = asyncio.create_task(reader.read())
    reader.line.say(ODD)
    await asyncio.sleep(0)
    reader.line.say(status("ada"), TYPING)
    await reading
    assert reader.heard == ["user:status", ["ada"], "typing:start"]


async def test_one_that_nobody_can_read_is_passed_over(reader: Reader) -> None:
    reader.line.say(status("ada"), BROKEN, status("ben"))
    await reader.read()
    assert reader.heard == [["ada"], ["ben"]]


async def test_those_before_the_end_are_heard(reader: Reader) -> None:
    reader.line.say(status("ada"), ODD)
    await reader.line.close()
    await reader.read()
    assert reader.heard == [["ada"], "user:status"]


async def test_each_packet_is_told_once_with_its_text(reader: Reader) -> None:
    sent = [status("ada"), TYPING, "2", status("ben"), ODD, BROKEN, status("cleo"), "6", "4nonsense", "9"]
    reader.line.say(*sent)
    await reader.read()
    kinds = ["status", "event", "control", "status", "event", "unreadable", "status", "control"]
    assert reader.packets == list(zip([*kinds, "unreadable", "unreadable"], sent, strict=True))


async def test_an_event_with_attachments_has_the_text_with_their_places(reader: Reader) -> None:
    head = '451-["file",{"_placeholder":true,"num":0}]'
    reader.line.say(head)
    reader.line.attach(b"content")
    reader.line.say(head, TYPING)
    await reader.read()
    assert reader.packets == [
        ("control", b"content"), ("event", head), ("unreadable", head), ("event", TYPING)
    ]  # fmt: skip
