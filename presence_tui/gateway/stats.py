"""Statistics of conversations: cached for an hour, ignoring privacy (wire contract, section 1.7)."""

from collections import Counter
from dataclasses import dataclass

from presence_tui.gateway.connection_registry import ConnectionRegistry
from presence_tui.gateway.directory import Conversation, Person
from presence_tui.gateway.presence import Presence
from presence_tui.store.clock import Clock
from presence_tui.wire import names
from presence_tui.wire.timestamps import wire_from_seconds

CACHED_S = 3600.0


@dataclass(frozen=True, slots=True)
class _Counted:
    at_s: float
    stats: dict[str, object]


class Statistics:
    """Statistics with the online accounts of a conversation, up to an hour old as in the gateways."""

    def __init__(self, presence: Presence, clock: Clock) -> None:
        self._presence = presence
        self._clock = clock
        self._counted: dict[str, _Counted] = {}

    def of(self, conversation: Conversation) -> dict[str, object]:
        """``{messagesPerLanguage, participantCount, participantsPerLanguage, onlineUsers, updatedAt}``."""
        now_s = self._clock.stamp().wall_s
        counted = self._counted.get(conversation.id)
        if counted is None or now_s - counted.at_s > CACHED_S:
            counted = _Counted(now_s, self._count(conversation, now_s))
            self._counted[conversation.id] = counted
        return counted.stats

    def forget(self) -> None:
        """Clear the cache at a restart."""
        self._counted.clear()

    def repeat_online(self, registry: ConnectionRegistry) -> None:
        """Send ``conversation:online_stats`` of every cached conversation to its room, outdated or not."""
        for conversation_id, counted in self._counted.items():
            payload = {
                "conversationId": conversation_id,
                "onlineUsers": counted.stats["onlineUsers"],
                "updatedAt": counted.stats["updatedAt"],
            }
            registry.broadcast(registry.in_room(conversation_id), names.ONLINE_STATS, payload)

    def _count(self, conversation: Conversation, now_s: float) -> dict[str, object]:
        people = [membership.person for membership in conversation.members.values()]
        languages = Counter(person.language for person in people)
        online = [_card(each) for each in people if not each.guest and self._presence.is_live(each)]
        return {
            "messagesPerLanguage": {language: 7 * count for language, count in languages.items()},
            "participantCount": len(people),
            "participantsPerLanguage": dict(languages),
            "onlineUsers": online,
            "updatedAt": wire_from_seconds(now_s),
        }


def _card(person: Person) -> dict[str, object]:
    return {
        "id": person.key,
        "username": person.handle,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "displayName": person.display_name,
        "systemLanguage": person.language,
    }
