"""What REST routes share: who asks, parameters, and the formats of responses (wire contract, section 3)."""

import re
from collections.abc import Sequence

from aiohttp import web
from msgspec import DecodeError, json

from presence_tui.gateway.access import TokenExpired, TokenRefused, UnknownAccount
from presence_tui.gateway.context import GatewayContext
from presence_tui.gateway.directory import Person
from presence_tui.store.clock import Clock
from presence_tui.wire.timestamps import wire_from_seconds

CONTEXT = web.AppKey("context", GatewayContext)

FRENCH = {
    "You do not have access to this conversation": "Accès non autorisé à cette conversation",
    "User not found": "Utilisateur introuvable",
    "Invalid token": "Token invalide ou expiré",
    "Link not found": "Lien introuvable",
    "Link expired": "Lien expiré",
    "Anonymous session not found": "Session anonyme introuvable",
}
"""The 2025 gateway answers in French; so does the login of both."""

_WHOLE = re.compile(r"\d{1,9}")


async def read_body(request: web.Request) -> dict[str, object]:
    """The JSON object of a request; an empty one for anything else."""
    try:
        body = json.decode(await request.read())
    except (DecodeError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def requester(request: web.Request) -> Person | None:
    """The requesting person, or ``None`` for a bad, expired or missing credential (optional
    authentication).
    """
    context = request.app[CONTEXT]
    if context.faults.refuse_sign_ins:
        return None
    token = _bearer(request)
    if token:
        try:
            return context.access.account(token)
        except (TokenExpired, TokenRefused, UnknownAccount):
            return None
    guest = context.access.guest(request.headers.get("X-Session-Token", ""))
    return guest.person if guest else None


def require_account(request: web.Request) -> Person:
    """The requesting account, which becomes active (required authentication).

    Raises ``ErrorResponse``: 401 without a valid credential, 403 for a guest.
    """
    context = request.app[CONTEXT]
    person = requester(request)
    if person is None:
        if _bearer(request):
            raise unauthorised("Invalid JWT token", "AUTH_FAILED")
        if "X-Session-Token" in request.headers:
            raise unauthorised("Invalid session token", "AUTH_FAILED")
        raise unauthorised("Authentication required", "AUTH_REQUIRED")
    if person.guest:
        raise unauthorised("Registered user required", "REGISTERED_USER_REQUIRED", 403)
    context.presence.record_request(person)
    return person


def int_param(request: web.Request, name: str, default: int, most: int | None = None) -> int:
    """A whole number from the query, at most ``most``. Raises ``ErrorResponse`` (400) if it is not a
    number.
    """
    text = request.query.get(name)
    if text is None:
        return default
    if not _WHOLE.fullmatch(text):
        raise invalid(name, "must be integer", request.app[CONTEXT].clock, "querystring")
    return int(text) if most is None else min(int(text), most)


def choice_param(request: web.Request, name: str, choices: tuple[str, ...]) -> str | None:
    """A query parameter with fixed choices, or ``None``. Raises ``ErrorResponse`` (400) for another value."""
    text = request.query.get(name)
    if text is not None and text not in choices:
        complaint = "must be equal to one of the allowed values"
        raise invalid(name, complaint, request.app[CONTEXT].clock, "querystring")
    return text


def _bearer(request: web.Request) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ")


class ErrorResponse(Exception):
    """A refused request. Raised by routes; the middleware turns it into a response."""

    def __init__(self, status: int, body: dict[str, object]) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


def json_response(body: object, status: int = 200) -> web.Response:
    return web.Response(body=json.encode(body), status=status, content_type="application/json")


def success(payload: object, status: int = 200, **beside: object) -> web.Response:
    """``{success: true, data, …}``; ``beside`` are further fields next to ``data``."""
    return json_response({"success": True, "data": payload, **beside}, status)


def error_response(context: GatewayContext, status: int, text: str, code: str | None) -> ErrorResponse:
    """A handler's error: ``{success: false, error, message, code?}``; French and without code in 2025."""
    legacy = context.settings.is_legacy
    text = FRENCH.get(text, text) if legacy else text
    body: dict[str, object] = {"success": False, "error": text, "message": text}
    if code is not None and not legacy:
        body["code"] = code
    return ErrorResponse(status, body)


def unauthorised(text: str, code: str, status: int = 401) -> ErrorResponse:
    """An error of the authentication middleware, which has no ``success``."""
    return ErrorResponse(status, {"error": text, "code": code})


def invalid(field: str, complaint: str, clock: Clock, place: str = "body") -> ErrorResponse:
    """A schema validation error of one field."""
    details: Sequence[dict[str, str]] = [{"field": field, "message": complaint}]
    return ErrorResponse(
        400,
        {
            "error": "Validation Error",
            "message": f"{place}/{field} {complaint}",
            "code": "VALIDATION_ERROR",
            "statusCode": 400,
            "details": details,
            "timestamp": wire_from_seconds(clock.stamp().wall_s),
        },
    )


def unexpected(status: int, clock: Clock, error: str = "Internal Server Error") -> dict[str, object]:
    """The body of uncaught errors, also used for 429."""
    return {
        "error": error,
        "message": "An unexpected error occurred",
        "statusCode": status,
        "timestamp": wire_from_seconds(clock.stamp().wall_s),
    }
