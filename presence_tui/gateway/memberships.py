"""Memberships: who joins, leaves and ranks in a conversation (wire contract, section 2.5)."""

from collections.abc import Mapping

from presence_tui.gateway.clock import Clock, iso_ms
from presence_tui.gateway.people import Conversation, Person, Town
from presence_tui.gateway.switchboard import Session, Switchboard
from presence_tui.wire import names
from presence_tui.wire.profiles import MEESHY_2025, Profile

COUNTED_TO = 199
"""Members are counted no further."""


def member_count(conversation: Conversation) -> dict[str, object]:
    """The two fields that tell the number of members."""
    count = len(conversation.members)
    if count > COUNTED_TO:
        return {"memberCount": COUNTED_TO, "memberCountCapped": True}
    return {"memberCount": count, "memberCountCapped": False}


class Memberships:
    """Changes the rosters. In 2025 nobody is told."""

    def __init__(self, town: Town, profile: Profile, clock: Clock, switchboard: Switchboard) -> None:
        self._town = town
        self._clock = clock
        self._switchboard = switchboard
        self._silent = profile is MEESHY_2025

    def join(self, person: Person, conversation: Conversation) -> None:
        """An account becomes a member."""
        now_s = self._clock.now()
        self._town.settle(person)
        self._town.seat(person, conversation, "member", now_s)
        payload = {
            "conversationId": conversation.id,
            "userId": person.key,
            "displayName": person.display_name,
            "joinedAt": iso_ms(now_s),
            **member_count(conversation),
        }
        self._tell(self._switchboard.members_of([conversation]), names.PARTICIPANT_JOINED, payload)
        # The same event as the acknowledgement of a room join, with somebody else's id (section 1.6).
        self._tell(
            self._switchboard.in_room(conversation.id),
            names.CONVERSATION_JOINED,
            {"conversationId": conversation.id, "userId": person.key},
        )

    def leave(self, person: Person, conversation: Conversation) -> None:
        """An account is a member no longer; it hears of it too."""
        audience = self._switchboard.members_of([conversation])
        conversation.strike(person.key)
        self._switchboard.expel(person, conversation)
        person.conversations.remove(conversation)
        payload = {
            "conversationId": conversation.id,
            "userId": person.key,
            "displayName": person.display_name,
            "leftAt": iso_ms(self._clock.now()),
            **member_count(conversation),
        }
        self._tell(audience, names.PARTICIPANT_LEFT, payload)

    def promote(self, person: Person, conversation: Conversation, role: str, by: Person) -> None:
        """A member gets another role."""
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
                "displayName": person.display_name,
                "userId": None if person.guest else person.key,
            },
        }
        self._tell(self._switchboard.in_room(conversation.id), names.ROLE_UPDATED, payload)

    def _tell(self, audience: list[Session], event: str, payload: Mapping[str, object]) -> None:
        if audience and not self._silent:
            self._switchboard.broadcast(audience, event, payload)
