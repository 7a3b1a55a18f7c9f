"""Whether a request comes from a page of ours: a browser sends any page's requests to any address.

Another site may try it by a socket or form of its own (``Origin``), or by a name of its own that leads to
this address (``Host``, DNS rebinding). Programs that are no browser send no ``Origin``.
"""

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit


def is_own_host(host: str, others: Collection[str] = ()) -> bool:
    """True for an address, this machine's own name, or one of the ``others``: not for just any name."""
    name = host_name(f"//{host}")
    own = {"localhost", socket.gethostname().lower(), *others}
    return bool(name) and (name in own or name.endswith(".localhost") or _is_address(name))


def is_own_origin(origin: str, host: str, public_url: str = "") -> bool:
    """True for the page that a request to ``host`` reads, which a proxy may show as ``public_url``."""
    return origin in {f"http://{host}", f"https://{host}", public_url.rstrip("/") or f"http://{host}"}


def host_name(url: str) -> str:
    """The host of a URL; empty where it has none."""
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
