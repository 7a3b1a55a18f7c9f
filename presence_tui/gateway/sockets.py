"""Sockets: handshake, authentication and event handlers (wire contract, sections 1.2, 1.3).

Handlers never raise on a client's input: python-socketio would only log it, and the client would wait.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from presence_tui.gateway.access import (
    Credentials,
    TokenExpired,
    TokenRefused,
    UnknownAccount,
    handshake_credentials,
)
from presence_tui.gateway.connection_registry import Session
from presence_tui.gateway.context import GatewayContext
from presence_tui.gateway.directory import Person
from presence_tui.gateway.payloads import text_field
from presence_tui.gateway.rate_limiter import RateLimiter
from presence_tui.gateway.rooms import UNREAD_UPDATED
from presence_tui.gateway.socketio_server import SocketIoServer, frame
from presence_tui.wire import names
from presence_tui.wire.timestamps import wire_from_seconds

SERVER_VERSION = "1.1.0"
AUTHENTICATIONS_PER_MINUTE = 10
NO_CREDENTIALS_2025 = "Authentification requise: Bearer token ou x-session-token"


class AuthenticationRefused(Exception):
    """A credential was refused. ``event`` and ``payload`` are the answer of a 2026 gateway."""

    def __init__(self, event: str, payload: Mapping[str, object]) -> None:
        super().__init__(event)
        self.event = event
        self.payload = payload


class Sockets:
    """The Socket.IO side of one start of the gateway."""

    def __init__(self, server: SocketIoServer, context: GatewayContext) -> None:
        self._server = server
        self._settings = context.settings
        self._legacy = context.settings.is_legacy
        self._clock = context.clock
        self._access = context.access
        self._registry = context.registry
        self._presence = context.presence
        self._rooms = context.rooms
        self._faults = context.faults
        self._authentications = RateLimiter(AUTHENTICATIONS_PER_MINUTE, context.clock)
        self._held_snapshots: list[tuple[Session, Any]] | None = None
        self._register()

    def hold_snapshots(self, held: bool) -> None:
        """Hold snapshots as of authentication, or release and send them."""
        if held:
            self._held_snapshots = self._held_snapshots or []
            return
        late, self._held_snapshots = self._held_snapshots or [], None
        for session, packet in late:
            self._registry.send_packet(session, packet)

    async def hang_up(self, session: Session) -> None:
        """Disconnect a socket from the server's side."""
        await self._server.hang_up(session.sid, session.connection)

    def _disconnect_soon(self, session: Session) -> None:
        """Disconnect a socket that may have just connected, after it has answered a ping."""
        if session.is_disconnecting:
            return
        session.is_disconnecting = True
        self._server.start_background_task(self._hang_up_when_answered, session)

    async def _hang_up_when_answered(self, session: Session) -> None:
        await self._server.until_answered(session.connection)
        await self.hang_up(session)

    def _register(self) -> None:
        self._server.on("connect", self._connect)
        self._server.on("disconnect", self._disconnect)
        self._server.on(names.AUTHENTICATE, self._authenticate_late)
        self._on(names.CONVERSATION_JOIN, self._rooms.join)
        self._on(names.CONVERSATION_LEAVE, self._rooms.leave)
        self._on(names.HEARTBEAT, self._rooms.heartbeat)
        self._on(names.TYPING_START, lambda session, payload: self._rooms.typing(session, payload, True))
        self._on(names.TYPING_STOP, lambda session, payload: self._rooms.typing(session, payload, False))

    def _on(self, event: str, answer: Callable[[Session, object], None]) -> None:
        def heard(sid: str, *arguments: object) -> object:
            session = self._registry.sessions.get(sid)
            if session is not None and not session.is_disconnecting:
                answer(session, arguments[0] if arguments else None)
            # No event is acknowledged, even if the client requests it (section 1.1).
            return self._server.not_handled

        self._server.on(event, heard)

    def _connect(self, sid: str, environ: dict[str, Any], auth: object = None) -> None:
        request = environ["aiohttp.request"]
        session = Session(sid, self._server.connection(sid), request.remote or "", self._clock.stamp().wall_s)
        self._registry.open(session)
        credentials = handshake_credentials(self._settings.contract, auth, request.headers)
        if self._legacy:
            self._authenticate_2025(session, credentials)
        elif credentials:
            self._authenticate_2026(session, credentials)
        else:
            self._wait_for_credentials(session)

    def _disconnect(self, sid: str, reason: str = "") -> None:
        session = self._registry.sessions.get(sid)
        if session is None:
            return
        if session.grace is not None:
            session.grace.cancel()
        self._rooms.disconnect(session)
        self._registry.close(sid)
        # A socket evicted by a newer one is not the person's current one (section 1.5).
        evicted = self._legacy and session.person and self._registry.has_sessions(session.person.key)
        if session.person is not None and not evicted:
            self._presence.disconnect_socket(session, session.person)

    def _authenticate_late(self, sid: str, *arguments: object) -> object:
        session = self._registry.sessions.get(sid)
        if session is None or session.is_disconnecting:
            return self._server.not_handled
        payload = arguments[0] if arguments else None
        credentials = Credentials(text_field(payload, "token"), text_field(payload, "sessionToken"))
        if self._legacy:
            self._authenticate_2025(session, _either_way(credentials), late=True)
        elif not self._authentications.hit(session.address).allowed:
            message = {"message": "Too many attempts", "code": "RATE_LIMIT_EXCEEDED"}
            self._refuse(session, AuthenticationRefused(names.ERROR, message))
        elif not isinstance(payload, dict):
            self._registry.send(session, names.ERROR, {"message": "Invalid payload"})
        elif not credentials:
            message = {"message": "token or sessionToken required"}
            self._registry.send(session, names.ERROR, message)
        elif session.person is None:
            self._authenticate_2026(session, credentials)
        return self._server.not_handled

    def _authenticate_2026(self, session: Session, credentials: Credentials) -> None:
        try:
            person = self._identify(credentials)
        except AuthenticationRefused as refused:
            self._refuse(session, refused)
            return
        self._accept(session, person)
        verdict = {"success": True, "user": _identity(person), "version": SERVER_VERSION}
        self._registry.send(session, names.AUTHENTICATED, verdict)
        if person.conversations:
            self._send_snapshot(session, person)
        self._presence.connect_socket(person)
        for conversation in person.conversations:
            unread = {"conversationId": conversation.id, "unreadCount": 0}
            self._registry.send(session, UNREAD_UPDATED, unread)
        for key in self._faults.strangers:
            stranger = {"userId": key, "username": f"Stranger {key[-2:]}", "isOnline": True}
            stranger["lastActiveAt"] = wire_from_seconds(self._clock.stamp().wall_s)
            self._registry.send(session, names.STATUS, stranger)

    def _authenticate_2025(self, session: Session, credentials: Credentials, late: bool = False) -> None:
        """Authenticate; on failure the socket stays open (section 1.3)."""
        person = None
        # The JWT first, then the session token if the JWT fails.
        for attempt in (Credentials(token=credentials.token), Credentials(None, credentials.session_token)):
            try:
                person = self._identify(attempt) if attempt and person is None else person
            except AuthenticationRefused:
                continue
        if person is None:
            text = "Authentication failed" if late else NO_CREDENTIALS_2025
            self._registry.send(session, names.AUTHENTICATED, {"success": False, "error": text})
            if not late:
                self._registry.send(session, names.ERROR, {"message": text})
            return
        if session.person is not None:
            return
        older = self._registry.sessions_of(person.key)
        self._accept(session, person)
        for evicted in older:
            self._disconnect_soon(evicted)
        identity = _identity(person)
        if late:
            del identity["isAnonymous"]
        self._registry.send(session, names.AUTHENTICATED, {"success": True, "user": identity})
        self._presence.connect_socket(person)

    def _identify(self, credentials: Credentials) -> Person:
        """The person of these credentials; a token takes precedence. Raises ``AuthenticationRefused``."""
        if self._faults.refuse_sign_ins:
            raise AuthenticationRefused(names.ERROR, {"message": "Authentication failed"})
        if credentials.token is not None:
            try:
                return self._access.account(credentials.token)
            except TokenExpired as error:
                message = {"code": "token_expired", "message": "JWT token has expired"}
                raise AuthenticationRefused(names.TOKEN_EXPIRED, message) from error
            except TokenRefused as error:
                raise AuthenticationRefused(names.ERROR, {"message": "Authentication failed"}) from error
            except UnknownAccount as error:
                raise AuthenticationRefused(names.ERROR, {"message": "User not found"}) from error
        guest = self._access.guest(credentials.session_token or "")
        if guest is None:
            raise AuthenticationRefused(names.ERROR, {"message": "Anonymous session not found"})
        return guest.person

    def _accept(self, session: Session, person: Person) -> None:
        if session.grace is not None:
            session.grace.cancel()
        self._registry.admit(session, person)
        if self._legacy and person.guest:
            # A guest of 2025 must join the room of its link to receive events (section 1.5).
            return
        for conversation in person.conversations:
            self._registry.enter(session, conversation.id)

    def _send_snapshot(self, session: Session, person: Person) -> None:
        rows = self._presence.snapshot_for(person)
        rows = [row for row in rows if row["userId"] not in self._faults.left_out]
        packet = frame(names.SNAPSHOT, {"users": rows})
        if self._held_snapshots is None:
            self._registry.send_packet(session, packet)
        else:
            self._held_snapshots.append((session, packet))

    def _refuse(self, session: Session, refused: AuthenticationRefused) -> None:
        self._registry.send(session, refused.event, refused.payload)
        self._disconnect_soon(session)

    def _wait_for_credentials(self, session: Session) -> None:
        loop = asyncio.get_running_loop()
        session.grace = loop.call_later(self._settings.authentication_grace_s, self._disconnect_soon, session)


def _identity(person: Person) -> dict[str, object]:
    return {"id": person.key, "language": person.language, "isAnonymous": person.guest}


def _either_way(credentials: Credentials) -> Credentials:
    """In 2025 a JWT may be sent as ``sessionToken``. An id alone is no proof, so it is not accepted here."""
    return Credentials(credentials.session_token, credentials.session_token)
