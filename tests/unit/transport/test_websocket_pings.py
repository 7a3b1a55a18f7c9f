"""Each ping of the gateway is followed by one of the WebSocket itself, whose answer gives a round trip."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from presence_tui.storage.user_files import tls_context
from presence_tui.transport import websocket_pings
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.transport.socket_feed import SocketFeed
from presence_tui.transport.websocket_pings import MOST_UNANSWERED, PingRoundTrips
from tests.contract.recording_listener import RecordingListener
from tests.unit.transport.tiny_gateway import TinyGateway, Upgrades

ACCOUNT = Credential(CredentialKind.ACCOUNT, "a-secret-token")
PING, PONG = "2", "3"


class Socket:
    """Records the pings that are sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    async def ping(self, payload: bytes) -> None:
        self.sent.append(payload)


class Pings:
    """Pings on a socket, with a clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 5_000.0
        monkeypatch.setattr(websocket_pings, "_now_s", lambda: self.now_s)
        self.told: list[float | None] = []
        self.socket = Socket()
        self.trips = PingRoundTrips(self.told.append)

    async def ping(self) -> None:
        await self.trips.ping(self.socket)  # type: ignore[arg-type]


@pytest.fixture
def pings(monkeypatch: pytest.MonkeyPatch) -> Pings:
    return Pings(monkeypatch)


async def test_a_round_trip_is_that_of_its_own_pong(pings: Pings) -> None:
    pings.trips.on_pong(b"unasked")
    await pings.ping()
    pings.now_s += 0.25
    pings.trips.on_pong(b"unasked")
    pings.trips.on_pong(bytearray(pings.socket.sent[0]))  # type: ignore[arg-type]
    pings.trips.on_pong(pings.socket.sent[0])
    await pings.ping()
    pings.trips.on_pong(pings.socket.sent[0])
    pings.now_s += 0.5
    pings.trips.on_pong(pings.socket.sent[1])
    assert pings.told == [0.25, 0.5]


async def test_a_ping_without_a_pong_has_failed_and_a_few_of_them_are_enough(pings: Pings) -> None:
    for _ in range(MOST_UNANSWERED - 1):
        await pings.ping()
    await pings.ping()
    pings.trips.on_pong(pings.socket.sent[-1])
    assert pings.told == [None] * (MOST_UNANSWERED - 1) + [0.0]
    for _ in range(10):
        await pings.ping()
    assert pings.told[MOST_UNANSWERED:] == [None] * MOST_UNANSWERED
    assert len(pings.socket.sent) == 2 * MOST_UNANSWERED


# --- over a socket ---


class Opened:
    """A feed of a tiny gateway."""

    def __init__(self, gateway: TinyGateway, feed: SocketFeed) -> None:
        self.gateway, self.feed = gateway, feed
        self.listener = RecordingListener()

    async def open(self) -> RecordingListener:
        await self.feed.open(ACCOUNT, self.listener)
        return self.listener

    async def heard(self, text: str, times: int = 1) -> None:
        await self.gateway.news.until(lambda: self.gateway.heard.count(text) == times)


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    async with TinyGateway().running() as gateway:
        feed = SocketFeed(gateway.address, tls_context(None))
        yield Opened(gateway, feed)
        await feed.close()


async def test_each_ping_of_the_gateway_gives_a_round_trip(opened: Opened) -> None:
    listener = await opened.open()
    for count in (1, 2, 3):
        await opened.gateway.send(PING)
        await listener.until(lambda: len(listener.round_trips_s) == count)  # noqa: B023
    assert all(trip is not None and 0 <= trip < 5 for trip in listener.round_trips_s)
    assert listener.intervals_s == [25.0] * 3
    assert [packet for packet in opened.gateway.heard if packet == PONG] == [PONG] * 3
    assert listener.sent[-3:] == [PONG] * 3, "a ping of the WebSocket is no packet"


async def test_a_gateway_that_answers_no_pings_is_left_alone_and_stays_connected(opened: Opened) -> None:
    opened.gateway.answers_pings = False
    listener = await opened.open()
    for count in range(1, 7):
        await opened.gateway.send(PING)
        await opened.heard(PONG, count)
    await opened.gateway.send('42["surprise"]')
    await listener.until(lambda: listener.events)
    pings = [each for each in opened.gateway.heard if each.startswith("PING")]
    assert pings == ["PING 1", "PING 2", "PING 3"]
    assert listener.round_trips_s == [None] * MOST_UNANSWERED
    assert listener.closed == []


async def test_pings_of_the_other_end_are_answered_before_and_after_the_opening(opened: Opened) -> None:
    opened.gateway.answers_pings, opened.gateway.pings_before_opening = False, True
    listener = await opened.open()
    await opened.heard("PONG early")
    await opened.gateway.ping(b"late")
    await opened.heard("PONG late")
    await opened.gateway.pong(b"unasked")
    await opened.gateway.send('42["surprise"]')
    await listener.until(lambda: listener.events)
    assert listener.closed == listener.unreadable == listener.round_trips_s == []


async def test_while_polling_the_round_trip_is_that_of_a_post(opened: Opened) -> None:
    opened.gateway.upgrades = Upgrades.REFUSED
    listener = await opened.open()
    await listener.until(lambda: listener.round_trips_s)
    before = len(listener.round_trips_s)
    await opened.gateway.send(PING)
    await listener.until(lambda: len(listener.round_trips_s) > before)
    assert all(trip is not None and trip >= 0 for trip in listener.round_trips_s)


async def test_frames_are_read_as_usual_without_our_loop(opened: Opened) -> None:
    """The library's own loop reads by ``receive``, which answers pings and hides pongs."""
    opened.gateway.answers_pings, opened.gateway.pings_before_opening = False, True
    async with aiohttp.ClientSession(ws_response_class=websocket_pings.FrameWebSocket) as session:
        url = f"{opened.gateway.address.url}/socket.io/?transport=websocket"
        async with session.ws_connect(url, autoping=False) as websocket:
            assert (await websocket.receive()).data.startswith("0{")
            await opened.gateway.pong(b"unasked")
            await opened.gateway.send("next")
            assert (await websocket.receive(5)).data == "next"
            await opened.heard("PONG early")
