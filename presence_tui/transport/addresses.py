"""The address of a gateway, and whether a request comes from our own page."""

import re
import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

import msgspec

from presence_tui.domain.translatable import Phrase, PhraseError, phrase
from presence_tui.wire.sanitize import MESSAGE_CELLS, safe_text

_HOST: Final = re.compile(r"[^\s/\\?#@]+")


class BadAddress(PhraseError):
    """The text is not a gateway address. ``sentence`` says why and shows the expected form."""


class Address(msgspec.Struct, frozen=True):
    """Scheme, host and port of a gateway, and the path it is served under, if any."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Parse ``https://gate.example:3000``. The default scheme is https, or http for this machine.

        Raises ``BadAddress``.
        """
        typed = text.strip()
        shown = _without_password(safe_text(typed, MESSAGE_CELLS))
        try:
            parts = urlsplit(typed if "://" in typed else f"//{typed}")
            host, port = parts.hostname, parts.port
        except ValueError as problem:
            raise BadAddress(phrase("{address!r} is no address.", address=shown)) from problem
        if parts.scheme not in ("", "http", "https"):
            raise BadAddress(phrase("{address!r} must begin with http:// or https://.", address=shown))
        if parts.username or parts.password or parts.query or parts.fragment:
            raise BadAddress(phrase("An address holds no user name, password, query or fragment."))
        if not host or host != safe_text(host) or not _HOST.fullmatch(host) or host in ("http", "https"):
            raise BadAddress(
                phrase(
                    "{address!r} names no host; an address looks like https://gate.example.", address=shown
                )
            )
        if port == 0:
            raise BadAddress(phrase("{address!r} names port 0, where nobody can listen.", address=shown))
        scheme = parts.scheme or ("http" if _is_loopback(host) else "https")
        usual = 443 if scheme == "https" else 80
        return cls(scheme, host, port or usual, parts.path.rstrip("/"))

    @property
    def url(self) -> str:
        """The full URL, without a trailing slash."""
        return f"{self.scheme}://{self.shown}{self.path}"

    @property
    def shown(self) -> str:
        """The host, with the port unless it is the scheme's default."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.scheme == "https" else 80
        return host if self.port == usual else f"{host}:{self.port}"

    @property
    def is_secure(self) -> bool:
        return self.scheme == "https"

    @property
    def is_loopback(self) -> bool:
        """True for this machine, which is never reached through a proxy."""
        return _is_loopback(self.host)

    @property
    def warning(self) -> Phrase | None:
        """A warning to show before a token is sent in the clear, or ``None``."""
        if self.is_secure or self.is_loopback:
            return None
        return phrase(
            "{address} is not encrypted: everybody on the way can read the token.", address=self.shown
        )


def is_own_host(host: str, others: Collection[str] = ()) -> bool:
    """True for an IP address, this machine's own name, or one of ``others``; false for other names.

    Browsers send any page's requests to any address: another site may use a host name of its own that
    resolves to this one (DNS rebinding).
    """
    name = host_name(f"//{host}")
    own = {"localhost", socket.gethostname().lower(), *others}
    return bool(name) and (name in own or name.endswith(".localhost") or _ip_address(name) is not None)


def is_own_origin(origin: str, host: str, public_url: str = "") -> bool:
    """True if the origin is the page at ``host``, or at ``public_url`` behind a proxy.

    Another site may use a socket or form of its own. Clients other than browsers send no ``Origin``.
    """
    return origin in {f"http://{host}", f"https://{host}", public_url.rstrip("/") or f"http://{host}"}


def host_name(url: str) -> str:
    """Return the host of a URL, or an empty string."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _without_password(typed: str) -> str:
    """The typed text without credentials, safe to repeat on a screen."""
    return re.sub(r"//[^/@]*@", "//…@", typed)


def _is_loopback(host: str) -> bool:
    number = _ip_address(host)
    return host == "localhost" or host.endswith(".localhost") or (number is not None and number.is_loopback)


def _ip_address(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host is written as; ``None`` for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None
