"""Check that a request comes from our own page, because browsers send any page's requests to any address.

Another site may use a socket or form of its own (``Origin``), or a host name that resolves to this address
(``Host``, DNS rebinding). Clients other than browsers send no ``Origin``.
"""

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit


def is_own_host(host: str, others: Collection[str] = ()) -> bool:
    """True for an IP address, this machine's own name, or one of ``others``; false for other names."""
    name = host_name(f"//{host}")
    own = {"localhost", socket.gethostname().lower(), *others}
    return bool(name) and (name in own or name.endswith(".localhost") or _is_address(name))


def is_own_origin(origin: str, host: str, public_url: str = "") -> bool:
    """True if the origin is the page at ``host``, or at ``public_url`` behind a proxy."""
    return origin in {f"http://{host}", f"https://{host}", public_url.rstrip("/") or f"http://{host}"}


def host_name(url: str) -> str:
    """Return the host of a URL, or an empty string."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
