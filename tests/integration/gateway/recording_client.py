"""A real Socket.IO client that records events, and waits for expected ones."""

import asyncio
from collections.abc import Callable
from typing import Any

import socketio

from presence_tui.gateway.server import Gateway
from presence_tui.wire import names

PATIENCE_S = 5.0
"""Time limit for expected results; passing tests never wait this long."""

Heard = tuple[str, Any]
Match = Callable[[Any], bool]


def anything(payload: Any) -> bool:
    return True


def of(key: str, flag: bool | None = None) -> Match:
    """Matches ``user:status`` of one person."""
    return lambda payload: payload["userId"] == key and (flag is None or payload["isOnline"] is flag)


class Listener:
    """One connection. ``heard`` has ``(event, payload)`` in order of arrival."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.client = socketio.AsyncClient(handle_sigint=False, reconnection=False)
        self.client.on("*", self._hear)
        self.client.on("disconnect", self._lose)
        self._news = asyncio.Event()
        self._lost_by: str | None = None

    async def connect(
        self,
        gateway: Gateway,
        auth: dict[str, Any] | None = None,
        transports: tuple[str, ...] = ("websocket",),
        headers: dict[str, str] | None = None,
    ) -> None:
        await self.client.connect(
            gateway.url,
            auth=auth,
            headers=headers or {},
            transports=list(transports),
            wait_timeout=PATIENCE_S,
        )

    async def close(self) -> None:
        engine = self.client.eio
        loops = [loop for loop in (engine.read_loop_task, engine.write_loop_task) if loop is not None]
        await self.client.disconnect()
        if loops:
            # The client reports the end before its read loop has ended.
            await asyncio.wait_for(asyncio.wait(loops), PATIENCE_S)
        if self.client.eio.http and not self.client.eio.http.closed:
            await self.client.eio.http.close()

    async def until(self, event: str, matches: Match = anything, count: int = 1) -> Any:
        """The payload of the ``count``-th such event, waiting if needed."""

        async def enough() -> Any:
            while len(found := self.all(event, matches)) < count:
                await self._more()
            return found[count - 1]

        return await asyncio.wait_for(enough(), PATIENCE_S)

    async def until_lost(self) -> str:
        """Wait for the disconnection and return its reason."""

        async def lost() -> str:
            while self._lost_by is None:
                await self._more()
            return self._lost_by

        return await asyncio.wait_for(lost(), PATIENCE_S)

    def all(self, event: str, matches: Match = anything) -> list[Any]:
        return [payload for name, payload in self.heard if name == event and matches(payload)]

    def events(self) -> list[str]:
        return [name for name, _ in self.heard]

    def forget(self) -> None:
        self.heard.clear()

    async def say(self, event: str, payload: Any = None) -> None:
        await self.client.emit(event, payload)

    async def fence(self) -> None:
        """Return once everything sent by the gateway before has arrived: it answers in order."""
        before = len(self.all(names.HEARTBEAT_ACK))
        await self.say(names.HEARTBEAT)
        await self.until(names.HEARTBEAT_ACK, count=before + 1)

    async def _more(self) -> None:
        self._news.clear()
        await self._news.wait()

    def _hear(self, event: str, payload: Any = None, *extra: Any) -> None:
        self.heard.append((event, payload))
        self._news.set()

    def _lose(self, reason: str) -> None:
        self._lost_by = reason
        self._news.set()
