"""The proxy for an address, for REST, the socket, webhooks and ``doctor`` alike.

The libraries disagree: for the socket, httpx looks up the scheme of the address and aiohttp ``ws`` or
``wss``. With the same environment, REST would use a proxy and the socket none.
"""

import asyncio
import base64
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from presence_tui.domain.translatable import PhraseError, phrase
from presence_tui.transport.addresses import Address
from presence_tui.transport.errors import ProxyNeedsPassword, ProxyRefused
from presence_tui.wire.sanitize import safe_text

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    import httpx

NEEDS_PASSWORD: Final = 407
"""HTTP status of a proxy that requires a name and password."""

_SCHEMES: Final = ("http", "https")


class BadProxy(PhraseError):
    """The configured proxy cannot be used. ``sentence`` says why, without its password."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy; ``user`` and ``password`` are empty if it needs none."""

    address: Address
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def shown(self) -> str:
        return self.address.shown

    @property
    def url(self) -> str:
        """The URL with name and password, for libraries; never show it."""
        return self._url_with(self.user, self.password)

    @property
    def url_for_latin_1(self) -> str:
        """The same for aiohttp, which sends name and password as Latin-1, so that it sends UTF-8."""
        return self._url_with(*(text.encode().decode("latin-1") for text in (self.user, self.password)))

    @property
    def headers(self) -> dict[str, str]:
        """Headers to send to the proxy with each request or tunnel."""
        if not self.user and not self.password:
            return {}
        credentials = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return {"Proxy-Authorization": f"Basic {credentials}"}

    def _url_with(self, user: str, password: str) -> str:
        if not user and not password:
            return self.address.url
        return f"{self.address.scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{self.shown}"


def proxy_for(address: Address, proxies: Mapping[str, str] | None = None) -> Proxy | None:
    """Return the proxy that the environment sets for an address, or ``None`` for a direct connection.

    Reads ``http_proxy``, ``https_proxy``, ``all_proxy`` and ``no_proxy``, also in capitals; this machine is
    never reached through a proxy. ``proxies`` replaces the environment, in the form of
    ``urllib.request.getproxies``. Raises ``BadProxy``.
    """
    if address.is_loopback:
        return None
    known = getproxies() if proxies is None else proxies
    variable = address.scheme if known.get(address.scheme) else "all"
    url = known.get(variable, "").strip()
    if not url or _is_excluded(address, known.get("no", "")):
        return None
    if proxies is None and sys.platform != "linux" and proxy_bypass(f"{address.host}:{address.port}"):
        # The system settings have their own list of exceptions.
        return None
    return _parse(url, f"{variable}_proxy")


def httpx_proxy(proxy: Proxy, tls: ssl.SSLContext) -> "httpx.Proxy":
    """Convert a proxy for httpx."""
    import httpx

    return httpx.Proxy(proxy.url, ssl_context=tls if proxy.address.is_secure else None)


async def open_tunnel(
    proxy: Proxy, address: Address, tls: ssl.SSLContext
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection to ``address`` through a proxy. Raises ``OSError`` and ``ProxyRefused``."""
    reader, writer = await asyncio.open_connection(
        proxy.address.host, proxy.address.port, ssl=tls if proxy.address.is_secure else None
    )
    try:
        host = f"[{address.host}]" if ":" in address.host else address.host
        lines = [f"CONNECT {host}:{address.port} HTTP/1.1", f"Host: {host}:{address.port}"]
        lines += [f"{name}: {text}" for name, text in proxy.headers.items()]
        writer.write("".join(f"{line}\r\n" for line in (*lines, "")).encode())
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        _check_tunnel(proxy, head.split(b"\r\n", 1)[0].decode(errors="replace"))
    except asyncio.IncompleteReadError as broken:
        writer.close()
        raise ProxyRefused(proxy.shown, phrase("it hung up")) from broken
    except BaseException:
        writer.close()
        raise
    return reader, writer


def refusal_by(proxy: Proxy, status: int, said: str) -> ProxyRefused:
    """Return the error for the status of a proxy's refusal."""
    if status == NEEDS_PASSWORD:
        return ProxyNeedsPassword(proxy.shown)
    return ProxyRefused(
        proxy.shown, phrase("{status} {said}", status=status, said=safe_text(said).rstrip("."))
    )


def _check_tunnel(proxy: Proxy, status_line: str) -> None:
    version, _, rest = status_line.partition(" ")
    status, _, said = rest.partition(" ")
    if not version.startswith("HTTP/") or not status.isdecimal():
        raise ProxyRefused(proxy.shown, phrase("it does not speak HTTP"))
    if not 200 <= int(status) < 300:
        raise refusal_by(proxy, int(status), said)


def _parse(url: str, variable: str) -> Proxy:
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname or "", parts.port
    except ValueError as problem:
        raise BadProxy(phrase("{variable} holds no address of a proxy.", variable=variable)) from problem
    if parts.scheme not in _SCHEMES:
        scheme = safe_text(parts.scheme)
        raise BadProxy(
            phrase(
                "{variable} names a proxy of a kind that is not supported ({scheme}); name one with http://.",
                variable=variable,
                scheme=scheme,
            )
        )
    if not host or host != safe_text(host):
        raise BadProxy(phrase("{variable} holds no address of a proxy.", variable=variable))
    usual = 443 if parts.scheme == "https" else 80
    address = Address(parts.scheme, host, port or usual)
    return Proxy(address, unquote(parts.username or ""), unquote(parts.password or ""))


def _is_excluded(address: Address, no_proxy: str) -> bool:
    host = address.host.lower().rstrip(".")
    # Commas separate, for curl and others spaces as well.
    return any(_excludes(entry, host, address.port) for entry in no_proxy.lower().replace(",", " ").split())


def _excludes(entry: str, host: str, port: int) -> bool:
    """True if the entry matches: ``*``, a domain or its subdomains, an address or a network, with or without
    port.
    """
    if entry == "*":
        return True
    name, its_port = _split_port(entry)
    if its_port and its_port != str(port):
        return False
    try:
        return ip_address(host) in ip_network(name, strict=False)
    except ValueError:
        name = name.removeprefix("*").strip(".")
        return bool(name) and (host == name or host.endswith(f".{name}"))


def _split_port(entry: str) -> tuple[str, str]:
    if entry.startswith("["):
        name, _, rest = entry[1:].partition("]")
        # Of a network, the length stands behind the bracket.
        length, _, port = rest.partition(":")
        return name + length, port
    if entry.count(":") == 1:
        name, _, port = entry.partition(":")
        return name, port
    return entry, ""
