"""Authenticates REST requests and reads their bodies and parameters."""

import re

from aiohttp import web
from msgspec import DecodeError, json

from presence_tui.gateway.access import TokenExpired, TokenRefused, UnknownAccount
from presence_tui.gateway.context import GatewayContext
from presence_tui.gateway.directory import Person
from presence_tui.gateway.responses import invalid, unauthorised

CONTEXT = web.AppKey("context", GatewayContext)
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
