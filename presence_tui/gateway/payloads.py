"""Payloads: fields of those from clients, and rows of the REST (wire contract, sections 3.3 and 3.4)."""

from itertools import islice

from presence_tui.gateway.directory import Conversation, Membership, Person
from presence_tui.gateway.faults import Faults
from presence_tui.gateway.memberships import member_count
from presence_tui.gateway.presence import Presence
from presence_tui.wire.timestamps import wire_from_seconds

Row = dict[str, object]

PREVIEWED = 5
"""Participants per row of the list of conversations."""
PREVIEWED_GUESTS_2025 = 3


def text_field(payload: object, name: str, longest: int = 4096) -> str | None:
    """Return a field of a JSON object if it is text of 1 to ``longest`` characters, else ``None``."""
    value = payload.get(name) if isinstance(payload, dict) else None
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        return None
    return encodable(value)


def encodable(text: str) -> str:
    """Replace lone surrogates, which JSON can carry but UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode()


def millis_field(payload: object, name: str) -> float | None:
    """Return a field of a JSON object if it is a plausible time in milliseconds, else ``None``."""
    value = payload.get(name) if isinstance(payload, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < 1e15 else None


def name_fields(person: Person) -> Row:
    """The names of a person, in every row about one."""
    return {
        "username": person.handle,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "displayName": person.display_name,
    }


def stored_flag(presence: Presence, membership: Membership) -> bool:
    """``isOnline`` as stored in the participant row: live for guests, never set for accounts (0.4)."""
    return membership.person.guest and presence.is_live(membership.person)


def _stored_last_active(presence: Presence, membership: Membership) -> str | None:
    """``lastActiveAt`` as stored in the participant row: for accounts, the time of joining."""
    if membership.person.guest:
        return presence.last_active_at(membership.person)
    return wire_from_seconds(membership.joined_s)


def participant_row_2026(presence: Presence, membership: Membership) -> Row:
    """A participant of 2026; the presence of accounts in it is outdated."""
    person = membership.person
    return {
        "id": membership.participant_id,
        "participantId": membership.participant_id,
        "userId": None if person.guest else person.key,
        "type": "anonymous" if person.guest else "user",
        **name_fields(person),
        "displayName": membership.display_name,
        "avatar": None,
        "role": person.global_role,
        "conversationRole": membership.role,
        "joinedAt": wire_from_seconds(membership.joined_s),
        "isOnline": stored_flag(presence, membership),
        "lastActiveAt": _stored_last_active(presence, membership),
        "systemLanguage": person.language,
        "regionalLanguage": person.language,
        "customDestinationLanguage": None,
        "autoTranslateEnabled": True,
        "isActive": True,
        "createdAt": wire_from_seconds(membership.joined_s),
        "updatedAt": wire_from_seconds(membership.joined_s),
        "isAnonymous": person.guest,
        "permissions": {"canSendMessages": True},
    }


def account_row_2025(
    presence: Presence, membership: Membership, viewer: Person, faults: Faults | None = None
) -> Row:
    """An account of 2025, with live presence."""
    person = membership.person
    flag, last_active_at = presence.seen_by(viewer, person)
    if faults is not None:
        flag, last_active_at = faults.runtime_row(person.key, flag, last_active_at)
    return {
        "id": person.key,
        "userId": person.key,
        **name_fields(person),
        "email": f"{person.handle}@example.invalid",
        "avatar": None,
        "role": person.global_role,
        "conversationRole": membership.role.upper(),
        "isOnline": flag,
        "lastSeen": last_active_at,
        "lastActiveAt": last_active_at,
        "systemLanguage": person.language,
        "joinedAt": wire_from_seconds(membership.joined_s),
        "isActive": True,
    }


def guest_row_2025(presence: Presence, membership: Membership) -> Row:
    """A guest of 2025: no ``userId``, no role, and the time of joining as last activity."""
    person = membership.person
    joined_at = wire_from_seconds(membership.joined_s)
    return {
        "id": membership.participant_id,
        **name_fields(person),
        "avatar": None,
        "role": "MEMBER",
        "isOnline": presence.is_live(person),
        "lastSeen": joined_at,
        "lastActiveAt": joined_at,
        "joinedAt": joined_at,
        "systemLanguage": person.language,
        "isActive": True,
        "isAnonymous": True,
    }


def searchable(person: Person) -> str:
    """The text that the 2025 gateway searches."""
    return f"{person.first_name} {person.last_name} {person.handle} {person.display_name}".casefold()


def conversation_row_2026(presence: Presence, conversation: Conversation, viewer: Person) -> Row:
    """A conversation of 2026, with at most five participants."""
    return {
        "id": conversation.id,
        "identifier": conversation.identifier,
        "title": conversation.title,
        "type": conversation.kind,
        **member_count(conversation),
        "participants": [
            _previewed(presence, each, conversation, viewer)
            for each in islice(conversation.members.values(), PREVIEWED)
        ],
        "lastMessageAt": wire_from_seconds(conversation.last_message_s),
        "createdAt": wire_from_seconds(conversation.created_s),
    }


def conversation_row_2025(presence: Presence, conversation: Conversation, viewer: Person) -> Row:
    """A conversation of 2025, with at most five members and three guests."""
    memberships = list(conversation.members.values())
    accounts = [each for each in memberships if not each.person.guest]
    guests = [each for each in memberships if each.person.guest]
    return {
        "id": conversation.id,
        "identifier": conversation.identifier,
        "title": conversation.title,
        "type": conversation.kind,
        "memberCount": len(memberships),
        "members": [
            {
                "id": each.participant_id,
                "userId": each.person.key,
                "role": each.role.upper(),
                "user": account_row_2025(presence, each, viewer),
            }
            for each in accounts[:PREVIEWED]
        ],
        "anonymousParticipants": [guest_row_2025(presence, each) for each in guests[:PREVIEWED_GUESTS_2025]],
        "lastMessageAt": wire_from_seconds(conversation.last_message_s),
    }


def _previewed(presence: Presence, membership: Membership, conversation: Conversation, viewer: Person) -> Row:
    """A participant in the list of conversations: both flags are live, the outer time is outdated."""
    person = membership.person
    flag, last_active_at = presence.seen_by(viewer, person)
    user: Row = {
        "id": person.key,
        **name_fields(person),
        "avatar": None,
        "banner": None,
        "isOnline": flag,
        "lastActiveAt": last_active_at,
    }
    return {
        "id": membership.participant_id,
        "conversationId": conversation.id,
        "userId": None if person.guest else person.key,
        "type": "anonymous" if person.guest else "user",
        "displayName": membership.display_name,
        "avatar": None,
        "banner": None,
        "role": membership.role,
        "language": person.language,
        "nickname": person.display_name if person.guest else None,
        "isOnline": flag,
        "lastActiveAt": _stored_last_active(presence, membership),
        "joinedAt": wire_from_seconds(membership.joined_s),
        "isActive": True,
        "permissions": {"canSendMessages": True},
        "user": None if person.guest else user,
    }
