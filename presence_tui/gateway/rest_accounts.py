"""REST of accounts and guests: sign-in, tokens and privacy (wire contract, sections 1.4, 2.6 and 3.2)."""

from aiohttp import web

from presence_tui.gateway.access import (
    LIFETIME_S,
    ChallengeOver,
    CodeRefused,
    TokenExpired,
    TokenRefused,
    UnknownAccount,
)
from presence_tui.gateway.context import GatewayContext
from presence_tui.gateway.directory import Conversation, Membership, Person
from presence_tui.gateway.payloads import encodable, name_fields, text_field
from presence_tui.gateway.rest_requests import (
    CONTEXT,
    ErrorResponse,
    error_response,
    invalid,
    read_body,
    require_account,
    success,
    unexpected,
)
from presence_tui.wire.timestamps import wire_from_seconds

PASSWORD = "demo"
"""Password of every account."""
REMEMBERED_S = 31_536_000
PRIVACY = {
    "showOnlineStatus": "hidden",
    "showLastSeen": "hides_last_seen",
    "allowAnalytics": "refuses_analytics",
}
"""Preference to the attribute that holds its opposite."""
LONGEST_NAME = 50
HANDLE_PREFIX = "ano_"
"""Prefix of a guest's user name in the newer version."""
LONGEST_LANGUAGE = 12

CONSENT_REQUIRED: dict[str, object] = {
    "success": False,
    "error": "CONSENT_REQUIRED",
    "message": "Consent is required",
    "violations": [{"field": "allowAnalytics", "requiredConsents": ["dataProcessingConsentAt"]}],
}


def routes(context: GatewayContext) -> list[web.RouteDef]:
    """The routes of accounts and guests."""
    prefix = context.settings.contract.rest_prefix
    shared = [
        web.post(f"{prefix}/auth/login", login),
        web.get(f"{prefix}/auth/me", me),
        web.post(f"{prefix}/auth/refresh", refresh),
        web.post(f"{prefix}/auth/logout", logout),
        web.post(f"{prefix}/anonymous/join/{{link_id}}", join_by_link),
        web.post(f"{prefix}/anonymous/refresh", refresh_guest),
        web.post(f"{prefix}/anonymous/leave", leave_as_guest),
    ]
    if context.settings.is_legacy:
        return shared
    privacy_path = f"{prefix}/me/preferences/privacy"
    return [
        *shared,
        web.post(f"{prefix}/auth/login/2fa", confirm),
        web.get(privacy_path, privacy),
        web.put(privacy_path, change_privacy),
        web.patch(privacy_path, change_privacy),
    ]


async def login(request: web.Request) -> web.Response:
    """Exchange ``{username, password, rememberDevice?}`` for a token; the username may be an e-mail
    address.
    """
    context = request.app[CONTEXT]
    body = await read_body(request)
    username, password = text_field(body, "username"), text_field(body, "password")
    if username is None or not 2 <= len(username) <= 50:
        raise invalid("username", "must be 2 to 50 characters long", context.clock)
    if password is None:
        raise invalid("password", "is required", context.clock)
    person = context.directory.handles.get(username.partition("@")[0])
    if person is None or password != PASSWORD:
        raise error_response(context, 401, "Identifiants invalides", None)
    remembered = body.get("rememberDevice") is True
    if context.settings.second_factor:
        challenge = {
            "requires2FA": True,
            "twoFactorToken": context.second_factors.challenge(person),
            "rememberDevice": remembered,
            "message": "A code is needed as well",
            "user": {"id": person.key, "username": person.handle},
        }
        return success(challenge)
    return success(_session(context, person, remembered))


async def confirm(request: web.Request) -> web.Response:
    """Exchange ``{twoFactorToken, code, rememberDevice?}`` for the response of a plain login."""
    context = request.app[CONTEXT]
    body = await read_body(request)
    challenge, code = text_field(body, "twoFactorToken"), text_field(body, "code")
    if challenge is None:
        raise invalid("twoFactorToken", "is required", context.clock)
    if code is None or not 6 <= len(code) <= 9:
        raise invalid("code", "must be 6 to 9 characters long", context.clock)
    try:
        person = context.second_factors.confirm(challenge, code)
    except CodeRefused as wrong:
        raise error_response(context, 401, "Code invalide", "INVALID_2FA_CODE") from wrong
    except ChallengeOver as over:
        raise error_response(context, 401, "Code expiré", "TWO_FACTOR_EXPIRED") from over
    return success(_session(context, person, body.get("rememberDevice") is True))


def _session(context: GatewayContext, person: Person, remembered: bool) -> dict[str, object]:
    """The response of a successful login."""
    context.presence.record_login(person)
    given = {"user": _profile(context, person), "token": context.access.mint(person)}
    if context.settings.is_legacy:
        return {**given, "expiresIn": int(LIFETIME_S)}
    return {
        **given,
        "sessionToken": context.access.open_session(person),
        "session": {
            "id": f"session-{person.key}",
            "createdAt": wire_from_seconds(context.clock.stamp().wall_s),
        },
        # As the gateway reports it, although the token is valid for a day (section 1.4).
        "expiresIn": REMEMBERED_S if remembered else int(LIFETIME_S),
    }


async def me(request: web.Request) -> web.Response:
    """Return the account of the token."""
    person = require_account(request)
    return success({"user": _profile(request.app[CONTEXT], person)})


async def refresh(request: web.Request) -> web.Response:
    """Exchange ``{token, sessionToken?}`` for new ones; 2026 accepts an expired token with a valid
    signature.
    """
    context = request.app[CONTEXT]
    body = await read_body(request)
    token, session = text_field(body, "token"), text_field(body, "sessionToken")
    if token is None:
        raise invalid("token", "is required", context.clock)
    if context.faults.refuse_sign_ins:
        raise ErrorResponse(500, unexpected(500, context.clock))
    accepts_expired = context.settings.contract.refreshes_expired_tokens
    try:
        person = context.access.account(token, accept_expired=accepts_expired)
    except (TokenRefused, TokenExpired) as error:
        raise error_response(context, 401, "Invalid token", "INVALID_TOKEN") from error
    except UnknownAccount as error:
        raise error_response(context, 404, "User not found", "USER_NOT_FOUND") from error
    renewed: dict[str, object] = {"token": context.access.mint(person), "expiresIn": int(LIFETIME_S)}
    if not context.settings.is_legacy:
        renewed["user"] = _profile(context, person)
        if session is not None:
            renewed["sessionToken"] = context.access.renew_session(person, session)
            if renewed["sessionToken"] is None:
                raise error_response(context, 401, "Session not found", "SESSION_NOT_FOUND")
    return success(renewed)


async def logout(request: web.Request) -> web.Response:
    """Close the session. Sockets stay open, and no event is sent (section 2.1)."""
    require_account(request)
    request.app[CONTEXT].access.close_session(request.headers.get("X-Session-Token", ""))
    return success({"message": "Logged out"})


async def privacy(request: web.Request) -> web.Response:
    """Return the account's preferences."""
    return success(_preferences(require_account(request)))


async def change_privacy(request: web.Request) -> web.Response:
    """Change preferences. No event is sent, so clients keep the last state (section 2.6)."""
    person = require_account(request)
    changes = await read_body(request)
    merged = {preference: changes.get(preference, on) for preference, on in _preferences(person).items()}
    for preference, wanted in merged.items():
        if not isinstance(wanted, bool):
            raise invalid(preference, "must be boolean", request.app[CONTEXT].clock)
    # Validates the merged preferences, not only the changed ones.
    if merged["allowAnalytics"] and not person.has_consented:
        raise ErrorResponse(403, CONSENT_REQUIRED)
    for preference, opposite in PRIVACY.items():
        setattr(person, opposite, not merged[preference])
    return success(_preferences(person))


def _preferences(person: Person) -> dict[str, bool]:
    return {preference: not getattr(person, opposite) for preference, opposite in PRIVACY.items()}


def _profile(context: GatewayContext, person: Person) -> dict[str, object]:
    """An account's own profile."""
    return {
        "id": person.key,
        **name_fields(person),
        "role": person.global_role,
        "systemLanguage": person.language,
        "isOnline": True,
        "lastActiveAt": context.presence.last_active_at(person),
    }


async def join_by_link(request: web.Request) -> web.Response:
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


async def refresh_guest(request: web.Request) -> web.Response:
    """Return the response of joining again, for ``{sessionToken}``."""
    token, guest = await _guest_of(request)
    conversation = guest.person.conversations[0]
    return success(_welcome(token, guest, conversation, conversation.identifier))


async def leave_as_guest(request: web.Request) -> web.Response:
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
