"""REST and the socket through common proxies: tinyproxy and squid, as packaged by Debian."""

import asyncio
import shutil
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from presence_tui.storage.user_files import tls_context
from presence_tui.store import SystemClock
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialHolder, CredentialKind
from presence_tui.transport.proxies import Proxy
from presence_tui.transport.rest_client import RestClient
from presence_tui.transport.rest_source import RestSource
from presence_tui.transport.socket_feed import SocketFeed
from presence_tui.wire import messages
from tests.contract.recording_listener import RecordingListener
from tests.peers.conftest import StartGateway
from tests.peers.node import PROFILES
from tests.unit.transport.tiny_gateway import TinyGateway

STARTING_S = 20
BINARIES = "/usr/bin:/usr/sbin:/usr/local/bin:/usr/local/sbin"
STATUS = '42["user:status",{"userId":"ada","isOnline":true}]'


def command(name: str, port: int, folder: Path) -> list[str]:
    """Write the configuration; returns the arguments that keep the proxy in the foreground."""
    settings = {
        "tinyproxy": f"Port {port}\nListen 127.0.0.1\nAllow 127.0.0.1\nMaxClients 50\nTimeout 60\n",
        "squid": f"http_port 127.0.0.1:{port}\nhttp_access allow all\ncache deny all\npid_filename none\n"
        f"access_log none\ncache_log {folder}/cache.log\ncoredump_dir {folder}\nshutdown_lifetime 0\n",
    }
    file = folder / f"{name}.conf"
    file.write_text(settings[name])
    return {"tinyproxy": ["-d", "-c", str(file)], "squid": ["-N", "-f", str(file)]}[name]


@asynccontextmanager
async def running(name: str, folder: Path) -> AsyncIterator[Proxy]:
    """The proxy on a free port. Skips the test if it is not installed."""
    program = shutil.which(name, path=BINARIES)
    if program is None:
        pytest.skip(f"{name} is not installed (apt-get install {name})")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        program, *command(name, port, folder), stdout=quiet, stderr=quiet
    )
    try:
        async with asyncio.timeout(STARTING_S):
            await until_it_listens(port, process)
        yield Proxy(Address("http", "127.0.0.1", port))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until_it_listens(port: int, process: asyncio.subprocess.Process) -> None:
    ended = asyncio.create_task(process.wait())
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionError:
            # Pause between checks of another process; ends at once if the process does.
            done, _ = await asyncio.wait({ended}, timeout=0.05)
            assert not done, f"it ended with {process.returncode}"
            continue
        ended.cancel()
        writer.close()
        return


@pytest.fixture(params=["tinyproxy", "squid"])
async def proxy(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Proxy]:
    async with running(request.param, tmp_path) as proxy:
        yield proxy


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_gateway_in_the_clear_is_read_and_heard(
    proxy: Proxy, start_node_gateway: StartGateway, profile: str
) -> None:
    gateway = await start_node_gateway(profile)
    address = Address.parse(gateway.url)
    credential = Credential(CredentialKind.ACCOUNT, gateway.token)
    client = RestClient(address, tls_context(), proxy=proxy)
    source = RestSource(client, CredentialHolder(credential), SystemClock())
    feed, listener = SocketFeed(address, tls_context(), proxy=proxy), RecordingListener()
    try:
        assert (await source.discover()).name == profile
        await feed.open(credential, listener)
        await listener.until_message(messages.Authenticated)
        me = await gateway.me()
        key = next(key for key in await gateway.truth() if key != me)
        for flag in (True, False, True):
            await gateway.status(key, flag)
        await listener.until(lambda: listener.moves()[-3:] == [(key, True), (key, False), (key, True)])
        # Forwarding proxies strip the upgrade, unless they are told not to.
        assert feed.transport_name in ("websocket", "polling")
    finally:
        await feed.close()
        await source.close()


async def test_a_gateway_with_tls_is_heard_through_a_tunnel(proxy: Proxy) -> None:
    authority = trustme.CA()
    served, trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(served)
    authority.configure_trust(trusted)
    async with TinyGateway(served).running() as gateway:
        feed, listener = SocketFeed(gateway.address, trusted, proxy=proxy), RecordingListener()
        client = RestClient(gateway.address, trusted, proxy=proxy)
        try:
            assert (await client.request("GET", "/health")).status == 200
            await feed.open(Credential(CredentialKind.ACCOUNT, "secret"), listener)
            await gateway.send(STATUS)
            await listener.until(lambda: listener.statuses() == [("ada", True)])
            assert feed.transport_name == "websocket"
        finally:
            await feed.close()
            await client.close()
