"""The site of a wallboard: its page, the page's resources and the socket. Nothing is loaded from elsewhere.

There is no login, so other web pages in the same browser must be kept out: a socket of theirs
(``Origin``), or a host name of theirs that resolves to this address (``Host``).
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

import textual_serve
from aiohttp import WSMsgType, web
from aiohttp.typedefs import Handler

from presence_tui.transport.addresses import host_name, is_own_host, is_own_origin
from presence_tui.web.browser_session import COLUMNS, ROWS, BrowserSession, within

FULL_AGAIN_S: Final = 10
HEARTBEAT_S: Final = 15.0
LARGEST_MESSAGE: Final = 4_096
"""Maximum bytes of a message from a browser: a key or a size."""
FONT_SIZES: Final = (6, 72)
USUAL_FONT_SIZE: Final = 16
FROM_HERE_ALONE: Final = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_PAGE: Final = Path(__file__).parent / "page"
_LIBRARY: Final = Path(str(files(textual_serve))) / "static"


@dataclass(frozen=True, slots=True)
class Showing:
    """What browsers get: the command of the process, and the texts of the page."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    words: Mapping[str, str]
    """``language``, ``title``, ``background``, ``foreground``, ``begin``, ``lost`` and ``full``."""
    most: int
    """Maximum number of browsers at once."""


@dataclass
class WallboardSite:
    """Serves a read-only page. ``public_url`` is its URL behind a proxy."""

    showing: Showing
    public_url: str | None = None
    _sessions: set[web.WebSocketResponse] = field(default_factory=set)

    def application(self) -> web.Application:
        """The application for a server; its shutdown ends all sessions."""
        application = web.Application(middlewares=[self._for_us_alone])
        application.router.add_get("/", self._page)
        application.router.add_get("/ws", self._socket)
        application.router.add_static("/page", _PAGE)
        application.router.add_static("/static", _LIBRARY)
        application.on_shutdown.append(self._end_visits)
        return application

    @web.middleware
    async def _for_us_alone(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not is_own_host(request.host, {host_name(self.public_url or "")}):
            raise web.HTTPForbidden(text="This wallboard is not called by that name: see --public-url.\n")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(FROM_HERE_ALONE)
        return response

    async def _page(self, request: web.Request) -> web.Response:
        full = len(self._sessions) >= self.showing.most
        template = Template((_PAGE / ("full.html" if full else "wallboard.html")).read_text("utf-8"))
        words = {name: html.escape(word) for name, word in self.showing.words.items()}
        size = within(_number(request, "fontsize", USUAL_FONT_SIZE), FONT_SIZES)
        text = template.substitute(words, font_size=size, again_s=FULL_AGAIN_S)
        return web.Response(text=text, content_type="text/html", status=503 if full else 200)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if not is_own_origin(request.headers.get("Origin", ""), request.host, self.public_url or ""):
            raise web.HTTPForbidden(text="Only the wallboard's own page may look.\n")
        if len(self._sessions) >= self.showing.most:
            raise web.HTTPServiceUnavailable(text="All places are taken.\n")
        websocket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=LARGEST_MESSAGE)
        # Counted before the first await, so that two browsers cannot take the last place.
        self._sessions.add(websocket)
        try:
            await websocket.prepare(request)
            await self._visit(request, websocket)
        finally:
            self._sessions.discard(websocket)
        return websocket

    async def _visit(self, request: web.Request, websocket: web.WebSocketResponse) -> None:
        session = BrowserSession(self.showing.command, self.showing.environment, websocket)
        columns = within(_number(request, "width", 80), COLUMNS)
        rows = within(_number(request, "height", 24), ROWS)
        try:
            await session.start(columns, rows)
            async for message in websocket:
                if message.type is WSMsgType.TEXT:
                    await session.handle_message(message.data)
        finally:
            await session.stop()

    async def _end_visits(self, _: web.Application) -> None:
        for websocket in list(self._sessions):
            await websocket.close()


def _number(request: web.Request, name: str, usual: int) -> int:
    try:
        return int(request.query.get(name, ""))
    except ValueError:
        return usual
