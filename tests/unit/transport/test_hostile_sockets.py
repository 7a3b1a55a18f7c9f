"""The socket feed with a gateway or proxy that misbehaves or disappears."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace

import aiohttp
import engineio.async_client
import pytest
from engineio.base_client import connected_clients

from presence_tui.domain.limits import Bounds
from presence_tui.storage.user_files import tls_context
from presence_tui.transport import inline_engineio, socket_feed
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.transport.errors import (
    BoundExceeded,
    ConnectionLost,
    GatewayError,
    SessionUnknown,
    SocketRefused,
)
from presence_tui.transport.inline_engineio import LONGEST_WINDOW_S, SHORTEST_WINDOW_S, InlineClient
from presence_tui.transport.socket_feed import SocketFeed
from tests.contract.recording_listener import RecordingListener
from tests.integration.watch.running_monitor import open_files
from tests.unit.monitor.wait_until import breathe, other_tasks
from tests.unit.transport.tiny_gateway import TinyGateway, Upgrades

pytestmark = pytest.mark.slow

ACCOUNT = Credential(CredentialKind.ACCOUNT, "a-secret-token")
STATUS = '42["user:status",{"userId":"ada","isOnline":true}]'


@pytest.fixture
async def gateway() -> AsyncIterator[TinyGateway]:
    async with TinyGateway().running() as gateway:
        yield gateway


@pytest.fixture
async def feed(gateway: TinyGateway) -> AsyncIterator[SocketFeed]:
    feed = SocketFeed(gateway.address, tls_context(), bounds=Bounds(frame_bytes=2**20))
    yield feed
    await feed.close()


@pytest.fixture
async def listener(feed: SocketFeed) -> RecordingListener:
    """A listener of the open feed."""
    listener = RecordingListener()
    await feed.open(ACCOUNT, listener)
    return listener


async def until_heard(gateway: TinyGateway, listener: RecordingListener) -> None:
    """Wait for the next status."""
    before = len(listener.statuses())
    await gateway.send(STATUS)
    await listener.until(lambda: len(listener.statuses()) == before + 1)


# --- kinds of ends ---


def closes(code: int, reason: bytes = b"") -> Callable[[TinyGateway], Awaitable[None]]:
    return lambda gateway: gateway.close(code, reason)


def sends(packet: str) -> Callable[[TinyGateway], Awaitable[None]]:
    return lambda gateway: gateway.send(packet)


async def fin(gateway: TinyGateway) -> None:
    gateway.fin()


async def rst(gateway: TinyGateway) -> None:
    gateway.rst()


async def closes_without_code(gateway: TinyGateway) -> None:
    """As ``ws`` of Node does, but the TCP connection stays open."""
    gateway.write(b"\x88\x00")


ENDS = {
    "fin": (fin, "the gateway dropped the connection"),
    "rst": (rst, "the gateway reset the connection"),
    "close 1000": (closes(1000), "closed the socket (1000, normal closure)"),
    "close 1001": (closes(1001, b"restart"), "closed the socket (1001, it is going away): restart"),
    "close 1005": (closes_without_code, "closed the socket (1005, no code)"),
    "close 1008": (closes(1008), "closed the socket (1008, policy violation)"),
    "close 1009": (closes(1009), "closed the socket (1009, message too big)"),
    "close 1011": (closes(1011), "closed the socket (1011, internal error)"),
    "close 1013": (closes(1013), "closed the socket (1013, try again later)"),
    "close 4001": (closes(4001, b"\x1b[2J"), "closed the socket (4001): ␛[2J"),
    "server disconnect": (sends("41"), "the gateway ended the connection"),
    "connect error": (sends('44{"message":"not now"}'), "the gateway refuses the socket: not now"),
}


@pytest.mark.parametrize(("kind", "end", "said"), [(kind, *it) for kind, it in ENDS.items()], ids=ENDS)
async def test_each_end_is_told_once_and_apart(
    gateway: TinyGateway,
    feed: SocketFeed,
    listener: RecordingListener,
    kind: str,
    end: Callable[..., Awaitable[None]],
    said: str,
) -> None:
    await until_heard(gateway, listener)
    await gateway.send(STATUS)
    await end(gateway)
    reason = await listener.until_closed()
    assert isinstance(reason, ConnectionLost)
    assert reason.kind == kind
    assert said in str(reason)
    assert len(listener.statuses()) == 2, "data before the close is not lost"
    await feed.close()
    await breathe()
    assert listener.closed == [reason]


async def test_an_engine_that_closes_has_ended_the_connection(
    gateway: TinyGateway, listener: RecordingListener
) -> None:
    await gateway.send("1")
    assert (await listener.until_closed()).kind == "server disconnect"


async def test_a_refusal_after_the_welcome_is_noticed_although_a_close_follows(
    gateway: TinyGateway, listener: RecordingListener
) -> None:
    await gateway.send("44{}")
    await gateway.close(1000)
    assert (await listener.until_closed()).kind == "connect error"


async def test_a_refusal_instead_of_the_welcome_is_told_in_its_words(
    gateway: TinyGateway, feed: SocketFeed
) -> None:
    gateway.welcome = '44{"message":"come back later"}'
    with pytest.raises(SocketRefused, match="come back later") as refusal:
        await feed.open(ACCOUNT, RecordingListener())
    assert refusal.value.kind == "connect error"


# --- limits ---


def status_of(size: int) -> str:
    return STATUS + " " * (size - len(STATUS))


async def test_a_frame_of_exactly_the_bound_passes(gateway: TinyGateway, listener: RecordingListener) -> None:
    await gateway.send(status_of(2**20))
    await listener.until(lambda: listener.statuses() == [("ada", True)])
    await until_heard(gateway, listener)


async def test_a_frame_over_the_bound_is_our_own_refusal(
    gateway: TinyGateway, listener: RecordingListener
) -> None:
    await gateway.send(status_of(2**20 + 1))
    assert isinstance(await listener.until_closed(), BoundExceeded)


# --- packets that the library ignores ---

SWALLOWED = (
    *("42[", "42{}", "430", '45-["a"]', '450-["a"', '42["presence:snapshot"', "42[7]", "42" + "[" * 5_000),
    *('455999999-["a"]', '4551-["a"]', "7", "x", "", "0{}", "43[]", '42/admin,["user:status",{}]', b"bytes"),
    *('451-["a",{"_placeholder":true,"num":0}]', "b!"),
    *('42["user:status",' + "[" * 5_000, '42["user:status",{"a":' * 3_000),
)


@pytest.mark.parametrize("packet", SWALLOWED, ids=lambda it: repr(it[:24]))
async def test_what_is_no_packet_is_counted_and_reading_goes_on(
    gateway: TinyGateway, listener: RecordingListener, packet: str | bytes
) -> None:
    await until_heard(gateway, listener)
    await gateway.send(packet)
    await until_heard(gateway, listener)
    assert len(listener.unreadable) == 1
    assert listener.unreadable[0].isprintable()
    assert listener.closed == []


async def test_a_status_nested_without_end_costs_no_other(
    gateway: TinyGateway, listener: RecordingListener
) -> None:
    nested = f'42["user:status",{{"userId":"deep","isOnline":true,"x":{"[" * 5_000}{"]" * 5_000}}}]'
    await gateway.send(STATUS, nested, STATUS)
    await listener.until(lambda: len(listener.statuses()) == 3)
    assert [key for key, _ in listener.statuses()] == ["ada", "deep", "ada"]


async def test_an_event_that_has_a_name_of_the_librarys_is_an_event(
    gateway: TinyGateway, listener: RecordingListener
) -> None:
    for name in ("disconnect", "connect", "connect_error", "__disconnect_final"):
        await gateway.send(f'42["{name}","io server disconnect"]')
    await until_heard(gateway, listener)
    assert listener.closed == []
    assert [event for event, _ in listener.events[:4]] == [
        *("disconnect", "connect", "connect_error", "__disconnect_final")
    ]


# --- pings ---


async def test_pings_are_answered_and_told(gateway: TinyGateway, listener: RecordingListener) -> None:
    await gateway.send("2", "2mark")
    await gateway.news.until(lambda: gateway.heard[-2:] == ["3", "3mark"])
    assert listener.pings == 2


async def test_a_gateway_that_stops_pinging_is_listened_to_as_long_as_it_sends(
    gateway: TinyGateway, feed: SocketFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library's writer stops after a while without packets to send, and its reader with it."""

    async def over_at_once(waited: Awaitable[object], timeout: float | None) -> object:
        if asyncio.iscoroutine(waited):
            waited.close()
        raise TimeoutError

    impatient = SimpleNamespace(**{**vars(asyncio), "wait_for": over_at_once})
    monkeypatch.setattr(engineio.async_client, "asyncio", impatient)
    listener = RecordingListener()
    await feed.open(ACCOUNT, listener)
    for _ in range(5):
        await until_heard(gateway, listener)
    assert listener.closed == []
    await feed.emit("conversation:join", {"conversationId": "c"})
    await gateway.news.until(lambda: "conversation:join" in gateway.heard[-1])


@pytest.mark.parametrize(
    ("interval_ms", "timeout_ms", "window_s"),
    [
        (25_000, 20_000, 45),
        (0, 0, SHORTEST_WINDOW_S),
        (1, 1, SHORTEST_WINDOW_S),
        (-9_000, 0, SHORTEST_WINDOW_S),
        (10**12, 10**12, LONGEST_WINDOW_S),
    ],
)
async def test_windows_are_within_reason(
    gateway: TinyGateway, feed: SocketFeed, interval_ms: int, timeout_ms: int, window_s: float
) -> None:
    gateway.opening |= {"pingInterval": interval_ms, "pingTimeout": timeout_ms}
    listener = RecordingListener()
    await feed.open(ACCOUNT, listener)
    assert feed.silence_limit_s == window_s
    await until_heard(gateway, listener)


# --- failed upgrades ---


@pytest.mark.parametrize("upgrades", [Upgrades.NEVER, Upgrades.SILENT, Upgrades.REFUSED])
async def test_an_upgrade_that_hangs_falls_back_to_polling_and_is_remembered(
    gateway: TinyGateway, feed: SocketFeed, monkeypatch: pytest.MonkeyPatch, upgrades: Upgrades
) -> None:
    monkeypatch.setattr(socket_feed, "UPGRADE_LIMIT_S", 0.1)
    gateway.upgrades = upgrades
    listener = RecordingListener()
    async with asyncio.timeout(5):
        await feed.open(ACCOUNT, listener)
    assert feed.transport_name == "polling"
    await until_heard(gateway, listener)
    await feed.open(ACCOUNT, listener)
    assert gateway.asked == ["websocket", "polling", "polling"]


async def test_after_a_while_the_websocket_is_the_first_to_be_tried_again(
    gateway: TinyGateway, feed: SocketFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_feed, "POLLING_REMEMBERED_S", 0.0)
    gateway.upgrades = Upgrades.REFUSED
    await feed.open(ACCOUNT, RecordingListener())
    gateway.upgrades = Upgrades.WORK
    await feed.open(ACCOUNT, RecordingListener())
    assert feed.transport_name == "websocket"
    assert gateway.asked == ["websocket", "polling", "websocket"]


async def test_where_polling_is_remembered_and_refused_the_websocket_is_tried(
    gateway: TinyGateway, feed: SocketFeed
) -> None:
    gateway.upgrades = Upgrades.REFUSED
    await feed.open(ACCOUNT, RecordingListener())
    gateway.upgrades = Upgrades.WORK
    gateway.opening = {}
    with pytest.raises(SocketRefused):
        await feed.open(ACCOUNT, RecordingListener())
    assert gateway.asked == ["websocket", "polling", "polling", "websocket"]


async def test_a_gateway_that_is_slow_behind_its_opening_is_waited_for(
    gateway: TinyGateway, feed: SocketFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the upgrade has the short limit; after it, authentication may take longer."""
    monkeypatch.setattr(socket_feed, "UPGRADE_LIMIT_S", 0.1)
    gateway.welcome = None
    opening = asyncio.create_task(feed.open(ACCOUNT, RecordingListener()))
    await gateway.news.until(lambda: gateway.heard)
    await asyncio.wait([opening], timeout=0.3)
    assert not opening.done()
    await gateway.send('40{"sid":"y"}')
    await opening
    assert gateway.asked == ["websocket"]


# --- later upgrades ---


async def test_a_connection_that_polls_goes_on_as_a_websocket_later(
    gateway: TinyGateway, feed: SocketFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inline_engineio, "FIRST_UPGRADE_S", 0.0)
    gateway.upgrades = Upgrades.REFUSED
    listener = RecordingListener()
    await feed.open(ACCOUNT, listener)
    gateway.upgrades = Upgrades.WORK
    await gateway.send(STATUS)
    await listener.until(lambda: listener.upgrades)
    assert feed.transport_name == "websocket"
    assert gateway.asked[:2] == ["websocket", "polling"]
    assert set(gateway.asked[2:]) == {"probe"}
    await gateway.news.until(lambda: gateway.heard[-1] == "5")
    await until_heard(gateway, listener)
    await feed.emit("conversation:join", {"conversationId": "c"})
    await gateway.news.until(lambda: "conversation:join" in gateway.heard[-1])
    await gateway.close(1001)
    assert (await listener.until_closed()).kind == "close 1001"


@pytest.mark.parametrize("upgrades", [Upgrades.NEVER, Upgrades.SILENT, Upgrades.REFUSED])
async def test_polling_goes_on_while_an_upgrade_hangs_and_after_it(
    gateway: TinyGateway, feed: SocketFeed, monkeypatch: pytest.MonkeyPatch, upgrades: Upgrades
) -> None:
    monkeypatch.setattr(inline_engineio, "FIRST_UPGRADE_S", 0.0)
    monkeypatch.setattr(inline_engineio, "UPGRADE_LIMIT_S", 0.1)
    gateway.upgrades = Upgrades.REFUSED
    listener = RecordingListener()
    await feed.open(ACCOUNT, listener)
    gateway.upgrades = upgrades
    while gateway.asked.count("probe") < 2:
        await until_heard(gateway, listener)
    assert (feed.transport_name, listener.upgrades, listener.closed) == ("polling", 0, [])


# --- no leaks ---


async def reconnect(gateway: TinyGateway, feed: SocketFeed, end: Callable[..., Awaitable[None]]) -> None:
    listener = RecordingListener()
    await feed.open(ACCOUNT, listener)
    await end(gateway)
    await listener.until_closed()


async def test_reconnects_of_any_kind_leave_nothing_behind(gateway: TinyGateway, feed: SocketFeed) -> None:
    """A kick left one client in a list of the library, with its session."""

    async def of_each_kind() -> None:
        for end, _ in ENDS.values():
            await reconnect(gateway, feed, end)
        await feed.close()
        await breathe()
        gc.collect()

    await of_each_kind()
    tasks, files, clients = other_tasks(), open_files(), len(connected_clients)
    for _ in range(3):
        await of_each_kind()
    assert len(connected_clients) == clients == 0
    assert other_tasks() - tasks == set()
    assert open_files() - files == set()
    alive = [it for it in gc.get_objects() if isinstance(it, InlineClient | aiohttp.ClientSession)]
    assert len(alive) <= 1


@pytest.mark.parametrize("upgrades", [Upgrades.WORK, Upgrades.REFUSED], ids=["websocket", "polling"])
async def test_a_closing_that_takes_too_long_leaves_nothing_behind(
    gateway: TinyGateway, feed: SocketFeed, monkeypatch: pytest.MonkeyPatch, upgrades: Upgrades
) -> None:
    """The library removes a client from its list only at the end of a loop that was not cancelled."""
    monkeypatch.setattr(socket_feed, "CLOSE_LIMIT_S", 0.0)
    gateway.upgrades = upgrades
    tasks = other_tasks()
    for _ in range(3):
        await feed.open(ACCOUNT, RecordingListener())
        await feed.close()
    assert connected_clients == []
    await breathe()
    assert other_tasks() - tasks == set()


@pytest.mark.parametrize("opening", [{}, {"sid": 7}, {"sid": "x", "upgrades": 1, "pingInterval": "soon"}])
async def test_openings_that_fail_leave_nothing_behind_either(
    gateway: TinyGateway, feed: SocketFeed, opening: dict[str, object]
) -> None:
    gateway.opening = opening
    for _ in range(3):
        with pytest.raises(GatewayError):
            await feed.open(ACCOUNT, RecordingListener())
    assert connected_clients == []


@pytest.mark.parametrize("upgrades", [None, True, 5])
async def test_a_poll_is_opened_with_a_list_of_upgrades_or_not_at_all(
    gateway: TinyGateway, feed: SocketFeed, upgrades: object
) -> None:
    """The library fails between opening and reading. Closing what is half open ended the program."""
    gateway.upgrades = Upgrades.REFUSED
    gateway.opening["upgrades"] = upgrades
    with pytest.raises(SocketRefused):
        await feed.open(ACCOUNT, RecordingListener())
    assert connected_clients == []


@pytest.mark.parametrize("packet", ["1", "41", "44{}", "x", ""])
async def test_an_end_in_the_answer_that_opens_is_an_end(
    gateway: TinyGateway, feed: SocketFeed, packet: str
) -> None:
    gateway.upgrades = Upgrades.REFUSED
    gateway.behind_opening = f"\x1e{packet}"
    with pytest.raises(GatewayError):
        await feed.open(ACCOUNT, RecordingListener())
    assert connected_clients == []


async def test_a_post_over_a_connection_that_was_closed_meanwhile_is_repeated(
    gateway: TinyGateway, feed: SocketFeed
) -> None:
    """Some proxies close idle connections without announcing it."""
    gateway.upgrades = Upgrades.REFUSED
    gateway.drops_posts = 1
    listener = RecordingListener()
    await feed.open(ACCOUNT, listener)
    await until_heard(gateway, listener)
    assert listener.closed == []


async def test_a_post_that_is_refused_ends_the_connection_at_once(
    gateway: TinyGateway, feed: SocketFeed
) -> None:
    gateway.upgrades = Upgrades.REFUSED
    listener = RecordingListener()
    await feed.open(ACCOUNT, listener)
    gateway.refuses_posts = True
    await feed.emit("conversation:join", {"conversationId": "c"})
    assert (await listener.until_closed()).kind == "session unknown"


async def test_two_servers_without_sticky_sessions_are_named_at_once(
    gateway: TinyGateway, feed: SocketFeed
) -> None:
    gateway.upgrades = Upgrades.REFUSED
    gateway.refuses_posts = True
    with pytest.raises(SessionUnknown, match="without sticky sessions") as refusal:
        await feed.open(ACCOUNT, RecordingListener())
    assert refusal.value.kind == "session unknown"
