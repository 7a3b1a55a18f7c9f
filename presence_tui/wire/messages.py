"""Typed messages and rows from the gateway: decoded events and rows of REST responses.

Every text has passed ``safe_text``, every key is a safe id, and times are Unix seconds: as told, however
impossible, and ``UNREADABLE_S`` where they could not be read.
"""

from msgspec import Struct

from presence_tui.domain.participants import Participant


class Status(Struct, frozen=True, gc=False):
    """One participant's flag, as it changed (``user:status``)."""

    key: str
    flag: bool
    name: str = ""
    """Display name; empty where the event tells none."""
    last_active_s: float | None = None
    emitted_s: float | None = None


class PresenceRow(Struct, frozen=True, gc=False):
    """One row of a snapshot or of a runtime answer."""

    key: str
    flag: bool
    last_active_s: float | None = None
    handle: str = ""


class RosterRow(Struct, frozen=True, gc=False):
    """One participant, and what the list may be believed to say of their presence."""

    participant: Participant
    flag: bool | None = None
    last_active_s: float | None = None


class Snapshot(Struct, frozen=True):
    """Every co-participant's state after authentication, and how many rows could not be read."""

    rows: list[PresenceRow]
    malformed_rows: int = 0
    complete: bool = True
    """False for a part of a long one that is not its last."""


class Authenticated(Struct, frozen=True):
    success: bool
    key: str = ""
    guest: bool = False
    error: str = ""
    version: str = ""


class TokenExpiredEvent(Struct, frozen=True):
    message: str


class SessionRevokedEvent(Struct, frozen=True):
    reason: str
    message: str


class GatewayErrorEvent(Struct, frozen=True):
    """The event ``error``: fatal before authentication, a notice after it."""

    message: str
    code: str = ""


class Typing(Struct, frozen=True):
    key: str
    conversation_id: str
    started: bool
    name: str = ""
    handle: str = ""


class HeartbeatAck(Struct, frozen=True):
    server_time_s: float | None


class RoomJoined(Struct, frozen=True):
    """Two meanings on the wire: our own join was accepted, or another member was added (section 1.6)."""

    conversation_id: str
    key: str


class RoomLeft(Struct, frozen=True):
    conversation_id: str
    key: str


class JoinRefused(Struct, frozen=True):
    conversation_id: str
    reason: str
    message: str = ""


class ParticipantJoined(Struct, frozen=True):
    conversation_id: str
    key: str
    name: str


class ParticipantLeft(Struct, frozen=True):
    """Somebody is a member no longer, by leaving, by being removed or by a ban."""

    conversation_id: str
    key: str
    banned: bool = False


class ConversationChanged(Struct, frozen=True):
    """A conversation is new, or something of it is; ``title`` is empty where it is not told."""

    conversation_id: str
    title: str = ""


class ConversationEnded(Struct, frozen=True):
    """A conversation was closed, or deleted."""

    conversation_id: str
    deleted: bool = False


class AccountRenamed(Struct, frozen=True):
    """An account has another display name or handle; empty text is not told."""

    key: str
    name: str = ""
    handle: str = ""


class SystemMessage(Struct, frozen=True):
    """A message of the gateway's own in a conversation: somebody may have joined by a link."""

    conversation_id: str


class RoleUpdated(Struct, frozen=True):
    conversation_id: str
    key: str
    role: str


class Named(Struct, frozen=True):
    """Handles and names from a statistics event; its states are up to an hour old and are not taken."""

    names: dict[str, tuple[str, str]]
    """Presence key to (handle, display name)."""


class Malformed(Struct, frozen=True):
    """An event that breaks its schema; ``why`` is safe to show."""

    event: str
    why: str


class Unrecognised(Struct, frozen=True):
    """An event this monitor has no use for."""

    event: str


Message = (
    Status
    | Snapshot
    | Authenticated
    | TokenExpiredEvent
    | SessionRevokedEvent
    | GatewayErrorEvent
    | Typing
    | HeartbeatAck
    | RoomJoined
    | RoomLeft
    | JoinRefused
    | ParticipantJoined
    | ParticipantLeft
    | ConversationChanged
    | ConversationEnded
    | AccountRenamed
    | SystemMessage
    | RoleUpdated
    | Named
    | Malformed
    | Unrecognised
)
