"""Ports for servers that are stopped and started again at the same address."""

import random
import socket
from pathlib import Path
from typing import Final

_LINUX_RANGE: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
_USUAL_RANGE: Final = (32_768, 65_535)
_LOWEST: Final = 10_000


def ephemeral_ports() -> tuple[int, int]:
    """The first and the last port that the system gives to connecting clients."""
    try:
        first, last = map(int, _LINUX_RANGE.read_text().split())
    except (OSError, ValueError):
        return _USUAL_RANGE
    return first, last


def restartable_port() -> int:
    """A free port of 127.0.0.1 that no client gets while the server is down.

    Port 0 would give an ephemeral one. While its server is down, any client may get it as its own, even
    one that connects to this very port, and nobody can listen there until a minute after that connection.
    """
    first, last = ephemeral_ports()
    ports = [*range(_LOWEST, first), *range(last + 1, 65_536)]
    random.SystemRandom().shuffle(ports)
    return next(filter(_is_free, ports), 0)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
