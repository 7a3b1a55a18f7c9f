"""Typed messages and rows from the gateway: decoded events and rows of REST responses.

All texts have passed ``safe_text``, all keys are safe ids, and times are Unix seconds: as reported, even if
impossible, and ``UNREADABLE_S`` if they cannot be read.
"""

from msgspec import Struct

from presence_tui.domain.participants import Participant


class Status(Struct, frozen=True, gc=False):
    """A change of one participant's flag (``user:status``)."""

    key: str
    flag: bool
    name: str = ""
    """Display name; empty if the event has none."""
    last_active_s: float | None = None
    emitted_s: float | None = None


class PresenceRow(Struct, frozen=True, gc=False):
    """One row of a snapshot or a runtime answer."""

    key: str
    flag: bool
    last_active_s: float | None = None
    handle: str = ""


class RosterRow(Struct, frozen=True, gc=False):
    """One participant, with the presence that is reliable in the list."""

    participant: Participant
    flag: bool | None = None
    last_active_s: float | None = None


class Snapshot(Struct, frozen=True):
    """The state of all members of our conversations after authentication, and the number of malformed
    rows.
    """

    rows: list[PresenceRow]
    malformed_rows: int = 0
    complete: bool = True
    """False for a part of a long snapshot that is not its last."""


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
    """Either our own join was accepted, or another member was added (section 1.6)."""

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
    """A member left, was removed or was banned."""

    conversation_id: str
    key: str
    banned: bool = False


class ConversationChanged(Struct, frozen=True):
    """A conversation is new or changed; ``title`` is empty if not included."""

    conversation_id: str
    title: str = ""


class ConversationEnded(Struct, frozen=True):
    """A conversation was closed or deleted."""

    conversation_id: str
    deleted: bool = False


class AccountRenamed(Struct, frozen=True):
    """An account's display name or handle changed; empty text means not included."""

    key: str
    name: str = ""
    handle: str = ""


class SystemMessage(Struct, frozen=True):
    """A system message in a conversation, for example about a participant who joined by a link."""

    conversation_id: str


class RoleUpdated(Struct, frozen=True):
    conversation_id: str
    key: str
    role: str


class Named(Struct, frozen=True):
    """Handles and names from a statistics event, whose states are up to an hour old and ignored."""

    names: dict[str, tuple[str, str]]
    """Presence key to (handle, display name)."""


class Malformed(Struct, frozen=True):
    """An event that violates its schema; ``why`` is sanitized."""

    event: str
    why: str


class Unrecognised(Struct, frozen=True):
    """An event that this program does not use."""

    event: str


OtherMessage = (
    Snapshot
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
"""All but a status, of which many are applied together."""
Message = Status | OtherMessage
