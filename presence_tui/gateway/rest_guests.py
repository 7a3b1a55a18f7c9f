"""REST of guests: joining by a link, and leaving (wire contract, section 1.4)."""

from aiohttp import web

from presence_tui.gateway.context import GatewayContext
from presence_tui.gateway.directory import Conversation, Membership
from presence_tui.gateway.payloads import encodable, text_field
from presence_tui.gateway.request_auth import EXCHANGE, read_body
from presence_tui.gateway.responses import invalid, refused, success
from presence_tui.wire.profiles import MEESHY_2025

LONGEST_NAME = 50
HANDLE_PREFIX = "ano_"
"""What the newer version puts before the user name of a guest."""
LONGEST_LANGUAGE = 12


def routes(exchange: GatewayContext) -> list[web.RouteDef]:
    """The routes of guests."""
    prefix = exchange.settings.contract.rest_prefix
    return [
        web.post(f"{prefix}/anonymous/join/{{link_id}}", join),
        web.post(f"{prefix}/anonymous/refresh", refresh),
        web.post(f"{prefix}/anonymous/leave", leave),
    ]


async def join(request: web.Request) -> web.Response:
    """``{firstName, lastName, username?, language?}`` to a guest; a link is named like its conversation.

    Nobody is told: others hear of the guest when its socket authenticates (section 2.5).
    """
    exchange = request.app[EXCHANGE]
    link_id = request.match_info["link_id"]
    conversation = exchange.town.conversation(link_id)
    if conversation is None:
        raise refused(404, "Link not found", "LINK_NOT_FOUND", _legacy(exchange))
    if exchange.faults.refuse_links:
        raise refused(410, "Link expired", "LINK_EXPIRED", _legacy(exchange))
    body = await read_body(request)
    first, last = _name(exchange, body, "firstName"), _name(exchange, body, "lastName")
    handle = text_field(body, "username") or f"{first}_{last[:2]}".lower()
    if not _legacy(exchange):
        handle = f"{HANDLE_PREFIX}{handle}"
    language = text_field(body, "language", LONGEST_LANGUAGE) or "en"
    now_s = exchange.clock.now()
    guest = exchange.town.welcome_guest(handle, first, last, language, conversation, now_s)
    token = exchange.access.open_guest_session(guest)
    return success(_welcome(token, guest, conversation, link_id), 201)


async def refresh(request: web.Request) -> web.Response:
    """``{sessionToken}`` to what joining answered."""
    token, guest = await _guest_of(request)
    conversation = guest.person.conversations[0]
    return success(_welcome(token, guest, conversation, conversation.identifier))


async def leave(request: web.Request) -> web.Response:
    """The guest is on no roster any more, and nobody is told; an open socket stays (section 2.1)."""
    exchange = request.app[EXCHANGE]
    token, guest = await _guest_of(request)
    exchange.access.close_guest_session(token)
    for conversation in guest.person.conversations:
        conversation.strike(guest.person.key)
    return success({"message": "Left"})


def _name(exchange: GatewayContext, body: dict[str, object], field: str) -> str:
    """A first or last name of 1 to 50 characters. Raises ``ErrorResponse`` (400) for anything else."""
    value = body.get(field)
    if field not in body:
        raise invalid(field, f"must have required property '{field}'", exchange.clock)
    if not isinstance(value, str):
        raise invalid(field, "must be string", exchange.clock)
    if not value:
        raise invalid(field, "must NOT have fewer than 1 characters", exchange.clock)
    if len(value) > LONGEST_NAME:
        raise invalid(field, f"must NOT have more than {LONGEST_NAME} characters", exchange.clock)
    return encodable(value)


async def _guest_of(request: web.Request) -> tuple[str, Membership]:
    """Session token and guest, by the body alone. Raises ``ErrorResponse``: 400 without, 401 for a dead session."""
    exchange = request.app[EXCHANGE]
    token = text_field(await read_body(request), "sessionToken")
    if token is None:
        raise invalid("sessionToken", "must have required property 'sessionToken'", exchange.clock)
    guest = exchange.access.guest(token)
    if guest is None:
        raise refused(401, "Anonymous session not found", "SESSION_NOT_FOUND", _legacy(exchange))
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


def _legacy(exchange: GatewayContext) -> bool:
    return exchange.settings.contract is MEESHY_2025
