"""What the gateway can tell a client, typed and safe: the result of decoding an event.

Every text in here went through ``safe_text``; every key is a safe id; times are Unix seconds.
"""

from dataclasses import dataclass

from msgspec import Struct


class Status(Struct, frozen=True, gc=False):
    """One participant's flag, as it changed (``user:status``)."""

    key: str
    flag: bool
    name: str = ""
    """Display name; empty where the event tells none."""
    last_active_s: float | None = None
    emitted_s: float | None = None
    unreadable_times: int = 0
    """Timestamps that were there and could not be read."""


class Told(Struct, frozen=True, gc=False):
    """One row of a snapshot or of a runtime answer."""

    key: str
    flag: bool
    last_active_s: float | None = None
    handle: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every co-participant's state after authentication, and how many rows could not be read."""

    rows: list[Told]
    malformed_rows: int = 0
    complete: bool = True
    """False for a part of a long one that is not its last."""


@dataclass(frozen=True, slots=True)
class Authenticated:
    success: bool
    key: str = ""
    guest: bool = False
    error: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class TokenExpired:
    message: str


@dataclass(frozen=True, slots=True)
class SessionRevoked:
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class GatewayError:
    """The event ``error``: fatal before authentication, a notice after it."""

    message: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Typing:
    key: str
    conversation_id: str
    started: bool
    name: str = ""
    handle: str = ""


@dataclass(frozen=True, slots=True)
class HeartbeatAck:
    server_time_s: float | None


@dataclass(frozen=True, slots=True)
class RoomJoined:
    """Two meanings on the wire: our own join was accepted, or another member was added (section 1.6)."""

    conversation_id: str
    key: str


@dataclass(frozen=True, slots=True)
class RoomLeft:
    conversation_id: str
    key: str


@dataclass(frozen=True, slots=True)
class JoinRefused:
    conversation_id: str
    reason: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class ParticipantJoined:
    conversation_id: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class ParticipantLeft:
    conversation_id: str
    key: str


@dataclass(frozen=True, slots=True)
class RoleUpdated:
    conversation_id: str
    key: str
    role: str


@dataclass(frozen=True, slots=True)
class Named:
    """Handles and names from a statistics event; its states are up to an hour old and are not taken."""

    names: dict[str, tuple[str, str]]
    """Presence key to (handle, display name)."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """An event that breaks its schema; ``why`` is safe to show."""

    event: str
    why: str


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """An event this monitor has no use for."""

    event: str


Message = (
    Status
    | Snapshot
    | Authenticated
    | TokenExpired
    | SessionRevoked
    | GatewayError
    | Typing
    | HeartbeatAck
    | RoomJoined
    | RoomLeft
    | JoinRefused
    | ParticipantJoined
    | ParticipantLeft
    | RoleUpdated
    | Named
    | Malformed
    | Unrecognised
)
