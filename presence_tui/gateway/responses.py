"""REST responses: the envelope, and all error formats (wire contract, sections 3.1 and 3.6)."""

from collections.abc import Sequence

from aiohttp import web
from msgspec import json

from presence_tui.store.clock import Clock
from presence_tui.wire.timestamps import wire_from_seconds

FRENCH = {
    "You do not have access to this conversation": "Accès non autorisé à cette conversation",
    "User not found": "Utilisateur introuvable",
    "Invalid token": "Token invalide ou expiré",
    "Link not found": "Lien introuvable",
    "Link expired": "Lien expiré",
    "Anonymous session not found": "Session anonyme introuvable",
}
"""The 2025 gateway answers in French; so does the login of both."""


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


def error_response(status: int, text: str, code: str | None, legacy: bool) -> ErrorResponse:
    """A handler's error: ``{success: false, error, message, code?}``; French and without code in 2025."""
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
