"""The address of a gateway."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from presence_tui.wire.text import MESSAGE_CELLS, safe_text


class BadAddress(ValueError):
    """The text is no address of a gateway; the message says why and what one looks like."""


@dataclass(frozen=True, slots=True)
class Address:
    """Scheme, host and port of a gateway, and a path where it lives below one."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read ``https://gate.example:3000``; without a scheme, https is meant (http on this machine).

        Raises ``BadAddress``.
        """
        shown = safe_text(text, MESSAGE_CELLS)
        complete = text.strip() if "://" in text else f"//{text.strip()}"
        try:
            parts = urlsplit(complete)
            host, port = parts.hostname, parts.port
        except ValueError as problem:
            raise BadAddress(f"{shown!r} is no address: {safe_text(str(problem))}.") from problem
        if parts.scheme not in ("", "http", "https"):
            raise BadAddress(f"{shown!r} must begin with http:// or https://.")
        if not host or any(mark in host for mark in " \\"):
            raise BadAddress(f"{shown!r} names no host; an address looks like https://gate.example.")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise BadAddress("An address holds no user name, password, query or fragment.")
        scheme = parts.scheme or ("http" if _is_loopback(host) else "https")
        return cls(
            scheme, safe_text(host), port or (443 if scheme == "https" else 80), parts.path.rstrip("/")
        )

    @property
    def url(self) -> str:
        """Without a slash at the end."""
        return f"{self.scheme}://{self.shown}{self.path}"

    @property
    def shown(self) -> str:
        """Host and, unless it is the scheme's own, port."""
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


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
