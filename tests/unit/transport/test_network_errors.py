"""Errors of network libraries are reported by their cause."""

import asyncio
import socket
import ssl

import aiohttp
import httpx
import pytest
from aiohttp.client_reqrep import ConnectionKey

from presence_tui.transport.addresses import Address
from presence_tui.transport.errors import (
    CertificateRefused,
    GatewayError,
    NameNotFound,
    PortRefused,
    TimedOut,
    Unreachable,
)
from presence_tui.transport.network_errors import causes, network_error, system_reason

HERE = Address.parse("https://gate.example:3000")
NO_NAME = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
REFUSED = ConnectionRefusedError(111, "Connection refused")
KEY = ConnectionKey("gate.example", 3000, True, True, None, None, None)


def certificate_error(why: str = "self-signed certificate") -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, f"[SSL: CERTIFICATE_VERIFY_FAILED] {why} (_ssl.c:1016)")
    error.verify_message = why
    error.reason = "CERTIFICATE_VERIFY_FAILED"
    return error


def tls_error(kind: type[ssl.SSLError], reason: str) -> ssl.SSLError:
    error = kind(1, f"[SSL: {reason}] (_ssl.c:1016)")
    error.reason = reason
    return error


def caused(outer: BaseException, inner: BaseException) -> BaseException:
    outer.__cause__ = inner
    return outer


def in_context(outer: BaseException, inner: BaseException) -> BaseException:
    outer.__context__ = inner
    return outer


CASES: list[tuple[str, BaseException, type[GatewayError]]] = [
    ("no such host", NO_NAME, NameNotFound),
    ("refused", REFUSED, PortRefused),
    ("certificate", certificate_error(), CertificateRefused),
    ("timeout", TimeoutError(), TimedOut),
    ("timeout of httpx", httpx.ReadTimeout("slow"), TimedOut),
    ("timeout of httpx, connecting", httpx.ConnectTimeout(""), TimedOut),
    ("timeout of aiohttp", aiohttp.ServerTimeoutError(), TimedOut),
    ("reset", ConnectionResetError(104, "Connection reset by peer"), Unreachable),
    ("unknown", ValueError("strange"), Unreachable),
    ("wrapped by httpx", caused(httpx.ConnectError("failed"), REFUSED), PortRefused),
    ("in the context only", in_context(httpx.ConnectError("failed"), NO_NAME), NameNotFound),
    ("wrapped twice", caused(httpx.ConnectError("a"), caused(OSError("b"), REFUSED)), PortRefused),
    ("wrapped by aiohttp", aiohttp.ClientConnectorError(KEY, REFUSED), PortRefused),
    (
        "wrapped by aiohttp, name",
        aiohttp.ClientConnectorDNSError(KEY, NO_NAME),
        NameNotFound,
    ),
    (
        "wrapped by aiohttp, certificate",
        caused(aiohttp.ClientConnectorCertificateError(KEY, certificate_error()), certificate_error()),
        CertificateRefused,
    ),
    ("grouped", caused(OSError("all failed"), ExceptionGroup("all", [OSError(), REFUSED])), PortRefused),
    ("a group itself", ExceptionGroup("all", [REFUSED]), PortRefused),
    ("a group in a group", ExceptionGroup("all", [ExceptionGroup("inner", [NO_NAME])]), NameNotFound),
]


@pytest.mark.parametrize(("case", "error", "expected"), CASES, ids=[case for case, *_ in CASES])
def test_the_cause_decides(case: str, error: BaseException, expected: type[GatewayError]) -> None:
    found = network_error(error, HERE, 15.0)
    assert type(found) is expected
    assert str(found.sentence).endswith(".")
    assert "gate.example" in str(found.sentence)


def test_the_certificates_own_complaint_is_told() -> None:
    found = network_error(certificate_error("certificate has expired"), HERE, 15.0)
    assert str(found.sentence).endswith("not trusted: certificate has expired.")


def test_the_limit_is_told() -> None:
    assert "within 7.5 s" in str(network_error(TimeoutError(), HERE, 7.5))


def test_what_the_system_said_is_made_safe_and_bounded() -> None:
    found = network_error(OSError("\x1b[31mred " + "x" * 5_000), HERE, 15.0)
    assert "\x1b" not in str(found)
    assert len(str(found)) < 600


def test_an_error_without_words_is_named() -> None:
    assert "ConnectionResetError" in str(network_error(ConnectionResetError(), HERE, 15.0))


def test_a_circle_of_causes_ends() -> None:
    first, second = OSError("first"), OSError("second")
    first.__cause__, second.__cause__ = second, first
    assert list(causes(first)) == [first, second]


@pytest.mark.parametrize(
    "error",
    [
        tls_error(ssl.SSLError, "WRONG_VERSION_NUMBER"),
        tls_error(ssl.SSLEOFError, "UNEXPECTED_EOF_WHILE_READING"),
    ],
    ids=["plain HTTP", "hung up"],
)
def test_a_server_that_speaks_no_tls_is_not_blamed_on_its_certificate(error: ssl.SSLError) -> None:
    """There is no issuer to trust, so ``--ca-file`` would be wrong advice."""
    found = network_error(error, HERE, 15.0)
    assert "--ca-file" not in str(found)
    assert "certificate" not in str(found)


async def test_two_addresses_that_both_refuse_are_a_refused_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a dual-stack ``localhost``, asyncio joins both refusals into one text without a cause."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    async def both(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in ("127.0.0.1", "127.0.0.2")
        ]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", both)
    with pytest.raises(OSError, match="Multiple exceptions") as refusals:
        await asyncio.open_connection("localhost", port)
    assert type(network_error(refusals.value, HERE, 15.0)) is PortRefused


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            OSError(98, "error while attempting to bind on address ('::1', 80): address already in use"),
            "address already in use",
        ),
        (
            OSError(
                98, "error while attempting to bind on address ('::1', 80): [errno 98] address already in use"
            ),
            "address already in use",
        ),
        (PermissionError(13, "Permission denied"), "permission denied"),
        (NO_NAME, "name or service not known"),
        (OSError("no number"), "no number"),
        (OSError(), ""),
    ],
)
def test_the_reason_is_what_the_system_said_and_no_more(error: OSError, reason: str) -> None:
    assert str(system_reason(error)) == reason


def test_no_address_to_listen_at_is_the_systems_message_on_every_python() -> None:
    # From 3.13 on asyncio has a text of its own, without a number.
    error = OSError("could not bind on any address out of [('192.0.2.1', 0)]")
    assert str(system_reason(error)) == "cannot assign requested address"
