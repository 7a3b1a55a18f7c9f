"""REST of guests: joining by a link, and leaving (wire contract, section 1.4)."""

from aiohttp import web

from presence_tui.gateway.context import GatewayContext
from presence_tui.gateway.directory import Conversation, Membership
from presence_tui.gateway.payloads import encodable, text_field
from presence_tui.gateway.rest_requests import CONTEXT, error_response, invalid, read_body, success

LONGEST_NAME = 50
HANDLE_PREFIX = "ano_"
"""Prefix of a guest's user name in the newer version."""
LONGEST_LANGUAGE = 12


def routes(context: GatewayContext) -> list[web.RouteDef]:
    """The routes of guests."""
    prefix = context.settings.contract.rest_prefix
    return [
        web.post(f"{prefix}/anonymous/join/{{link_id}}", join),
        web.post(f"{prefix}/anonymous/refresh", refresh),
        web.post(f"{prefix}/anonymous/leave", leave),
    ]


async def join(request: web.Request) -> web.Response:
    """``{firstName, lastName, username?, language?}`` to a guest; a link has its conversation's name.

    No event is sent until the guest's socket authenticates (section 2.5).
    """
    context = request.app[CONTEXT]
    link_id = request.match_info["link_id"]
    conversation = context.directory.conversation(link_id)
    if conversation is None:
        raise error_response(context, 404, "Link not found", "LINK_NOT_FOUND")
    if context.faults.refuse_links:
        raise error_response(context, 410, "Link expired", "LINK_EXPIRED")
    body = await read_body(request)
    first, last = _name(context, body, "firstName"), _name(context, body, "lastName")
    handle = text_field(body, "username") or f"{first}_{last[:2]}".lower()
    if not context.settings.is_legacy:
        handle = f"{HANDLE_PREFIX}{handle}"
    language = text_field(body, "language", LONGEST_LANGUAGE) or "en"
    now_s = context.clock.stamp().wall_s
    guest = context.directory.add_guest(handle, first, last, language, conversation, now_s)
    token = context.access.open_guest_session(guest)
    return success(_welcome(token, guest, conversation, link_id), 201)


async def refresh(request: web.Request) -> web.Response:
    """Return the response of joining again, for ``{sessionToken}``."""
    token, guest = await _guest_of(request)
    conversation = guest.person.conversations[0]
    return success(_welcome(token, guest, conversation, conversation.identifier))


async def leave(request: web.Request) -> web.Response:
    """Remove the guest from the roster without an event; an open socket stays (section 2.1)."""
    context = request.app[CONTEXT]
    token, guest = await _guest_of(request)
    context.access.close_guest_session(token)
    for conversation in guest.person.conversations:
        conversation.remove(guest.person.key)
    return success({"message": "Left"})


def _name(context: GatewayContext, body: dict[str, object], field: str) -> str:
    """A first or last name of 1 to 50 characters. Raises ``ErrorResponse`` (400) for anything else."""
    value = body.get(field)
    if field not in body:
        raise invalid(field, f"must have required property '{field}'", context.clock)
    if not isinstance(value, str):
        raise invalid(field, "must be string", context.clock)
    if not value:
        raise invalid(field, "must NOT have fewer than 1 characters", context.clock)
    if len(value) > LONGEST_NAME:
        raise invalid(field, f"must NOT have more than {LONGEST_NAME} characters", context.clock)
    return encodable(value)


async def _guest_of(request: web.Request) -> tuple[str, Membership]:
    """Session token and guest of the body. Raises ``ErrorResponse``: 400 without one, 401 for an ended
    session.
    """
    context = request.app[CONTEXT]
    token = text_field(await read_body(request), "sessionToken")
    if token is None:
        raise invalid("sessionToken", "must have required property 'sessionToken'", context.clock)
    guest = context.access.guest(token)
    if guest is None:
        raise error_response(context, 401, "Anonymous session not found", "SESSION_NOT_FOUND")
    return token, guest


def _welcome(token: str, guest: Membership, conversation: Conversation, link_id: str) -> dict[str, object]:
    person = guest.person
    return {
        "sessionToken": token,
        "participant": {
            "id": guest.participant_id,
            "username": person.handle,
            "displayName": person.display_name,
            "language": person.language,
            "isAnonymous": True,
        },
        "conversation": {
            "id": conversation.id,
            "identifier": conversation.identifier,
            "title": conversation.title,
            "type": conversation.kind,
        },
        "linkId": link_id,
        "id": guest.participant_id,
    }
