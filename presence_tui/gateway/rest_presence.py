"""REST runtime presence: who has a socket now (wire contract, section 3.5). 2026 only."""

from aiohttp import web

from presence_tui.gateway.context import GatewayContext
from presence_tui.gateway.directory import Person
from presence_tui.gateway.payloads import encodable
from presence_tui.gateway.rest_requests import CONTEXT, error_response, require_account, success

MOST_IDS = 200


def routes(context: GatewayContext) -> list[web.RouteDef]:
    """The runtime route, if the version has it."""
    contract = context.settings.contract
    if not contract.has_runtime_presence:
        return []
    return [web.get(f"{contract.rest_prefix}/users/presence", presence)]


async def presence(request: web.Request) -> web.Response:
    """One row per id of ``?ids=a,b,c``; false and ``null`` for unknown, hidden and unrelated persons."""
    context = request.app[CONTEXT]
    caller = require_account(request)
    ids = list(dict.fromkeys(part for part in request.query.get("ids", "").split(",") if part))
    if not ids:
        raise error_response(context, 400, "ids is required", "INVALID_IDS")
    if len(ids) > MOST_IDS:
        raise error_response(context, 400, f"Max {MOST_IDS} ids per request", "TOO_MANY_IDS")
    rows = []
    faults = context.faults
    for key in ids:
        if key in faults.left_out or key in faults.unanswered:
            continue
        flag, last_active_at = _seen(context, caller, context.directory.people.get(key))
        flag, last_active_at = faults.runtime_row(key, flag, last_active_at)
        rows.append({"userId": encodable(key), "isOnline": flag, "lastActiveAt": last_active_at})
    return success({"users": rows})


def _seen(context: GatewayContext, caller: Person, person: Person | None) -> tuple[bool, str | None]:
    """What the caller may see: all guests, and accounts with a shared conversation."""
    if person is None:
        return False, None
    met = any(caller.key in conversation.members for conversation in person.conversations)
    if not met and not person.guest and person is not caller:
        return False, None
    return context.presence.seen_by(caller, person)
