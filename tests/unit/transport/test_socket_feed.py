"""The socket feed where a gateway is no gateway, or the library below it misbehaves."""

import asyncio
import gc

import engineio
import pytest

from presence_tui.transport import engine, socket_feed
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.transport.engine import FITS, InlineClient
from presence_tui.transport.errors import GatewayError, PortRefused, SocketRefused, TimedOut
from presence_tui.transport.socket_feed import SocketFeed
from presence_tui.transport.tls import tls_context
from presence_tui.wire.messages import Snapshot, Status
from tests.unit.transport.tiny_server import Reply, TinyServer

ACCOUNT = Credential(CredentialKind.ACCOUNT, "a-secret-token")
SOCKET = "/socket.io/"
HTML = "<!doctype html><title>Welcome to nginx</title>"


class Ear:
    """Remembers what a feed tells."""

    def __init__(self) -> None:
        self.closed: list[GatewayError] = []

    def on_event(self, event: str, arguments: tuple[object, ...]) -> None: ...

    def on_statuses(self, statuses: list[Status]) -> None: ...

    def on_snapshot(self, part: Snapshot) -> None: ...

    def on_heard(self) -> None: ...

    def on_closed(self, reason: GatewayError) -> None:
        self.closed.append(reason)


def feed_of(server: TinyServer) -> SocketFeed:
    return SocketFeed(server.address, tls_context())


async def refusal_of(feed: SocketFeed) -> GatewayError:
    ear = Ear()
    with pytest.raises(GatewayError) as refusal:
        await feed.open(ACCOUNT, ear)
    assert ear.closed == [], "an opening that fails is told by its error alone"
    assert (feed.transport_name, feed.silence_limit_s) == ("", None)
    return refusal.value


def test_the_installed_engine_takes_our_read_loop() -> None:
    assert FITS


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


async def test_no_token_is_in_the_url_of_the_socket(server: TinyServer) -> None:
    server.on(SOCKET, Reply(503))
    await refusal_of(feed_of(server))
    assert all(ACCOUNT.secret not in str(asked.query) for asked in server.asked)


async def test_a_gateway_below_a_path_has_its_socket_below_it(server: TinyServer) -> None:
    address = Address.parse(f"{server.address.url}/chat")
    await refusal_of(SocketFeed(address, tls_context()))
    assert set(server.paths()) == {"/chat/socket.io/"}


async def test_nobody_there_is_told_at_once_and_not_polled(server: TinyServer) -> None:
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
    opening = asyncio.create_task(feed.open(ACCOUNT, Ear()))
    await server.until_asked()
    await cancelled(opening)
    assert feed._session is None
    gc.collect()


async def test_a_closing_that_is_cancelled_closes_the_session_all_the_same(
    server: TinyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A watch that is cancelled while a connection is being closed, which is most of a failed sign-in."""
    disconnecting = asyncio.Event()

    async def disconnect(client: InlineClient) -> None:
        disconnecting.set()
        await asyncio.Event().wait()

    server.on(SOCKET, Reply(never=True))
    feed = feed_of(server)
    opening = asyncio.create_task(feed.open(ACCOUNT, Ear()))
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


async def test_where_the_library_is_not_the_one_we_know_its_own_loop_serves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "FITS", False)
    client = InlineClient(listener=Ear(), reconnection=False, handle_sigint=False)
    assert type(client.eio) is engineio.AsyncClient
    await client.disconnect()
