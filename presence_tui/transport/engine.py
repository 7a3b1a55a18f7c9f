"""Engine.IO with an ear for every packet.

A presence monitor must know when it last heard anything, pings included, and the library tells its user
of messages only. This subclass touches one of the library's inner methods, so it is checked against the
installed version: where the method is gone, the stock client serves and only events count as heard.
"""

from collections.abc import Callable
from typing import Any

import engineio
import socketio

HEARS_PINGS = hasattr(engineio.AsyncClient, "_receive_packet")
"""False if the installed python-engineio is built differently from what this module knows."""


class _HearingEngine(engineio.AsyncClient):  # type: ignore[misc]
    def __init__(self, *args: Any, on_heard: Callable[[], None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._on_heard = on_heard

    async def _receive_packet(self, pkt: Any) -> None:
        self._on_heard()
        await super()._receive_packet(pkt)


class HearingClient(socketio.AsyncClient):  # type: ignore[misc]
    """A stock Socket.IO client whose engine calls ``on_heard`` for every packet that arrives."""

    def __init__(self, *, on_heard: Callable[[], None], **kwargs: Any) -> None:
        extra = {"on_heard": on_heard} if HEARS_PINGS else {}
        super().__init__(**kwargs, **extra)

    def _engineio_client_class(self) -> type:
        return _HearingEngine if HEARS_PINGS else engineio.AsyncClient
