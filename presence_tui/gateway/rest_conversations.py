"""REST of conversations: list, participants and who has a socket now (wire contract, sections 3.3 to 3.5)."""

import heapq

from aiohttp import web

from presence_tui.gateway import payloads
from presence_tui.gateway.context import GatewayContext
from presence_tui.gateway.directory import Conversation, Membership, Person
from presence_tui.gateway.memberships import COUNTED_TO
from presence_tui.gateway.rest_requests import (
    CONTEXT,
    choice_param,
    error_response,
    int_param,
    json_response,
    requester,
    require_account,
    success,
)

ACCESS_DENIED = "You do not have access to this conversation"
CONVERSATIONS_A_PAGE = 30
PARTICIPANTS_A_PAGE = 20
MOST_A_PAGE = 100
CONVERSATIONS_A_PAGE_2025 = 15
MOST_A_PAGE_2025 = 50
SEEN_BY_PLAIN_MEMBERS = 99
MOST_IDS = 200
"""Of a request of runtime presence."""
ROLES = ("creator", "admin", "moderator", "member")
KINDS = ("direct", "group", "public", "global", "broadcast")


def routes(context: GatewayContext) -> list[web.RouteDef]:
    """The routes of conversations, and of runtime presence if the version has it."""
    prefix = context.settings.contract.rest_prefix
    legacy = context.settings.is_legacy
    found = [
        web.get(f"{prefix}/conversations", conversations_2025 if legacy else conversations_2026),
        web.get(
            f"{prefix}/conversations/{{id}}/participants",
            participants_2025 if legacy else participants_2026,
        ),
    ]
    if context.settings.contract.has_runtime_presence:
        found.append(web.get(f"{prefix}/users/presence", presence))
    return found


async def conversations_2026(request: web.Request) -> web.Response:
    """A page of the caller's conversations, newest message first, by ``offset`` or after the id
    ``before``.
    """
    context, caller = request.app[CONTEXT], _caller(request)
    limit = max(1, int_param(request, "limit", CONVERSATIONS_A_PAGE, MOST_A_PAGE))
    offset = int_param(request, "offset", 0)
    found = _own_conversations(request, caller)
    total = len(found) if offset == 0 or request.query.get("includeCount") == "true" else 0
    if before := request.query.get("before"):
        place = next((at for at, each in enumerate(found) if each.id == before), len(found))
        found = found[place + 1 :]
    page, rest = found[offset : offset + limit], found[offset + limit :]
    return success(
        [payloads.conversation_row_2026(context.presence, each, caller) for each in page],
        pagination={"limit": limit, "offset": offset, "total": total, "hasMore": bool(rest)},
        cursorPagination={
            "limit": limit,
            "hasMore": bool(rest),
            "nextCursor": page[-1].id if page else None,
        },
    )


async def conversations_2025(request: web.Request) -> web.Response:
    """A page of the caller's conversations, by ``offset``."""
    context, caller = request.app[CONTEXT], _caller(request)
    limit = max(1, int_param(request, "limit", CONVERSATIONS_A_PAGE_2025, MOST_A_PAGE_2025))
    offset = int_param(request, "offset", 0)
    found = _own_conversations(request, caller)
    page, rest = found[offset : offset + limit], found[offset + limit :]
    return success(
        [payloads.conversation_row_2025(context.presence, each, caller) for each in page],
        pagination={"limit": limit, "offset": offset, "total": len(found), "hasMore": bool(rest)},
    )


async def participants_2026(request: web.Request) -> web.Response:
    """A page of participants by cursor, ordered by participant id."""
    context = request.app[CONTEXT]
    caller, conversation = _member_and_conversation(request)
    limit = max(1, int_param(request, "limit", PARTICIPANTS_A_PAGE, MOST_A_PAGE))
    cursor = request.query.get("cursor")
    online_only = choice_param(request, "onlineOnly", ("true", "false")) == "true"
    role = choice_param(request, "role", ROLES)
    search = request.query.get("search", "").casefold()
    if conversation.members[caller.key].role == "member" and not caller.guest:
        found = _most_active(context, conversation, cursor)
    elif online_only or role or search:
        found = conversation.after(cursor)
    else:
        # One extra row shows whether there is a next page.
        found = conversation.page(cursor, limit + 1)
    fitting = [
        each
        for each in found
        if (role is None or each.role == role)
        and search in each.display_name.casefold()
        and (not online_only or payloads.stored_flag(context.presence, each))
    ]
    page, more = fitting[:limit], len(fitting) > limit
    pagination: dict[str, object] = {
        "nextCursor": page[-1].participant_id if more else None,
        "hasMore": more,
        "totalCount": min(len(conversation.members), COUNTED_TO),
    }
    if len(conversation.members) > COUNTED_TO:
        pagination["totalCountCapped"] = True
    rows = [payloads.participant_row_2026(context.presence, each) for each in page]
    return success(rows, pagination=pagination)


async def participants_2025(request: web.Request) -> web.Response:
    """All participants: accounts, online first and then by name, followed by guests."""
    context = request.app[CONTEXT]
    caller, conversation = _member_and_conversation(request)
    accounts = [each for each in conversation.after(None) if not each.person.guest]
    guests = [each for each in conversation.after(None) if each.person.guest]
    if choice_param(request, "onlineOnly", ("true", "false")) == "true":
        accounts = [each for each in accounts if context.presence.seen_by(caller, each.person)[0]]
    if role := request.query.get("role"):
        accounts = [each for each in accounts if each.person.global_role == role]
    if search := request.query.get("search", "").casefold():
        accounts = [each for each in accounts if search in payloads.searchable(each.person)]
    flags = {each.person.key: context.presence.seen_by(caller, each.person)[0] for each in accounts}
    accounts.sort(key=lambda each: (not flags[each.person.key], each.person.display_name))
    if "limit" in request.query:
        accounts = accounts[: int_param(request, "limit", len(accounts))]
    rows = [
        payloads.account_row_2025(context.presence, each, caller, context.faults)
        for each in accounts
        if each.person.key not in context.faults.unanswered
    ]
    rows += [payloads.guest_row_2025(context.presence, each) for each in guests]
    return json_response({"success": True, "data": rows})


async def presence(request: web.Request) -> web.Response:
    """Runtime presence, one row per id of ``?ids=a,b,c``; false and ``null`` for unknown, hidden and
    unrelated persons. 2026 only.
    """
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
        rows.append({"userId": payloads.encodable(key), "isOnline": flag, "lastActiveAt": last_active_at})
    return success({"users": rows})


def _caller(request: web.Request) -> Person:
    """The caller. Raises ``ErrorResponse``: 403, not 401, for a bad or expired token (section 0.10)."""
    caller = requester(request)
    if caller is None:
        raise error_response(request.app[CONTEXT], 403, ACCESS_DENIED, "CONVERSATION_ACCESS_DENIED")
    return caller


def _member_and_conversation(request: web.Request) -> tuple[Person, Conversation]:
    """Caller and conversation. Raises ``ErrorResponse`` (403) if there is no such conversation or
    membership.
    """
    caller = _caller(request)
    conversation = request.app[CONTEXT].directory.conversation(request.match_info["id"])
    if conversation is None or caller.key not in conversation.members:
        raise error_response(request.app[CONTEXT], 403, ACCESS_DENIED, "CONVERSATION_ACCESS_DENIED")
    return caller, conversation


def _own_conversations(request: web.Request, caller: Person) -> list[Conversation]:
    """An account's conversations, newest message first; empty for a guest."""
    if caller.guest:
        return []
    kind = choice_param(request, "type", KINDS)
    with_user = request.query.get("withUserId")
    found = [
        each
        for each in caller.conversations
        if (kind is None or each.kind == kind) and (with_user is None or with_user in each.members)
    ]
    return sorted(found, key=lambda each: -each.last_message_s)


def _most_active(context: GatewayContext, conversation: Conversation, cursor: str | None) -> list[Membership]:
    """Members listed for a plain member; a cursor no longer among them ends paging."""
    most_active = heapq.nlargest(
        SEEN_BY_PLAIN_MEMBERS,
        conversation.after(None),
        key=lambda each: context.presence.last_active_s(each.person) or 0.0,
    )
    most_active.sort(key=lambda each: each.participant_id)
    if cursor is None:
        return most_active
    ids = [each.participant_id for each in most_active]
    return most_active[ids.index(cursor) + 1 :] if cursor in ids else []


def _seen(context: GatewayContext, caller: Person, person: Person | None) -> tuple[bool, str | None]:
    """What the caller may see: all guests, and accounts with a shared conversation."""
    if person is None:
        return False, None
    met = any(caller.key in conversation.members for conversation in person.conversations)
    if not met and not person.guest and person is not caller:
        return False, None
    return context.presence.seen_by(caller, person)
