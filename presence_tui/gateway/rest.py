"""REST: the routes of a version, and what all responses share (wire contract, section 3)."""

import hashlib
import re
import uuid
from collections.abc import Awaitable, Callable
from email.utils import formatdate

from aiohttp import web

import presence_tui
from presence_tui.gateway import rest_accounts, rest_conversations
from presence_tui.gateway.context import GatewayContext
from presence_tui.gateway.rest_requests import CONTEXT, ErrorResponse, json_response, unexpected
from presence_tui.transport.addresses import is_own_host, is_own_origin
from presence_tui.wire.timestamps import wire_from_seconds

SOCKET_PATH = "/socket.io/"
NOT_LIMITED = frozenset({"/health", "/healthz", "/ready"})
LARGEST_BODY_BYTES = 1_000_000

_UUID_4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def build_app(context: GatewayContext, started_s: float) -> web.Application:
    """The web application of one start. ``started_s`` (Unix seconds) is the start of its uptime."""
    app = web.Application(middlewares=[_common], client_max_size=LARGEST_BODY_BYTES)
    app[CONTEXT] = context
    for door in (rest_accounts, rest_conversations):
        app.add_routes(door.routes(context))

    async def health(request: web.Request) -> web.Response:
        return json_response(_health(context, started_s))

    app.add_routes([web.get("/health", health), web.get("/info", _describe)])
    return app


@web.middleware
async def _common(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Handle errors, budget and headers of REST responses; sockets pass unless they are refused."""
    context = request.app[CONTEXT]
    if not _is_welcome(request, context.settings.host):
        return web.Response(status=403, text="Only programs, and pages of this address, are answered.\n")
    if request.path.startswith(SOCKET_PATH):
        if context.faults.refuse_sockets:
            asked_s = context.faults.refused_retry_after_s
            headers = {} if asked_s is None else {"Retry-After": str(asked_s)}
            return web.Response(status=503, text="Service Unavailable", headers=headers)
        return await handler(request)
    response = await _within_budget(context, request, handler)
    response.headers["Date"] = formatdate(context.clock.stamp().wall_s, usegmt=True)
    if not context.settings.is_legacy:
        asked_id = request.headers.get("X-Request-ID", "")
        response.headers["X-Request-ID"] = asked_id if _UUID_4.fullmatch(asked_id) else str(uuid.uuid4())
        response = _not_modified(request, response)
    return response


def _is_welcome(request: web.Request, own_name: str) -> bool:
    """False for a request that a page of another site sends through a user's browser."""
    origin = request.headers.get("Origin")
    return is_own_host(request.host, {own_name.lower()}) and (
        origin is None or is_own_origin(origin, request.host)
    )


async def _within_budget(context: GatewayContext, request: web.Request, handler: _Handler) -> web.Response:
    """Handle the request, or answer 429 once the address has used its budget (section 3.6)."""
    if context.faults.refuse_rest:
        return _out_of_service(context, request.path)
    if request.path in NOT_LIMITED:
        return await _answered(context, request, handler)
    verdict = context.rest_limiter.hit(request.remote or "")
    if verdict.allowed:
        response = await _answered(context, request, handler)
    else:
        response = json_response(unexpected(429, context.clock), 429)
        response.headers["retry-after"] = str(verdict.reset_s)
    response.headers["x-ratelimit-limit"] = str(context.rest_limiter.limit)
    response.headers["x-ratelimit-remaining"] = str(verdict.remaining)
    response.headers["x-ratelimit-reset"] = str(verdict.reset_s)
    return response


async def _answered(context: GatewayContext, request: web.Request, handler: _Handler) -> web.Response:
    """The route's response; errors are JSON."""
    try:
        response = await handler(request)
    except ErrorResponse as refusal:
        return json_response(refusal.body, refusal.status)
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
        message = f"Route {request.method}:{request.path} not found"
        return json_response({"message": message, "error": "Not Found", "statusCode": 404}, 404)
    except web.HTTPException as error:
        return json_response(unexpected(error.status, context.clock, error.reason), error.status)
    if not isinstance(response, web.Response):
        raise TypeError(f"{request.path} answered with a stream")
    return response


def _out_of_service(context: GatewayContext, path: str) -> web.Response:
    if path in NOT_LIMITED:
        sick = {
            "status": "unhealthy",
            "timestamp": wire_from_seconds(context.clock.stamp().wall_s),
            "error": "Database connection failed",
        }
        return json_response(sick, 503)
    return json_response(unexpected(503, context.clock, "Service Unavailable"), 503)


def _not_modified(request: web.Request, response: web.Response) -> web.Response:
    """Answer 304 if the client has the same response already (section 3.1)."""
    if request.method != "GET" or response.status != 200 or not isinstance(response.body, bytes):
        return response
    etag = f'"{hashlib.blake2b(response.body, digest_size=12).hexdigest()}"'
    response.headers["ETag"] = etag
    if request.headers.get("If-None-Match") != etag:
        return response
    headers = {name: text for name, text in response.headers.items() if not name.startswith("Content-")}
    return web.Response(status=304, headers=headers)


def _health(context: GatewayContext, started_s: float) -> dict[str, object]:
    now_s, uptime_s = context.clock.stamp().wall_s, context.faults.uptime_s
    health: dict[str, object] = {
        "status": "healthy",
        "timestamp": wire_from_seconds(now_s),
        "environment": "demo",
        "version": presence_tui.__version__,
        "services": {
            "database": {"status": "up", "userCount": len(context.directory.handles)},
            "translation": {"status": "up"},
            "websocket": {"status": "up"},
        },
        "uptime": round(now_s - started_s, 3) if uptime_s is None else uptime_s,
    }
    if not context.settings.is_legacy:
        health["build"] = "embedded"
    return health


async def _describe(request: web.Request) -> web.Response:
    context = request.app[CONTEXT]
    return json_response(
        {
            "name": "presence-tui embedded gateway",
            "version": presence_tui.__version__,
            "profile": context.settings.profile,
            "environment": "demo",
        }
    )
