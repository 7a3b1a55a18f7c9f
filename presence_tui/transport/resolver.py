"""Looks up host names in daemon threads, which do not delay the exit.

asyncio looks them up in its default executor, whose threads are joined when the loop ends. A resolver that
does not answer would keep the process alive for half a minute.
"""

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final
from weakref import WeakSet

_patched_loops: Final[WeakSet[asyncio.AbstractEventLoop]] = WeakSet()


def use_daemon_threads_for_lookups() -> None:
    """Let the running loop, and so every library that uses it, look names up in daemon threads."""
    loop = asyncio.get_running_loop()
    if loop not in _patched_loops:
        _patched_loops.add(loop)
        # Loops that are not written in Python take no attributes; then the wait stays.
        with suppress(AttributeError):
            loop.getaddrinfo = partial(_getaddrinfo, loop)  # type: ignore[method-assign]


async def _getaddrinfo(loop: asyncio.AbstractEventLoop, *args: Any, **kwargs: Any) -> Any:
    """As ``loop.getaddrinfo``, in a daemon thread of its own."""
    found: asyncio.Future[Any] = loop.create_future()

    def settle(set_outcome: Callable[[Any], None], outcome: Any) -> None:
        if not found.done():
            set_outcome(outcome)

    def look_up() -> None:
        outcome: Any
        set_outcome: Callable[[Any], None] = found.set_result
        try:
            outcome = socket.getaddrinfo(*args, **kwargs)
        except Exception as error:  # noqa: BLE001  (whoever waits for the answer raises it)
            outcome, set_outcome = error, found.set_exception
        # The loop may have ended meanwhile.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, set_outcome, outcome)

    threading.Thread(target=look_up, name="look-up", daemon=True).start()
    return await found
