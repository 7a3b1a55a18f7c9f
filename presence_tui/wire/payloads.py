"""Schemas of the gateways' payloads: extra fields are ignored, used ones are strict.

The schemas of the wire contract define what is malformed. Fields accept ``null`` where real gateways send it
for "unknown". Times and counts are of any type, so that a bad one loses neither the flag nor the row.
"""

from typing import Annotated

from msgspec import Meta, Struct

Id = Annotated[str, Meta(min_length=1, max_length=255)]


class WireShape(Struct, rename="camel", gc=False):
    """Attributes in snake case, fields in camel case."""


class StatusShape(WireShape):
    user_id: Id
    is_online: bool
    username: str | None = None
    last_active_at: object = None
    timestamp: object = None


class SnapshotShape(WireShape):
    users: list[object]


class AuthenticatedUserShape(WireShape):
    id: Id
    is_anonymous: bool | None = None


class AuthenticatedShape(WireShape):
    success: bool
    user: AuthenticatedUserShape | None = None
    version: str | None = None
    error: str | None = None


class TypingShape(WireShape):
    user_id: Id
    conversation_id: Id
    username: str | None = None
    display_name: str | None = None


class HeartbeatAckShape(WireShape):
    server_time: str


class RoomShape(WireShape):
    conversation_id: Id
    user_id: Id


class JoinErrorShape(WireShape):
    conversation_id: str
    reason: str
    message: str | None = None


class MembershipShape(WireShape):
    conversation_id: Id
    user_id: Id
    display_name: str | None = None


class UnbanShape(WireShape):
    conversation_id: Id
    user_id: Id
    display_name: str | None = None
    membership_restored: bool | None = None


class ConversationChangeShape(WireShape):
    conversation_id: Id
    title: str | None = None


class AccountChangesShape(WireShape):
    display_name: str | None = None
    username: str | None = None


class AccountChangeShape(WireShape):
    user_id: Id
    changes: AccountChangesShape


class MessageNewShape(WireShape):
    conversation_id: Id
    message_type: str | None = None
    message_source: str | None = None


class RoleShape(WireShape):
    conversation_id: Id
    user_id: Id
    new_role: str


class StatsUserShape(WireShape):
    id: Id
    username: str | None = None
    display_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None


class StatsShape(WireShape):
    online_users: list[object]


class ConversationStatsShape(WireShape):
    conversation_id: Id
    stats: StatsShape


class OnlineStatsShape(WireShape):
    conversation_id: Id
    online_users: list[object]


class ParticipantShape(WireShape):
    """One row of ``GET …/participants``, in either version."""

    id: Id
    is_online: bool | None = None
    user_id: str | None = None
    type: str | None = None
    username: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    display_name: str | None = None
    role: str | None = None
    conversation_role: str | None = None
    last_active_at: object = None
    is_active: bool | None = None
    is_anonymous: bool | None = None
    system_language: str | None = None


class ConversationShape(WireShape):
    id: Id
    type: str | None = None
    identifier: str | None = None
    title: str | None = None
    member_count: object = None
    member_count_capped: object = None
    last_message_at: object = None
    participants: list[object] | None = None
    members: list[object] | None = None


class UserShape(WireShape):
    id: Id
    username: str | None = None
    display_name: str | None = None


class HealthShape(WireShape):
    status: str
    timestamp: str
    version: str | None = None
    uptime: float | None = None
