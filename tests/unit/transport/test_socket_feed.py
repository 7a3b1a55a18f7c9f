"""The socket feed with peers that are not gateways, or misbehaviour of the library."""

import asyncio
import gc
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from presence_tui.domain.limits import Bounds
from presence_tui.storage.user_files import tls_context
from presence_tui.transport import inline_engineio, socket_feed
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.transport.errors import BoundExceeded, GatewayError, PortRefused, SocketRefused, TimedOut
from presence_tui.transport.inline_engineio import BUNDLE, InlineClient
from presence_tui.transport.polling_answers import packets_in
from presence_tui.transport.socket_feed import SocketFeed
from presence_tui.wire.messages import Snapshot, Status
from tests.unit.domain.hypothesis_profile import repeatable
from tests.unit.monitor.wait_until import PATIENCE_S, Condition, breathe
from tests.unit.transport.tiny_server import Reply, TinyServer

ACCOUNT = Credential(CredentialKind.ACCOUNT, "a-secret-token")
SOCKET = "/socket.io/"
HTML = "<!doctype html><title>Welcome to nginx</title>"


class RecordingListener:
    """Records the calls of a feed."""

    def __init__(self) -> None:
        self.closed: list[GatewayError] = []
        self.bundles: list[int] = []
        self._news = Condition()

    async def until(self, condition: Callable[[], object]) -> None:
        await self._news.until(condition)

    async def until_closed(self) -> None:
        await self.until(lambda: self.closed)

    def on_event(self, event: str, arguments: tuple[object, ...], packet: str = "") -> None: ...

    def on_statuses(self, statuses: list[Status], packets: Sequence[str] = ()) -> None:
        self.bundles.append(len(statuses))
        self._news.notify()

    def on_snapshot(self, part: Snapshot, packet: str = "") -> None: ...

    def on_heard(self) -> None: ...

    def on_control(self, packet: str | bytes) -> None: ...

    def on_sent(self, packet: str | bytes) -> None: ...

    def on_ping(self, interval_s: float | None = None) -> None: ...

    def on_round_trip(self, round_trip_s: float | None) -> None: ...

    def on_unreadable(self, why: str, packet: str = "") -> None: ...

    def on_replay(self) -> None: ...

    def on_connected(self, *, is_recovered: bool | None) -> None: ...

    def on_upgraded(self) -> None: ...

    def on_closed(self, reason: GatewayError) -> None:
        self.closed.append(reason)
        self._news.notify()


def client_of(listener: RecordingListener, bounds: Bounds) -> InlineClient:
    return InlineClient(
        listener=listener,
        bounds=bounds,
        on_open=lambda: None,
        on_end=listener.on_closed,
        reconnection=False,
        handle_sigint=False,
    )


def feed_of(server: TinyServer) -> SocketFeed:
    return SocketFeed(server.address, tls_context())


async def refusal_of(feed: SocketFeed) -> GatewayError:
    listener = RecordingListener()
    with pytest.raises(GatewayError) as refusal:
        await feed.open(ACCOUNT, listener)
    assert listener.closed == [], "a failed opening is reported only by its exception"
    assert (feed.transport_name, feed.silence_limit_s) == ("", None)
    return refusal.value


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 503])
async def test_what_the_websocket_was_answered_is_told(server: TinyServer, status: int) -> None:
    server.on(SOCKET, Reply(status, HTML))
    error = await refusal_of(feed_of(server))
    assert isinstance(error, SocketRefused)
    assert f"the answer was {status}" in str(error)


async def test_polling_is_tried_where_no_websocket_comes_through(server: TinyServer) -> None:
    server.on(SOCKET, Reply(400, HTML))
    await refusal_of(feed_of(server))
    assert [asked.query["transport"] for asked in server.of(SOCKET)] == ["websocket", "polling"]
    assert all(asked.query["EIO"] == "4" for asked in server.asked)


@pytest.mark.parametrize(
    "first_packet",
    [
        HTML,
        b"",
        b"0",
        b"0{}",
        b"0[]",
        b"0null",
        b'0{"sid":"x","upgrades":[],"pingInterval":"soon","pingTimeout":1,"maxPayload":1}',
        b"4",
        b"9",
        b"\xff\xff",
    ],
)
async def test_a_stranger_at_the_other_end_is_an_error_of_ours(
    server: TinyServer, first_packet: str | bytes
) -> None:
    server.on(SOCKET, Reply(400), Reply(200, first_packet))
    assert isinstance(await refusal_of(feed_of(server)), SocketRefused)


OPEN = b'0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1}'
NEVER = Reply(never=True)
MARCHING = b'42["user:status",{"userId":"ada","isOnline":true}]'
WELCOME = b'40{"sid":"y"}'


async def test_a_first_answer_to_a_poll_over_the_bound_is_told_as_that(server: TinyServer) -> None:
    server.on(SOCKET, Reply(400), Reply(200, OPEN + b" " * 2**20))
    feed = SocketFeed(server.address, tls_context(), bounds=Bounds(frame_bytes=2**20))
    error = await refusal_of(feed)
    assert isinstance(error, BoundExceeded)
    assert str(error.sentence) == "An answer to a poll is larger than 1 MiB: it has 1 MiB."


async def polled(server: TinyServer, *answers: Reply, **bounds: int) -> tuple[SocketFeed, RecordingListener]:
    """A polling feed whose connection is open, with these answers to its next polls."""
    listener = RecordingListener()
    # Polls and POSTs use the same path; a POST ignores its answer.
    server.on(SOCKET, Reply(400), Reply(200, OPEN), Reply(200, WELCOME), Reply(200, WELCOME), *answers)
    feed = SocketFeed(server.address, tls_context(), bounds=Bounds(**bounds))
    await feed.open(ACCOUNT, listener)
    return feed, listener


async def test_an_answer_over_the_bound_that_holds_the_welcome_is_told_as_that(server: TinyServer) -> None:
    """A gateway may answer the first poll with the CONNECT packet and a large snapshot together."""
    server.on(SOCKET, Reply(400), Reply(200, OPEN), Reply(200, WELCOME + b"\x1e42" + b" " * 2**20))
    async with asyncio.timeout(PATIENCE_S):
        error = await refusal_of(SocketFeed(server.address, tls_context(), bounds=Bounds(frame_bytes=2**20)))
    assert isinstance(error, BoundExceeded)
    assert "An answer to a poll is larger than 1 MiB" in str(error.sentence)


async def test_an_end_before_the_welcome_is_not_waited_out(
    server: TinyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_feed, "CONNECT_LIMIT_S", 2 * PATIENCE_S)
    server.on(SOCKET, Reply(400), Reply(200, OPEN), Reply(503, HTML))
    async with asyncio.timeout(PATIENCE_S):
        assert isinstance(await refusal_of(feed_of(server)), SocketRefused)


async def test_a_websocket_that_closes_before_the_welcome_is_not_waited_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def open_and_close(request: web.Request) -> web.StreamResponse:
        if request.query["transport"] == "polling":
            return web.Response(status=400)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(OPEN.decode())
        await socket.close()
        return socket

    monkeypatch.setattr(socket_feed, "CONNECT_LIMIT_S", 2 * PATIENCE_S)
    app = web.Application()
    app.router.add_get(SOCKET, open_and_close)
    async with TestServer(app) as gateway, asyncio.timeout(PATIENCE_S):
        feed = SocketFeed(Address.parse(str(gateway.make_url("/"))), tls_context())
        assert isinstance(await refusal_of(feed), SocketRefused)


async def test_an_answer_that_is_not_what_it_says_ends_the_connection(server: TinyServer) -> None:
    feed, listener = await polled(server, Reply(200, b"this is no gzip", {"Content-Encoding": "gzip"}))
    await listener.until_closed()
    assert "a packed answer breaks off or is none" in str(listener.closed[0])
    await feed.close()


async def test_a_refused_poll_ends_the_connection(server: TinyServer) -> None:
    feed, listener = await polled(server, Reply(503, HTML))
    await listener.until_closed()
    assert "a poll was answered with 503 Service Unavailable" in str(listener.closed[0])
    assert listener.closed[0].kind == "refused poll 503"
    await feed.close()


@pytest.mark.parametrize("body", [b"", b"\x1e", HTML, b"{}", b'42["presence:snapshot"'[2:]], ids=repr)
async def test_a_poll_answered_without_a_packet_ends_the_connection(
    server: TinyServer, body: str | bytes
) -> None:
    """As from a portal that answers everything: it would be asked again at once, and for ever."""
    feed, listener = await polled(server, Reply(200, body), Reply(200, MARCHING), Reply(never=True))
    await listener.until_closed()
    assert "a poll was answered without a packet" in str(listener.closed[0])
    assert listener.closed[0].kind == "no packets"
    assert listener.bundles == []
    await feed.close()


async def test_polls_that_bring_nothing_are_further_and_further_apart(
    server: TinyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    async def record(pause_s: float) -> None:
        pauses.append(pause_s)

    monkeypatch.setattr(inline_engineio, "pause", record)
    idle = [Reply(200, b"6"), Reply(200, b"6"), Reply(200, b"3\x1e6")] * 3
    feed, listener = await polled(server, *idle, Reply(200, MARCHING), *idle[:2], Reply(200, MARCHING), NEVER)
    await listener.until(lambda: sum(listener.bundles) == 2)
    assert pauses[:9] == [0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0, 2.0]
    assert pauses[9:] == [0.0, 0.1]
    await feed.close()


@pytest.mark.parametrize("kept", [b"Ada \xff", b"Ada \xed\xa0\xbd"], ids=repr)
async def test_a_broken_character_in_an_answer_costs_nothing(server: TinyServer, kept: bytes) -> None:
    named = MARCHING.replace(b"}]", b',"username":"' + kept + b'"}]')
    feed, listener = await polled(server, Reply(200, named + b"\x1e" + MARCHING), NEVER)
    await listener.until(lambda: sum(listener.bundles) == 2)
    assert listener.closed == []
    await feed.close()


async def test_what_waits_in_one_answer_is_handed_over_in_turns(server: TinyServer) -> None:
    many = b"\x1e".join([MARCHING] * (2 * BUNDLE + 1))
    feed, listener = await polled(server, Reply(200, many), Reply(never=True))
    await listener.until(lambda: sum(listener.bundles) == 2 * BUNDLE + 1)
    assert listener.bundles == [BUNDLE, BUNDLE, 1]
    await feed.close()


@repeatable
@given(st.text("ab\x1e", max_size=20))
def test_the_packets_of_an_answer_are_what_lies_between_the_separators(body: str) -> None:
    expected = body.split("\x1e")
    assert list(packets_in(body)) == (expected[:-1] if expected[-1] == "" else expected)


async def test_who_asks_and_does_not_listen_is_not_read_any_further(server: TinyServer) -> None:
    """Endless pings whose answers are not read: the send queue is limited too."""
    client = client_of(RecordingListener(), Bounds(queue=2))
    engine_of = client.eio
    engine_of.state = "connected"
    reading = asyncio.create_task(read_pings(engine_of))
    await breathe()
    assert engine_of.queue.qsize() == 2
    assert not reading.done()
    engine_of.queue.get_nowait()
    await breathe()
    assert engine_of.queue.qsize() == 2, "each packet taken allows one more to be read"
    reading.cancel()


async def read_pings(engine_of: Any) -> None:
    while True:
        await engine_of._dispatch.handle_frame("2")


async def test_an_end_does_not_wait_for_a_writer_that_is_stuck() -> None:
    client = client_of(RecordingListener(), Bounds(queue=1))
    client.eio.queue.put_nowait("what nobody takes")
    stuck = client.eio.write_loop_task = asyncio.create_task(asyncio.Event().wait())
    await client.eio._to_the_end(lambda: asyncio.sleep(0))
    assert stuck.cancelled()
    assert client.eio.write_loop_task is None


async def test_no_token_is_in_the_url_of_the_socket(server: TinyServer) -> None:
    server.on(SOCKET, Reply(503))
    await refusal_of(feed_of(server))
    assert all(ACCOUNT.secret not in str(asked.query) for asked in server.asked)


async def test_a_gateway_below_a_path_has_its_socket_below_it(server: TinyServer) -> None:
    address = Address.parse(f"{server.address.url}/chat")
    await refusal_of(SocketFeed(address, tls_context()))
    assert set(server.paths()) == {"/chat/socket.io/"}


async def test_a_closed_port_is_reported_at_once_without_polling(server: TinyServer) -> None:
    async with TinyServer().running() as gone:
        pass
    assert isinstance(await refusal_of(feed_of(gone)), PortRefused)


async def test_a_silent_server_is_timed(server: TinyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_feed, "CONNECT_LIMIT_S", 0.1)
    server.on(SOCKET, Reply(never=True))
    assert isinstance(await refusal_of(feed_of(server)), TimedOut)


async def test_what_was_never_opened_is_closed_without_a_word(server: TinyServer) -> None:
    feed = feed_of(server)
    await feed.emit("conversation:join", {"conversationId": "x"})
    await feed.close()
    await feed.close()
    assert server.asked == []


async def cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_opening_that_is_cancelled_leaves_nothing_behind(server: TinyServer) -> None:
    server.on(SOCKET, Reply(never=True))
    feed = feed_of(server)
    opening = asyncio.create_task(feed.open(ACCOUNT, RecordingListener()))
    await server.until_asked()
    await cancelled(opening)
    assert feed._session is None
    gc.collect()


async def test_a_closing_that_is_cancelled_closes_the_session_all_the_same(
    server: TinyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A monitor that is cancelled while a connection closes, which is most of a failed sign-in."""
    disconnecting = asyncio.Event()

    async def disconnect(client: InlineClient) -> None:
        disconnecting.set()
        await asyncio.Event().wait()

    server.on(SOCKET, Reply(never=True))
    feed = feed_of(server)
    opening = asyncio.create_task(feed.open(ACCOUNT, RecordingListener()))
    await server.until_asked()
    session = feed._session
    assert session is not None
    monkeypatch.setattr(InlineClient, "disconnect", disconnect)
    closing = asyncio.create_task(feed.close())
    await disconnecting.wait()
    await cancelled(closing)
    try:
        assert session.closed
    finally:
        opening.cancel()
        await asyncio.wait([opening])
        await session.close()
