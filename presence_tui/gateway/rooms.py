"""Rooms: events of authenticated clients, and statistics (wire contract, sections 1.6, 1.7, 2.3 and 2.4)."""

from collections import Counter
from dataclasses import dataclass

from presence_tui.gateway.connection_registry import ConnectionRegistry, Session
from presence_tui.gateway.directory import Conversation, Directory, Person
from presence_tui.gateway.payloads import millis_field, name_fields, text_field
from presence_tui.gateway.presence import Presence
from presence_tui.gateway.rate_limiter import RateLimiter
from presence_tui.store.clock import Clock
from presence_tui.wire import names
from presence_tui.wire.profiles import MEESHY_2025, Profile
from presence_tui.wire.timestamps import wire_from_seconds

CACHED_S = 3600.0
"""For this long, statistics are not counted again."""

JOINS_PER_MINUTE = 30
TYPINGS_PER_MINUTE = 60
TYPING_REPEAT_S = 2.0
TYPING_WRITE_S = 5.0
LONGEST_ID = 255
UNREAD_UPDATED = "conversation:unread-updated"
"""Not a presence event, but sent by gateways, so monitors must accept it."""


@dataclass(frozen=True, slots=True)
class _Counted:
    at_s: float
    stats: dict[str, object]


class Statistics:
    """Statistics of conversations, up to an hour old as in the gateways; they ignore privacy."""

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
        online = [
            {"id": each.key, **name_fields(each), "systemLanguage": each.language}
            for each in people
            if not each.guest and self._presence.is_live(each)
        ]
        return {
            "messagesPerLanguage": {language: 7 * count for language, count in languages.items()},
            "participantCount": len(people),
            "participantsPerLanguage": dict(languages),
            "onlineUsers": online,
            "updatedAt": wire_from_seconds(now_s),
        }


def typing_payload(
    profile: Profile, person: Person, conversation_id: str, is_typing: bool
) -> dict[str, object]:
    """The payload of ``typing:start`` and ``typing:stop``; without display name in 2025."""
    payload: dict[str, object] = {
        "userId": person.key,
        "username": person.handle,
        "conversationId": conversation_id,
        "isTyping": is_typing,
    }
    if profile is not MEESHY_2025:
        payload["displayName"] = person.display_name
    return payload


class Rooms:
    """Handles joins, leaves, typing and heartbeats. Never raises on a client's payload."""

    def __init__(
        self,
        profile: Profile,
        directory: Directory,
        clock: Clock,
        registry: ConnectionRegistry,
        presence: Presence,
        statistics: Statistics,
    ) -> None:
        self._profile = profile
        self._directory = directory
        self._clock = clock
        self._registry = registry
        self._presence = presence
        self._statistics = statistics
        self._joins = RateLimiter(JOINS_PER_MINUTE, clock)
        self._typings = RateLimiter(TYPINGS_PER_MINUTE, clock)
        self._typing_told_s: dict[tuple[str, str], float] = {}

    def join(self, session: Session, payload: object) -> None:
        """``conversation:join``, answered by an event, not by an acknowledgement."""
        asked = _conversation_id(payload)
        if self._profile is MEESHY_2025:
            self._join_unasked(session, asked)
            return
        reason = self._refusal(session, asked)
        if reason is not None or asked is None or session.person is None:
            self._refuse(session, asked, reason or "invalid_payload")
            return
        conversation = self._directory.conversation(asked)
        if conversation is None or session.person.key not in conversation.members:
            self._refuse(session, asked, "not_a_member")
            return
        self._registry.enter(session, conversation.id)
        self._acknowledge(session, names.CONVERSATION_JOINED, conversation.id)
        self._registry.send(session, UNREAD_UPDATED, {"conversationId": conversation.id, "unreadCount": 0})
        if not session.person.guest:
            self._send_stats(session, conversation)

    def leave(self, session: Session, payload: object) -> None:
        """``conversation:leave``: in 2026 presence events continue, in 2025 they end with the room."""
        asked = _conversation_id(payload)
        conversation = self._directory.conversation(asked) if asked else None
        if conversation is None or session.person is None:
            return
        self._stop_typing(session, conversation.id)
        self._registry.leave(session, conversation.id)
        self._acknowledge(session, names.CONVERSATION_LEFT, conversation.id)

    def heartbeat(self, session: Session, payload: object) -> None:
        """``heartbeat``, acknowledged at once; not supported in 2025."""
        if session.person is None or self._profile is MEESHY_2025:
            return
        now_s = self._clock.stamp().wall_s
        answer: dict[str, object] = {"serverTime": wire_from_seconds(now_s)}
        client_time_ms = millis_field(payload, "clientTime")
        if client_time_ms is not None:
            answer["latencyHintMs"] = round(now_s * 1000 - client_time_ms)
        self._registry.send(session, names.HEARTBEAT_ACK, answer)
        self._presence.heartbeat(session.person)

    def typing(self, session: Session, payload: object, is_typing: bool) -> None:
        """``typing:start`` and ``typing:stop``, relayed to the room except the sender."""
        person, asked = session.person, _conversation_id(payload)
        conversation = self._directory.conversation(asked) if asked else None
        if person is None or conversation is None or not self._may_type(person, conversation):
            return
        typing_key = (person.key, conversation.id)
        now_s = self._clock.stamp().wall_s
        if is_typing:
            if now_s - self._typing_told_s.get(typing_key, 0.0) < TYPING_REPEAT_S and self._throttles:
                return
            self._typing_told_s[typing_key] = now_s
            if self._throttles and now_s - (person.last_active_s or 0.0) >= TYPING_WRITE_S:
                person.last_active_s = now_s
        else:
            self._typing_told_s.pop(typing_key, None)
        self._relay(session, person, conversation.id, is_typing)

    def disconnect(self, session: Session) -> None:
        """Stop the typing of a socket that disconnects."""
        for room in list(session.rooms):
            self._stop_typing(session, room)

    @property
    def _throttles(self) -> bool:
        return self._profile is not MEESHY_2025

    def _may_type(self, person: Person, conversation: Conversation) -> bool:
        if not self._throttles:
            return not person.guest
        return person.key in conversation.members and self._typings.hit(person.key).allowed

    def _stop_typing(self, session: Session, conversation_id: str) -> None:
        person = session.person
        if person and self._throttles and self._typing_told_s.pop((person.key, conversation_id), None):
            self._relay(session, person, conversation_id, False)

    def _relay(self, sender: Session, person: Person, conversation_id: str, is_typing: bool) -> None:
        listeners = [each for each in self._registry.in_room(conversation_id) if each is not sender]
        event = names.TYPING_START if is_typing else names.TYPING_STOP
        payload = typing_payload(self._profile, person, conversation_id, is_typing)
        self._registry.broadcast(listeners, event, payload)

    def _refusal(self, session: Session, asked: str | None) -> str | None:
        if session.person is None:
            return "not_authenticated"
        if asked is None:
            return "invalid_payload"
        return None if self._joins.hit(session.person.key).allowed else "rate_limited"

    def _refuse(self, session: Session, asked: str | None, reason: str) -> None:
        payload = {"conversationId": asked or "", "reason": reason, "message": reason.replace("_", " ")}
        self._registry.send(session, names.JOIN_ERROR, payload)

    def _join_unasked(self, session: Session, asked: str | None) -> None:
        """In 2025 any socket may join any room (section 1.3)."""
        conversation = self._directory.conversation(asked) if asked else None
        if conversation is None:
            return
        self._registry.enter(session, conversation.id)
        self._acknowledge(session, names.CONVERSATION_JOINED, conversation.id)
        self._send_stats(session, conversation)

    def _acknowledge(self, session: Session, event: str, conversation_id: str) -> None:
        user_id = session.person.key if session.person else ""
        self._registry.send(session, event, {"conversationId": conversation_id, "userId": user_id})

    def _send_stats(self, session: Session, conversation: Conversation) -> None:
        payload = {"conversationId": conversation.id, "stats": self._statistics.of(conversation)}
        self._registry.send(session, names.CONVERSATION_STATS, payload)


def _conversation_id(payload: object) -> str | None:
    return text_field(payload, "conversationId", LONGEST_ID)
