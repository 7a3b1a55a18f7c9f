"""Memberships: joining, leaving and roles in conversations (wire contract, section 2.5)."""

from collections.abc import Iterable, Mapping

from presence_tui.gateway.connection_registry import ConnectionRegistry, Session
from presence_tui.gateway.directory import CONVERSATION_IDS, Conversation, Directory, Person
from presence_tui.store.clock import Clock
from presence_tui.wire import names
from presence_tui.wire.profiles import MEESHY_2025, Profile
from presence_tui.wire.timestamps import wire_from_seconds

COUNTED_TO = 199
"""Member counts are capped at this."""


def member_count(conversation: Conversation) -> dict[str, object]:
    """The two fields with the number of members."""
    count = len(conversation.members)
    if count > COUNTED_TO:
        return {"memberCount": COUNTED_TO, "memberCountCapped": True}
    return {"memberCount": count, "memberCountCapped": False}


class Memberships:
    """Changes rosters, conversations and names. In 2025 no events are sent.

    Events go to the room of the conversation, to the personal rooms of its members, or to both.
    """

    def __init__(
        self, directory: Directory, profile: Profile, clock: Clock, registry: ConnectionRegistry
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._registry = registry
        self._silent = profile is MEESHY_2025

    def join(self, person: Person, conversation: Conversation) -> None:
        """A member adds an account; everyone but the newcomer gets an event."""
        audience = self._registry.members_of([conversation])
        self._directory.add_person(person)
        self._seat(person, conversation)
        payload = {
            **self._about(person, conversation, "joinedAt"),
            **member_count(conversation),
        }
        self._broadcast(audience, names.PARTICIPANT_JOINED, payload)
        # The same event as the acknowledgement of a room join, but with another user's id (section 1.6).
        self._broadcast(
            self._registry.in_room(conversation.id),
            names.CONVERSATION_JOINED,
            {"conversationId": conversation.id, "userId": person.key},
        )

    def join_by_link(self, person: Person, conversation: Conversation) -> None:
        """An account joins by a link or an invitation, announced only by a system message and an update."""
        self._directory.add_person(person)
        self._seat(person, conversation)
        self.system_message(conversation, {"kind": "member-joined", "displayName": person.display_name})
        self.update(conversation, person)

    def leave(self, person: Person, conversation: Conversation) -> None:
        """A member leaves or is removed, and also gets the event."""
        audience = self._registry.members_of([conversation])
        self._strike(person, conversation)
        payload = {**self._about(person, conversation, "leftAt"), **member_count(conversation)}
        self._broadcast(audience, names.PARTICIPANT_LEFT, payload)

    def leave_silently(self, person: Person, conversation: Conversation) -> None:
        """``DELETE …/delete-for-me``, or the end of a guest's link: no event is sent."""
        self._strike(person, conversation)

    def ban(self, person: Person, conversation: Conversation, by: Person) -> None:
        """A member is banned, and also gets the event."""
        audience = self._registry.members_of([conversation])
        self._strike(person, conversation)
        payload = {
            **self._about(person, conversation, "bannedAt"),
            "bannedBy": {"id": by.key},
            "membershipEnded": True,
            **member_count(conversation),
        }
        self._broadcast(audience, names.PARTICIPANT_BANNED, payload)

    def unban(self, person: Person, conversation: Conversation, by: Person) -> None:
        """A banned account becomes a member again, and also gets the event."""
        self._seat(person, conversation)
        payload = {
            **self._about(person, conversation, "unbannedAt"),
            "unbannedBy": {"id": by.key},
            "membershipRestored": True,
            **member_count(conversation),
        }
        self._broadcast(self._registry.members_of([conversation]), names.PARTICIPANT_UNBANNED, payload)

    def promote(self, person: Person, conversation: Conversation, role: str, by: Person) -> None:
        """Change a member's role."""
        membership = conversation.members[person.key]
        membership.role = role
        payload = {
            "conversationId": conversation.id,
            "userId": person.key,
            "newRole": role,
            "updatedBy": by.key,
            "participant": {
                "id": membership.participant_id,
                "role": person.global_role,
                "displayName": membership.display_name,
                "userId": None if person.guest else person.key,
            },
        }
        self._broadcast(self._registry.in_room(conversation.id), names.ROLE_UPDATED, payload)

    def open(self, identifier: str, title: str, creator: Person, others: Iterable[Person]) -> Conversation:
        """Create a conversation; its members get an event."""
        now_s = self._clock.stamp().wall_s
        key = self._directory.ids.next(CONVERSATION_IDS)
        conversation = Conversation(key, identifier, title, "group", now_s, now_s)
        self._directory.add_conversation(conversation)
        self._seat(creator, conversation, "creator")
        for person in others:
            self._seat(person, conversation)
        payload = {
            "conversationId": conversation.id,
            "conversationType": conversation.kind,
            "title": title,
            "creatorId": creator.key,
            "participantIds": list(conversation.members),
            "createdAt": wire_from_seconds(now_s),
        }
        self._broadcast(self._registry.members_of([conversation]), names.CONVERSATION_NEW, payload)
        return conversation

    def update(self, conversation: Conversation, by: Person, title: str | None = None) -> None:
        """Update a conversation, optionally with a new title."""
        payload: dict[str, object] = {
            "conversationId": conversation.id,
            "updatedBy": {"id": by.key},
            "updatedAt": wire_from_seconds(self._clock.stamp().wall_s),
        }
        if title is not None:
            conversation.title = payload["title"] = title
        self._broadcast(self._registry.members_of([conversation]), names.CONVERSATION_UPDATED, payload)

    def close(self, conversation: Conversation, by: Person) -> None:
        """Close a conversation and end all memberships."""
        payload = {"closedBy": by.key, "closedAt": wire_from_seconds(self._clock.stamp().wall_s)}
        self._end(conversation, names.CONVERSATION_CLOSED, payload)

    def delete(self, conversation: Conversation, by: Person) -> None:
        """Delete a conversation for all members."""
        payload = {"deletedBy": by.key, "deletedAt": wire_from_seconds(self._clock.stamp().wall_s)}
        self._end(conversation, names.CONVERSATION_DELETED, payload)

    def rename(self, person: Person, display_name: str) -> None:
        """Change an account's name. Its names in conversations stay."""
        person.display_name = display_name
        payload = {"userId": person.key, "changes": {"displayName": display_name}}
        self._broadcast(self._registry.members_of(person.conversations), names.USER_UPDATED, payload)

    def system_message(self, conversation: Conversation, metadata: Mapping[str, object]) -> None:
        """Send a system message to the room of a conversation."""
        conversation.last_message_s = self._clock.stamp().wall_s
        payload = {
            "id": self._directory.ids.next(CONVERSATION_IDS),
            "conversationId": conversation.id,
            "messageType": "system",
            "messageSource": "system",
            "content": "",
            "metadata": dict(metadata),
            "createdAt": wire_from_seconds(self._clock.stamp().wall_s),
        }
        self._broadcast(self._registry.in_room(conversation.id), names.MESSAGE_NEW, payload)

    def _end(self, conversation: Conversation, event: str, payload: Mapping[str, object]) -> None:
        audience = self._registry.members_of([conversation])
        for membership in list(conversation.members.values()):
            self._strike(membership.person, conversation)
        self._directory.forget_conversation(conversation)
        self._broadcast(audience, event, {"conversationId": conversation.id, **payload})

    def _about(self, person: Person, conversation: Conversation, moment: str) -> dict[str, object]:
        return {
            "conversationId": conversation.id,
            "userId": person.key,
            "displayName": person.display_name,
            moment: wire_from_seconds(self._clock.stamp().wall_s),
        }

    def _seat(self, person: Person, conversation: Conversation, role: str = "member") -> None:
        self._directory.add_member(person, conversation, role, self._clock.stamp().wall_s)
        self._registry.include(person, conversation)

    def _strike(self, person: Person, conversation: Conversation) -> None:
        conversation.remove(person.key)
        self._registry.remove_from_room(person, conversation)
        person.conversations.remove(conversation)

    def _broadcast(self, audience: list[Session], event: str, payload: Mapping[str, object]) -> None:
        if audience and not self._silent:
            self._registry.broadcast(audience, event, payload)
