"""REST and the socket through the same proxy: tunnelling, forwarding, authentication and refusals."""

import base64
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import trustme

from presence_tui.transport import socket_feed
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.transport.errors import (
    CertificateRefused,
    GatewayError,
    ProxyNeedsPassword,
    ProxyRefused,
    ProxyUnreachable,
)
from presence_tui.transport.proxies import Proxy, open_tunnel
from presence_tui.transport.rest_client import RestClient
from presence_tui.transport.socket_feed import SocketFeed
from tests.contract.recording_listener import RecordingListener
from tests.unit.transport.tiny_gateway import TinyGateway, Upgrades
from tests.unit.transport.tiny_proxy import TinyProxy

pytestmark = pytest.mark.slow

ACCOUNT = Credential(CredentialKind.ACCOUNT, "a-secret-token")
STATUS = '42["user:status",{"userId":"ada","isOnline":true}]'
GATE = "gate.test"
"""A host that only the proxy can resolve."""


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(params=["https", "http"])
async def gateway(request: pytest.FixtureRequest, authority: trustme.CA) -> AsyncIterator[TinyGateway]:
    context = None
    if request.param == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(GATE).configure_cert(context)
    async with TinyGateway(context).running() as gateway:
        yield gateway


def address_of(gateway: TinyGateway) -> Address:
    return Address(gateway.scheme, GATE, gateway.port)


async def ask(gateway: TinyGateway, tls: ssl.SSLContext, proxy: Proxy) -> int:
    client = RestClient(address_of(gateway), tls, proxy=proxy)
    try:
        return (await client.request("GET", "/health")).status
    finally:
        await client.close()


async def hear(gateway: TinyGateway, tls: ssl.SSLContext, proxy: Proxy) -> str:
    """The transport over which a status arrived."""
    feed, listener = SocketFeed(address_of(gateway), tls, proxy=proxy), RecordingListener()
    try:
        await feed.open(ACCOUNT, listener)
        await gateway.send(STATUS)
        await listener.until(lambda: listener.statuses() == [("ada", True)])
        return feed.transport_name
    finally:
        await feed.close()


async def refused(gateway: TinyGateway, tls: ssl.SSLContext, proxy: Proxy) -> list[GatewayError]:
    """The errors of REST and the socket."""
    errors = []
    for attempt in (ask, hear):
        with pytest.raises(GatewayError) as refusal:
            await attempt(gateway, tls, proxy)
        errors.append(refusal.value)
    return errors


async def test_both_take_the_proxy(gateway: TinyGateway, tls: ssl.SSLContext) -> None:
    async with TinyProxy(gateway.port).running() as through:
        assert await ask(gateway, tls, through.proxy) == 200
        assert await hear(gateway, tls, through.proxy) == "websocket"
    host = f"{GATE}:{gateway.port}"
    if gateway.scheme == "https":
        assert through.asked == [f"CONNECT {host} HTTP/1.1"] * 2
    else:
        assert through.asked[0] == f"GET http://{host}/health HTTP/1.1"
        assert through.asked[1].startswith(f"GET http://{host}/socket.io/?")


@pytest.mark.parametrize("upgrades", [Upgrades.NEVER, Upgrades.SILENT, Upgrades.REFUSED])
async def test_where_no_upgrade_comes_through_the_socket_polls_through_the_proxy(
    gateway: TinyGateway, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, upgrades: Upgrades
) -> None:
    monkeypatch.setattr(socket_feed, "UPGRADE_LIMIT_S", 0.1)
    gateway.upgrades = upgrades
    async with TinyProxy(gateway.port).running() as through:
        assert await hear(gateway, tls, through.proxy) == "polling"
    assert through.asked


async def test_a_proxy_that_asks_for_a_password_is_given_it_or_gets_a_sentence(
    gateway: TinyGateway, tls: ssl.SSLContext
) -> None:
    async with TinyProxy(gateway.port, credentials="Basic bmFAbWU6d286cmQ=").running() as through:
        for error in await refused(gateway, tls, through.proxy):
            assert type(error) is ProxyNeedsPassword
            assert (
                str(error.advice)
                == f"Put them before its address: http://NAME:PASSWORD@{through.proxy.shown}."
            )
        known = replace(through.proxy, user="na@me", password="wo:rd")
        assert await ask(gateway, tls, known) == 200
        assert await hear(gateway, tls, known) == "websocket"


async def test_password_beyond_latin_1_reaches_the_proxy_as_utf_8(
    gateway: TinyGateway, tls: ssl.SSLContext
) -> None:
    """aiohttp encodes what stands in the address as Latin-1, so that the socket never connected."""
    secret = base64.b64encode("ñame:wörd🐙".encode()).decode()
    async with TinyProxy(gateway.port, credentials=f"Basic {secret}").running() as through:
        known = replace(through.proxy, user="ñame", password="wörd🐙")
        assert await ask(gateway, tls, known) == 200
        assert await hear(gateway, tls, known) == "websocket"


async def test_a_proxy_that_does_not_tunnel_is_named(gateway: TinyGateway, tls: ssl.SSLContext) -> None:
    if gateway.scheme == "http":
        pytest.skip("what a proxy answers to a forwarded request cannot be told from the gateway's answer")
    async with TinyProxy(gateway.port, answer="HTTP/1.1 403 Filtered\x07").running() as through:
        for error in await refused(gateway, tls, through.proxy):
            assert type(error) is ProxyRefused
            assert "403 Filtered" in str(error)
            assert str(error).isprintable()


async def test_a_proxy_that_is_not_there_is_named(gateway: TinyGateway, tls: ssl.SSLContext) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for error in await refused(gateway, tls, Proxy(Address("http", "127.0.0.1", port))):
        assert type(error) is ProxyUnreachable
        assert f"127.0.0.1:{port}" in str(error)
    for error in await refused(gateway, tls, Proxy(Address("http", "no-such-host.invalid", 1))):
        assert type(error) is ProxyUnreachable


async def test_trust_is_between_us_and_the_gateway(gateway: TinyGateway) -> None:
    if gateway.scheme == "http":
        pytest.skip("there is no certificate")
    async with TinyProxy(gateway.port).running() as through:
        for error in await refused(gateway, ssl.create_default_context(), through.proxy):
            assert type(error) is CertificateRefused
            assert GATE in str(error)


async def test_a_tunnel_is_opened_or_refused_by_hand_as_well(
    gateway: TinyGateway, tls: ssl.SSLContext
) -> None:
    async with TinyProxy(gateway.port, credentials="Basic bmFAbWU6d286cmQ=").running() as through:
        with pytest.raises(ProxyNeedsPassword):
            await open_tunnel(through.proxy, address_of(gateway), tls)
        known = replace(through.proxy, user="na@me", password="wo:rd")
        _, writer = await open_tunnel(known, address_of(gateway), tls)
        writer.close()
        assert through.asked == [f"CONNECT {GATE}:{gateway.port} HTTP/1.1"] * 2
    for answer in ("220 mail.example ESMTP", "HTTP/1.1 nonsense", ""):
        async with TinyProxy(gateway.port, answer=answer or "\r").running() as through:
            with pytest.raises(ProxyRefused):
                await open_tunnel(through.proxy, address_of(gateway), tls)
