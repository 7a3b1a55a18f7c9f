"""Decodes gateway events into typed, sanitized messages. Never raises.

An event that violates its schema becomes ``Malformed``, an unknown one ``Unrecognised``, so that the caller
can count every event exactly once. Extra arguments after the payload (the offset of connection state
recovery) are ignored.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

import msgspec

from presence_tui.wire import messages, names, payloads
from presence_tui.wire.json_repair import decode_repaired, repaired_object
from presence_tui.wire.messages import Malformed, Message, PresenceRow, Unrecognised
from presence_tui.wire.sanitize import (
    MESSAGE_CELLS,
    are_safe_ids,
    is_safe_id,
    safe_name,
    safe_names,
    safe_text,
)
from presence_tui.wire.timestamps import seconds_from_wire, told_seconds

ROWS_A_PART: Final = 500
"""Rows decoded and applied per iteration of the loop: a few milliseconds, then the screen can draw."""

Shape = TypeVar("Shape", bound=msgspec.Struct)

_DECODE_ERRORS = (msgspec.ValidationError, UnicodeEncodeError)
"""Errors of converting; the second for a field name with a lone surrogate."""
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Errors of decoding; the last for endless nesting."""


class _Refused(ValueError):
    """The payload violates its schema; the text is sanitized."""


def decode_event(event: object, arguments: Sequence[object]) -> Message:
    """Decode an event. Never raises."""
    decode = _DECODERS.get(event) if isinstance(event, str) else None
    if decode is None:
        return Unrecognised(safe_text(str(event)))
    payload = arguments[0] if arguments else None
    try:
        try:
            return decode(payload)
        except UnicodeEncodeError:
            return decode(repaired_object(payload))
    except (*_DECODE_ERRORS, _Refused) as problem:
        return Malformed(str(event), safe_text(str(problem), MESSAGE_CELLS))


def rows_of(items: Sequence[object], shape: type[Shape]) -> tuple[list[Shape], int]:
    """Convert items, and count the malformed ones, without losing the others."""
    try:
        return msgspec.convert(items, list[shape]), 0  # type: ignore[valid-type]
    except _DECODE_ERRORS:
        rows: list[Shape] = []
        for item in items:
            try:
                rows.append(_row_of(item, shape))
            except _DECODE_ERRORS:
                continue
        return rows, len(items) - len(rows)


def decoded_rows(items: Sequence[msgspec.Raw], shape: type[Shape]) -> tuple[list[Shape], int]:
    """Like ``rows_of`` for raw bytes, one row at a time, so that no call holds the GIL for long."""
    decode = msgspec.json.Decoder(shape).decode
    try:
        return list(map(decode, items)), 0
    except _UNREADABLE:
        rows: list[Shape] = []
    for item in items:
        try:
            rows.append(decode_repaired(bytes(item), decode))
        except _UNREADABLE:
            continue
    return rows, len(items) - len(rows)


def _row_of(item: object, shape: type[Shape]) -> Shape:
    try:
        return msgspec.convert(item, shape)
    except UnicodeEncodeError:
        return msgspec.convert(repaired_object(item), shape)


def presence_rows(rows: Sequence[payloads.StatusShape]) -> tuple[list[PresenceRow], int]:
    """Rows of a snapshot or runtime answer with safe keys, and the number of others."""
    keyed = rows
    if not are_safe_ids([row.user_id for row in rows]):
        keyed = [row for row in rows if is_safe_id(row.user_id)]
    decoded = map(
        PresenceRow,
        [row.user_id for row in keyed],
        [row.is_online for row in keyed],
        [told_seconds(row.last_active_at) for row in keyed],
        safe_names([row.username or "" for row in keyed]),
    )
    return list(decoded), len(rows) - len(keyed)


def full_name(display: str | None, first: str | None, last: str | None) -> str:
    """The display name, otherwise first and last name, sanitized; empty if unknown."""
    return safe_name(raw_name(display, first, last))


def raw_name(display: str | None, first: str | None, last: str | None) -> str:
    """Like ``full_name``, but not sanitized."""
    return display or " ".join(filter(None, (first, last)))


def _status(payload: object) -> Message:
    shape = msgspec.convert(payload, payloads.StatusShape)
    return messages.Status(
        key=_id(shape.user_id),
        flag=shape.is_online,
        name=safe_name(shape.username or ""),
        last_active_s=told_seconds(shape.last_active_at),
        emitted_s=told_seconds(shape.timestamp),
    )


def _snapshot(payload: object) -> Message:
    items = msgspec.convert(payload, payloads.SnapshotShape).users
    rows, misshapen = rows_of(items, payloads.StatusShape)
    presence, unkeyed = presence_rows(rows)
    return messages.Snapshot(presence, misshapen + unkeyed)


def _authenticated(payload: object) -> Message:
    shape = msgspec.convert(payload, payloads.AuthenticatedShape)
    return messages.Authenticated(
        success=shape.success,
        key=_id(shape.user.id) if shape.user else "",
        guest=bool(shape.user and shape.user.is_anonymous),
        error=safe_text(shape.error or "", MESSAGE_CELLS),
        version=safe_text(shape.version or ""),
    )


def _token_expired(payload: object) -> Message:
    return messages.TokenExpiredEvent(_error(payload).message)


def _session_revoked(payload: object) -> Message:
    return messages.SessionRevokedEvent(
        safe_text(_text(payload, "reason")), safe_text(_text(payload, "message"), MESSAGE_CELLS)
    )


def _error(payload: object) -> messages.GatewayErrorEvent:
    """The payload may also be the message alone."""
    message = payload if isinstance(payload, str) else _text(payload, "message")
    return messages.GatewayErrorEvent(safe_text(message, MESSAGE_CELLS), safe_text(_text(payload, "code")))


def _text(payload: object, field: str) -> str:
    """A text of a payload whose event means the same without it."""
    text = payload.get(field) if isinstance(payload, dict) else None
    return text if isinstance(text, str) else ""


def _typing(started: bool) -> Callable[[object], Message]:
    def decode(payload: object) -> Message:
        shape = msgspec.convert(payload, payloads.TypingShape)
        return messages.Typing(
            key=_id(shape.user_id),
            conversation_id=_id(shape.conversation_id),
            started=started,
            name=safe_name(shape.display_name or ""),
            handle=safe_name(shape.username or ""),
        )

    return decode


def _heartbeat_ack(payload: object) -> Message:
    return messages.HeartbeatAck(
        seconds_from_wire(msgspec.convert(payload, payloads.HeartbeatAckShape).server_time)
    )


def _room(message: type[messages.RoomJoined | messages.RoomLeft]) -> Callable[[object], Message]:
    def decode(payload: object) -> Message:
        shape = msgspec.convert(payload, payloads.RoomShape)
        return message(_id(shape.conversation_id), _id(shape.user_id))

    return decode


def _join_refused(payload: object) -> Message:
    shape = msgspec.convert(payload, payloads.JoinErrorShape)
    return messages.JoinRefused(
        safe_text(shape.conversation_id),
        safe_text(shape.reason),
        safe_text(shape.message or "", MESSAGE_CELLS),
    )


def _participant_joined(payload: object) -> Message:
    shape = msgspec.convert(payload, payloads.MembershipShape)
    return messages.ParticipantJoined(
        _id(shape.conversation_id), _id(shape.user_id), safe_name(shape.display_name or "")
    )


def _participant_left(*, banned: bool) -> Callable[[object], Message]:
    def decode(payload: object) -> Message:
        shape = msgspec.convert(payload, payloads.MembershipShape)
        return messages.ParticipantLeft(_id(shape.conversation_id), _id(shape.user_id), banned)

    return decode


def _participant_unbanned(payload: object) -> Message:
    """A member again, unless the gateway says that the membership was not restored."""
    shape = msgspec.convert(payload, payloads.UnbanShape)
    conversation_id, key = _id(shape.conversation_id), _id(shape.user_id)
    if shape.membership_restored is False:
        return messages.ConversationChanged(conversation_id)
    return messages.ParticipantJoined(conversation_id, key, safe_name(shape.display_name or ""))


def _conversation_changed(payload: object) -> Message:
    shape = msgspec.convert(payload, payloads.ConversationChangeShape)
    return messages.ConversationChanged(_id(shape.conversation_id), safe_text(shape.title or ""))


def _conversation_ended(deleted: bool) -> Callable[[object], Message]:
    def decode(payload: object) -> Message:
        shape = msgspec.convert(payload, payloads.ConversationChangeShape)
        return messages.ConversationEnded(_id(shape.conversation_id), deleted)

    return decode


def _user_updated(payload: object) -> Message:
    shape = msgspec.convert(payload, payloads.AccountChangeShape)
    changes = shape.changes
    return messages.AccountRenamed(
        _id(shape.user_id), safe_name(changes.display_name or ""), safe_name(changes.username or "")
    )


def _message_new(payload: object) -> Message:
    """Only system messages are about presence."""
    try:
        shape = msgspec.convert(payload, payloads.MessageNewShape)
    except _DECODE_ERRORS:
        return Unrecognised(names.MESSAGE_NEW)
    is_ours = "system" in (shape.message_type, shape.message_source)
    return messages.SystemMessage(_id(shape.conversation_id)) if is_ours else Unrecognised(names.MESSAGE_NEW)


def _role_updated(payload: object) -> Message:
    shape = msgspec.convert(payload, payloads.RoleShape)
    return messages.RoleUpdated(
        _id(shape.conversation_id), _id(shape.user_id), safe_text(shape.new_role).lower()
    )


def _conversation_stats(payload: object) -> Message:
    return _named(msgspec.convert(payload, payloads.ConversationStatsShape).stats.online_users)


def _online_stats(payload: object) -> Message:
    return _named(msgspec.convert(payload, payloads.OnlineStatsShape).online_users)


def _named(items: Sequence[object]) -> Message:
    rows, _ = rows_of(items, payloads.StatsUserShape)
    return messages.Named(
        {
            row.id: (
                safe_name(row.username or ""),
                full_name(row.display_name, row.first_name, row.last_name),
            )
            for row in rows
            if is_safe_id(row.id)
        }
    )


def _id(text: str) -> str:
    if not is_safe_id(text):
        raise _Refused("an id that cannot be shown as it is")
    return text


_DECODERS: Mapping[str, Callable[[object], Message]] = {
    names.STATUS: _status,
    names.STATUS_AS_FIRST_SPECIFIED: _status,
    names.SNAPSHOT: _snapshot,
    names.AUTHENTICATED: _authenticated,
    names.TOKEN_EXPIRED: _token_expired,
    names.SESSION_REVOKED: _session_revoked,
    names.ERROR: _error,
    names.TYPING_START: _typing(True),
    names.TYPING_STOP: _typing(False),
    names.HEARTBEAT_ACK: _heartbeat_ack,
    names.CONVERSATION_JOINED: _room(messages.RoomJoined),
    names.CONVERSATION_LEFT: _room(messages.RoomLeft),
    names.JOIN_ERROR: _join_refused,
    names.CONVERSATION_STATS: _conversation_stats,
    names.ONLINE_STATS: _online_stats,
    names.PARTICIPANT_JOINED: _participant_joined,
    names.PARTICIPANT_LEFT: _participant_left(banned=False),
    names.PARTICIPANT_BANNED: _participant_left(banned=True),
    names.PARTICIPANT_UNBANNED: _participant_unbanned,
    names.ROLE_UPDATED: _role_updated,
    names.CONVERSATION_NEW: _conversation_changed,
    names.CONVERSATION_UPDATED: _conversation_changed,
    names.CONVERSATION_CLOSED: _conversation_ended(deleted=False),
    names.CONVERSATION_DELETED: _conversation_ended(deleted=True),
    names.USER_UPDATED: _user_updated,
    names.MESSAGE_NEW: _message_new,
}

KNOWN: Final = frozenset(_DECODERS)
"""Names of the events that are decoded."""
