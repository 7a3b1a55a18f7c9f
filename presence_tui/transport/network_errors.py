"""Map errors of network libraries and the system to ours."""

import errno
import os
import socket
import ssl
from collections.abc import Iterator
from typing import Final

from presence_tui.domain.system_reasons import reason_within
from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.transport.addresses import Address
from presence_tui.transport.errors import (
    CertificateRefused,
    GatewayError,
    NameNotFound,
    NoTls,
    PortRefused,
    ProxyUnreachable,
    TimedOut,
    Unreachable,
)
from presence_tui.transport.proxies import NEEDS_PASSWORD, Proxy, refusal_by
from presence_tui.wire.sanitize import MESSAGE_CELLS, safe_text

_NO_ADDRESS_OF_ASYNCIO: Final = "could not bind on any address"


def network_error(
    error: BaseException, address: Address, limit_s: float, proxy: Proxy | None = None
) -> GatewayError:
    """Return our error for an error of a network library.

    With a proxy, an unresolved host or a refused connection is the proxy's. Libraries wrap system errors
    several times, not always as the cause, so the whole chain is searched.
    """
    chain = list(causes(error))
    if proxy is not None and (refusal := _refusal_by(proxy, chain)) is not None:
        return refusal
    distrust = [link for link in chain if isinstance(link, ssl.SSLCertVerificationError)]
    if distrust:
        # aiohttp wraps the error in one of its own subclass, whose message is empty.
        reasons = [why for link in distrust if (why := getattr(link, "verify_message", ""))]
        return CertificateRefused(address.host, safe_text(reasons[0] if reasons else "not valid"))
    if any(isinstance(link, socket.gaierror) for link in chain):
        return NameNotFound(address.host)
    if any(isinstance(link, ssl.SSLError) for link in chain):
        return NoTls(address.shown)
    if any(_is_refusal(link) for link in chain):
        return PortRefused(address.shown)
    if any(isinstance(link, TimeoutError) or "Timeout" in type(link).__name__ for link in chain):
        return TimedOut(address.shown, limit_s)
    text = safe_text(str(error) or type(error).__name__, MESSAGE_CELLS)
    return Unreachable(
        phrase("The connection to {address} broke: {said}.", address=address.shown, said=text.rstrip(".")),
        phrase("It will be tried again."),
    )


def _refusal_by(proxy: Proxy, chain: list[BaseException]) -> GatewayError | None:
    for link in chain:
        # Both libraries have a special error for a refused CONNECT; httpx gives its status only as text.
        if type(link).__name__ == "ClientHttpProxyError":
            return refusal_by(proxy, getattr(link, "status", 0), getattr(link, "message", ""))
        if type(link).__name__ == "WSServerHandshakeError" and getattr(link, "status", 0) == NEEDS_PASSWORD:
            return refusal_by(proxy, NEEDS_PASSWORD, "")
        if type(link).__name__ == "ProxyError":
            status, _, text = str(link).partition(" ")
            return refusal_by(proxy, int(status) if status.isdecimal() else 0, text)
    if any(isinstance(link, ssl.SSLError) for link in chain):
        # TLS starts after the proxy's part.
        return None
    if any(isinstance(link, socket.gaierror) for link in chain):
        return ProxyUnreachable(proxy.shown, phrase("its host has no address"))
    if any(_is_refusal(link) for link in chain):
        return ProxyUnreachable(proxy.shown, phrase("nothing listens there"))
    return None


def system_reason(error: OSError) -> Phrase:
    """Return only the system's message, such as "address already in use".

    asyncio prefixes it with the address, and from Python 3.12 on with "[errno 98]" as well. From 3.13 on it
    replaces that no address can be assigned by a text of its own, without a number.
    """
    if error.errno is None and str(error).startswith(_NO_ADDRESS_OF_ASYNCIO):
        reason = os.strerror(errno.EADDRNOTAVAIL)
    elif error.errno is None or isinstance(error, socket.gaierror):
        reason = error.strerror or str(error)
    else:
        reason = os.strerror(error.errno)
    return reason_within(reason)


def _is_refusal(link: BaseException) -> bool:
    # For a host with several addresses, asyncio joins the messages into one text.
    text = f"[Errno {errno.ECONNREFUSED}]"
    return isinstance(link, ConnectionRefusedError) or (isinstance(link, OSError) and text in str(link))


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and all its causes, nearest first."""
    pending, seen = [error], set[int]()
    while pending:
        link = pending.pop(0)
        if id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        if isinstance(link, BaseExceptionGroup):
            pending.extend(link.exceptions)
        # aiohttp keeps the system error here as well.
        pending.extend(
            inner
            for inner in (link.__cause__, link.__context__, getattr(link, "os_error", None))
            if isinstance(inner, BaseException)
        )
