"""A scripted HTTP server that records its requests."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from presence_tui.transport.addresses import Address
from tests.unit.monitor.wait_until import Condition


@dataclass(frozen=True)
class Reply:
    """A body of bytes or text is sent unchanged, anything else as JSON."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    drips: Iterable[bytes] = ()
    """Pieces of the body, sent with short delays."""
    drip_every_s: float = 0.0
    never: bool = False
    """Do not answer until the server stops."""


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


class TinyServer:
    """Replies by path, in order; the last one is repeated. Other paths are 404."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.port = 0
        self._tls = tls
        self._replies: dict[str, list[Reply]] = {}
        self._ended = asyncio.Event()
        self._news = Condition()

    @property
    def address(self) -> Address:
        scheme = "http" if self._tls is None else "https"
        return Address.parse(f"{scheme}://localhost:{self.port}")

    def on(self, path: str, *replies: Reply) -> None:
        self._replies[path] = list(replies)

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def of(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]

    async def until_asked(self, times: int = 1) -> None:
        """Wait for that many requests."""
        await self._news.until(lambda: len(self.asked) >= times)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["TinyServer"]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=self._tls).start()
        self.port = runner.addresses[0][1]
        try:
            yield self
        finally:
            self._ended.set()
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.asked.append(
            Asked(request.method, request.path, dict(request.query), dict(request.headers), body)
        )
        self._news.notify()
        replies = self._replies.get(request.path, [Reply(404, {"error": "Not Found"})])
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if reply.never:
            await self._ended.wait()
        if reply.drips:
            return await self._drip(request, reply)
        return web.Response(status=reply.status, headers=reply.headers, **_content(reply.body))

    async def _drip(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        response = web.StreamResponse(status=reply.status, headers=reply.headers)
        await response.prepare(request)
        for drop in reply.drips:
            try:
                await response.write(drop)
            except ConnectionError:
                break
            if reply.drip_every_s and self._ended.is_set():
                break
            await asyncio.sleep(reply.drip_every_s)
        return response


def _content(body: Any) -> dict[str, Any]:
    if body is None:
        return {}
    if isinstance(body, bytes):
        return {"body": body, "content_type": "application/octet-stream"}
    if isinstance(body, str):
        return {"text": body, "content_type": "text/html"}
    return {"body": json.dumps(body).encode(), "content_type": "application/json"}
