"""Ends of the link against the official server: distinguished, counted, and without avoidable loss."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, web

from presence_tui.domain.enums import Outcome
from presence_tui.monitor.link import LinkState
from presence_tui.storage.user_files import tls_context
from presence_tui.transport import inline_engineio
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.transport.errors import SessionUnknown
from presence_tui.transport.socket_feed import SocketFeed
from tests.contract.backends import BACKENDS, Backend, named_backend
from tests.contract.no_websocket import refuse_websockets
from tests.contract.recording_listener import RecordingListener
from tests.peers.conftest import StartGateway
from tests.peers.monitor_harness import accounts_of, flags_of, shown, watching
from tests.peers.node import PROFILES, NodeGateway

CUT_NAME = "Ada \ud83d"
"""JavaScript's encoding of a name cut in the middle of an emoji."""

Way = Callable[[NodeGateway], Awaitable[object]]
WAYS: dict[str, Way] = {
    "server disconnect": lambda gateway: gateway.kick(),
    "fin": lambda gateway: gateway.cut(),
    "rst": lambda gateway: gateway.cut(reset=True),
}


@pytest.mark.parametrize("kind", WAYS)
async def test_each_end_is_counted_by_its_kind(node_gateway: NodeGateway, kind: str) -> None:
    async with watching(node_gateway) as monitor:
        for lives in (1, 2):
            await monitor.until_settled(lives)
            await WAYS[kind](node_gateway)
        await monitor.until_live(3)
        assert monitor.monitor.counters.ends == {kind: 2}


async def test_refused_upgrades_are_counted_as_such(node_gateway: NodeGateway) -> None:
    async with watching(node_gateway) as monitor:
        await monitor.until_settled()
        await node_gateway.refuse(sockets=True)
        await monitor.until(lambda: monitor.monitor.counters.ends["refused upgrade"])
        await node_gateway.refuse(sockets=False)
        await monitor.until_live(2)


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_gateway_that_stops_pinging_is_not_left(
    start_node_gateway: StartGateway, profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One event of four fell into gaps: the connection was dropped once there was nothing to answer."""
    # Long enough for a busy machine: who answers too late is dropped by the gateway itself.
    monkeypatch.setattr(inline_engineio, "SHORTEST_WINDOW_S", 2.0)
    gateway = await start_node_gateway(profile, ping_interval_ms=1_000, ping_timeout_ms=1_000)
    async with watching(gateway) as monitor:
        await monitor.until_settled()
        await gateway.stop_pings()
        key, flag, flips = (await accounts_of(gateway))[0], True, 0
        while not any("stopped pinging" in notice for notice in monitor.notices):
            flag = not flag
            await gateway.status(key, flag)
            await monitor.until_flag(key, flag)
            flips += 1
        assert flips
        assert monitor.status.state is LinkState.LIVE
        assert (monitor.status.epoch, dict(monitor.monitor.counters.ends)) == (1, {})


@pytest.mark.parametrize(
    "text", ["2[", "2{}", "30", '5-["a"]', '5999999-["a"]', '2["presence:snapshot"', "2[[["]
)
async def test_packets_that_the_library_swallows_are_counted_and_the_next_is_heard(
    node_gateway: NodeGateway, text: str
) -> None:
    async with watching(node_gateway) as monitor:
        await monitor.until_settled()
        before = monitor.monitor.counters.of(Outcome.MALFORMED)
        await node_gateway.raw(text)
        key = (await accounts_of(node_gateway))[0]
        for flag in (False, True):
            await node_gateway.status(key, flag)
            await monitor.until_flag(key, flag)
        assert monitor.monitor.counters.of(Outcome.MALFORMED) == before + 1
        assert monitor.status.epoch == 1


async def test_half_an_emoji_drops_no_participant(node_gateway: NodeGateway) -> None:
    """In a name of the list, of an event, of a snapshot and of the list of conversations."""
    me, accounts = await node_gateway.me(), await accounts_of(node_gateway)
    await node_gateway.rename(accounts[0], CUT_NAME)
    await node_gateway.retitle(CUT_NAME)
    async with watching(node_gateway) as monitor:
        await monitor.until_settled()
        assert shown(monitor) == await flags_of(node_gateway)
        assert monitor.record(accounts[0]).name == "Ada �"
        assert monitor.monitor.conversation is not None
        assert monitor.monitor.conversation.title == "Ada �"
        await node_gateway.status(accounts[1], False, username=CUT_NAME)
        await node_gateway.status(accounts[1], True, username=CUT_NAME)
        await monitor.until_flag(accounts[1], True)
        assert me in monitor.store.participants
        assert monitor.monitor.counters.of(Outcome.MALFORMED) == monitor.monitor.counters.malformed_rows == 0


# --- two servers without sticky sessions ---


@asynccontextmanager
async def in_turn(*urls: str) -> AsyncIterator[str]:
    """A balancer that sends each request to the next server, and blocks WebSockets."""
    turns = 0

    async def lead(request: web.Request) -> web.StreamResponse:
        nonlocal turns
        turns += 1
        url = urls[turns % len(urls)] + request.path_qs
        async with client.request(request.method, url, data=await request.read()) as answer:
            return web.Response(status=answer.status, body=await answer.read())

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", lead)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    async with ClientSession() as client:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


@pytest.fixture(params=BACKENDS)
async def two_servers(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Backend, Backend]]:
    async with named_backend(request.param) as one, named_backend(request.param) as other:
        yield one, other


async def test_two_servers_without_sticky_sessions_are_named_at_once(
    two_servers: tuple[Backend, Backend], monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_websockets(monkeypatch)
    one, other = two_servers
    async with in_turn(one.url, other.url) as url:
        feed = SocketFeed(Address.parse(url), tls_context())
        async with asyncio.timeout(5):
            with pytest.raises(SessionUnknown, match=r"without sticky sessions \(Session ID unknown\)"):
                await feed.open(Credential(CredentialKind.ACCOUNT, one.token), RecordingListener())
        await feed.close()
