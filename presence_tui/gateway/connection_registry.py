"""Registry of real sockets: their persons and rooms, and sending to them."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from presence_tui.gateway.directory import Conversation, Person
from presence_tui.gateway.socketio_server import frame


@dataclass(slots=True, eq=False)
class Session:
    """One connected socket; ``person`` is set once it is authenticated."""

    sid: str
    connection: Any
    """The Engine.IO connection."""
    address: str
    opened_s: float
    person: Person | None = None
    rooms: set[str] = field(default_factory=set)
    """Ids of the conversations whose room it has joined."""
    grace: asyncio.TimerHandle | None = None
    """Disconnects a socket that does not authenticate."""
    is_disconnecting: bool = False
    """True before a planned disconnect; further input is ignored."""


class ConnectionRegistry:
    """Sessions by id, by person, by conversation the person is a member of, and by room."""

    def __init__(self, with_offsets: bool = False) -> None:
        self.sessions: dict[str, Session] = {}
        self._of_person: dict[str, dict[str, Session]] = {}
        self._of_members: dict[str, dict[str, Session]] = {}
        self._in_room: dict[str, dict[str, Session]] = {}
        self._with_offsets = with_offsets
        self._sent = 0

    def open(self, session: Session) -> None:
        """Register a connected socket."""
        self.sessions[session.sid] = session

    def admit(self, session: Session, person: Person) -> None:
        """Register an authenticated socket for a person and their conversations."""
        session.person = person
        self._of_person.setdefault(person.key, {})[session.sid] = session
        for conversation in person.conversations:
            self._of_members.setdefault(conversation.id, {})[session.sid] = session

    def close(self, sid: str) -> Session | None:
        """Remove a socket and return its session, if any."""
        session = self.sessions.pop(sid, None)
        if session is None:
            return None
        for room in list(session.rooms):
            self.leave(session, room)
        if session.person is not None:
            _discard(self._of_person, session.person.key, sid)
            for conversation in session.person.conversations:
                _discard(self._of_members, conversation.id, sid)
        return session

    def enter(self, session: Session, conversation_id: str) -> None:
        """Add the session to the room of a conversation."""
        session.rooms.add(conversation_id)
        self._in_room.setdefault(conversation_id, {})[session.sid] = session

    def leave(self, session: Session, conversation_id: str) -> None:
        """Remove the session from the room."""
        session.rooms.discard(conversation_id)
        _discard(self._in_room, conversation_id, session.sid)

    def clear(self) -> None:
        """Remove all sessions, when the gateway stops."""
        for session in self.sessions.values():
            if session.grace is not None:
                session.grace.cancel()
        for table in (self.sessions, self._of_person, self._of_members, self._in_room):
            table.clear()

    def include(self, person: Person, conversation: Conversation) -> None:
        """Add a new member's sessions to the conversation, without joining the room."""
        for session in self.sessions_of(person.key):
            self._of_members.setdefault(conversation.id, {})[session.sid] = session

    def remove_from_room(self, person: Person, conversation: Conversation) -> None:
        """Remove a former member's sessions from the conversation and its room."""
        for session in self.sessions_of(person.key):
            self.leave(session, conversation.id)
            _discard(self._of_members, conversation.id, session.sid)

    def sessions_of(self, key: str) -> list[Session]:
        """The sessions of a person, oldest first."""
        return list(self._of_person.get(key, {}).values())

    def has_sessions(self, key: str) -> bool:
        """True if the person is connected over a real socket."""
        return key in self._of_person

    def members_of(self, conversations: Iterable[Conversation]) -> list[Session]:
        """The sessions of all members of any of these conversations, each once."""
        found: dict[str, Session] = {}
        for conversation in conversations:
            found.update(self._of_members.get(conversation.id, {}))
        return list(found.values())

    def in_room(self, conversation_id: str) -> list[Session]:
        """The sessions in a room."""
        return list(self._in_room.get(conversation_id, {}).values())

    def send(self, session: Session, event: str, payload: object) -> None:
        """Send an event to one socket."""
        self.broadcast((session,), event, payload)

    def broadcast(self, sessions: Sequence[Session], event: str, payload: object) -> None:
        """Send an event to many sockets, in order of the calls. It is encoded once."""
        if not sessions:
            return
        self._sent += 1
        packet = frame(event, payload, f"offset-{self._sent}" if self._with_offsets else None)
        for session in sessions:
            self.send_packet(session, packet)

    def send_packet(self, session: Session, packet: Any) -> None:
        """Queue an encoded frame for one socket."""
        if not session.connection.closed:
            session.connection.queue.put_nowait(packet)


def _discard(table: dict[str, dict[str, Session]], key: str, sid: str) -> None:
    """Remove a session from a nested table, and the inner table if it is empty then."""
    row = table.get(key)
    if row is None:
        return
    row.pop(sid, None)
    if not row:
        del table[key]
