"""Trust: the system's authorities and a configured one, nothing else."""

import ssl
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import trustme

from presence_tui.storage.user_files import BadCertificateFile, tls_context
from presence_tui.transport.addresses import Address
from presence_tui.transport.credentials import Credential, CredentialKind
from presence_tui.transport.errors import CertificateRefused, NoTls
from presence_tui.transport.rest_client import RestClient
from presence_tui.transport.socket_feed import SocketFeed
from presence_tui.wire.messages import Snapshot, Status
from tests.unit.transport.conftest import MakeClient
from tests.unit.transport.tiny_server import Reply, TinyServer


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return path


async def serving(authority: trustme.CA, *names: str) -> AsyncIterator[TinyServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    async with TinyServer(context).running() as server:
        server.on("/health", Reply(body={"status": "healthy"}))
        yield server


@pytest.fixture
async def secure(authority: trustme.CA) -> AsyncIterator[TinyServer]:
    async for server in serving(authority, "localhost"):
        yield server


@pytest.fixture
async def misnamed(authority: trustme.CA) -> AsyncIterator[TinyServer]:
    async for server in serving(authority, "other.example"):
        yield server


async def test_an_authority_that_was_named_is_trusted(
    secure: TinyServer, make_client: MakeClient, ca_file: Path
) -> None:
    client: RestClient = make_client(address=secure.address, tls=tls_context(ca_file))
    assert (await client.request("GET", "/health")).status == 200


async def test_an_unknown_issuer_is_refused_with_the_way_to_trust_it(
    secure: TinyServer, make_client: MakeClient
) -> None:
    with pytest.raises(CertificateRefused, match="certificate of localhost is not trusted") as refusal:
        await make_client(address=secure.address).request("GET", "/health")
    assert "--ca-file" in str(refusal.value)
    assert secure.asked == []


async def test_a_certificate_of_somebody_else_is_refused(
    misnamed: TinyServer, make_client: MakeClient, ca_file: Path
) -> None:
    with pytest.raises(CertificateRefused, match="not trusted"):
        await make_client(address=misnamed.address, tls=tls_context(ca_file)).request("GET", "/health")
    assert misnamed.asked == []


async def test_the_socket_refuses_an_unknown_issuer_too(secure: TinyServer) -> None:
    feed = SocketFeed(secure.address, tls_context())
    with pytest.raises(CertificateRefused):
        await feed.open(Credential(CredentialKind.ACCOUNT, "secret"), _Deaf())
    assert secure.asked == []


async def test_tls_asked_of_a_server_without_it_is_no_matter_of_trust(
    server: TinyServer, make_client: MakeClient
) -> None:
    address = Address.parse(f"https://localhost:{server.port}")
    with pytest.raises(NoTls) as refusal:
        await make_client(address=address).request("GET", "/health")
    assert str(refusal.value).startswith(f"localhost:{server.port} ")
    assert "--ca-file" not in str(refusal.value)


@pytest.mark.parametrize("content", [None, b"", b"no certificate", b"\xff\xfe"])
def test_a_file_that_is_no_certificate_is_reported(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "authority.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadCertificateFile, match=str(path)):
        tls_context(path)


def test_no_server_is_trusted_without_a_certificate() -> None:
    context = tls_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


class _Deaf:
    def on_event(self, event: str, arguments: tuple[object, ...], packet: str = "") -> None: ...

    def on_statuses(self, statuses: list[Status], packets: Sequence[str] = ()) -> None: ...

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

    def on_closed(self, reason: Exception) -> None: ...
