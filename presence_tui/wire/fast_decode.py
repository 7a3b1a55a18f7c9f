"""Fast paths beside the general decoder: status events decoded together, and long snapshots in parts.

Nearly everything a busy gateway sends is ``user:status``, and the general decoder (JSON to objects, to a
payload, to a message) takes ten times as long. Here packets that arrived together are decoded and checked as
one list. Packets of any other form yield ``None`` and go to the general decoder, which alone decides what is
malformed or unknown. A property test compares the two.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from presence_tui.wire import names, payloads
from presence_tui.wire.decode import ROWS_A_PART, decoded_rows, presence_rows
from presence_tui.wire.json_repair import decode_repaired
from presence_tui.wire.messages import Snapshot, Status
from presence_tui.wire.sanitize import are_safe_ids, safe_names
from presence_tui.wire.timestamps import told_seconds

_UNREADABLE: Final = (msgspec.DecodeError, UnicodeEncodeError, RecursionError)

_STATUS_BEGINNINGS: Final = tuple(f'42["{name}",' for name in (names.STATUS, names.STATUS_AS_FIRST_SPECIFIED))
"""An Engine.IO message (4) with a Socket.IO event (2) of the default namespace, without acknowledgement."""
_TYPE_CHARS: Final = len("42")

LONG_CHARS: Final = 2**16
"""Shorter packets are decoded faster than a screen is painted."""

_SNAPSHOT_BEGINNING: Final = f'42["{names.SNAPSHOT}",'

_Moment = Annotated[str, Meta(max_length=40)]
"""Longer texts are not times, and not worth caching."""


class _StatusPayload(Struct, rename="camel", gc=False, forbid_unknown_fields=True):
    """Exactly these fields: a packet with others might hold credentials, and is masked on the general way."""

    user_id: str
    is_online: bool
    username: str | None = None
    last_active_at: _Moment | None = None
    timestamp: _Moment | None = None


class _StatusPacket(Struct, array_like=True, gc=False, forbid_unknown_fields=True):
    event: str
    payload: _StatusPayload
    offset: str = ""
    """Of state recovery."""


class _ListPayload(Struct, gc=False):
    users: list[msgspec.Raw]


class _ListPacket(Struct, array_like=True, gc=False):
    event: str
    payload: _ListPayload


_decode_statuses = msgspec.json.Decoder(list[_StatusPacket]).decode
_decode_status = msgspec.json.Decoder(_StatusPacket).decode
_decode_list = msgspec.json.Decoder(_ListPacket).decode
"""Does not read the rows, so that it is fast for packets of any length."""

_seconds = lru_cache(maxsize=1_024)(told_seconds)
"""Thousands of events share the same milliseconds."""


def begins_status(packet: str) -> bool:
    """True if the text of an Engine.IO packet starts like a status event."""
    return packet.startswith(_STATUS_BEGINNINGS)


def read_statuses(packets: Sequence[str]) -> list[Status] | None:
    """Decode packets that start like status events; ``None`` if one of them needs the general decoder."""
    told = _status_payloads(packets)
    if not told or not are_safe_ids([payload.user_id for payload in told]):
        return None
    shown = safe_names([payload.username or "" for payload in told])
    return [
        Status(
            payload.user_id,
            payload.is_online,
            name,
            _seconds(payload.last_active_at),
            _seconds(payload.timestamp),
        )
        for payload, name in zip(told, shown, strict=True)
    ]


def _status_payloads(packets: Sequence[str]) -> list[_StatusPayload]:
    """One payload per packet; empty if they cannot be separated."""
    try:
        decoded = _decode_statuses(f"[{','.join([packet[_TYPE_CHARS:] for packet in packets])}]")
    except _UNREADABLE:
        return []
    # Each valid packet is one item. A broken one may have merged with the next, so they must be decoded
    # singly.
    return [packet.payload for packet in decoded] if len(decoded) == len(packets) else []


def status_key(packet: str) -> str | None:
    """The presence key in a status packet, which may be unsafe; ``None`` if it needs the general decoder."""
    try:
        return _decode_status(packet[_TYPE_CHARS:]).payload.user_id
    except _UNREADABLE:
        return None


def read_snapshot(packet: str) -> Iterator[Snapshot] | None:
    """Decode a long snapshot in parts, the last of them complete; ``None`` for other packets.

    python-socketio decodes a packet in one piece, which blocks the screen for most of a second with a roster
    of 100,000. Here the rows are located first and decoded in parts.
    """
    if len(packet) < LONG_CHARS or not packet.startswith(_SNAPSHOT_BEGINNING):
        return None
    try:
        return _snapshot_parts(listed_rows(packet))
    except _UNREADABLE:
        return None


def listed_rows(packet: str) -> list[msgspec.Raw]:
    """The rows of a packet about many, not decoded. Raises if it is no such packet."""
    return decode_repaired(packet[_TYPE_CHARS:], _decode_list).payload.users


def _snapshot_parts(users: list[msgspec.Raw]) -> Iterator[Snapshot]:
    for start in range(0, max(1, len(users)), ROWS_A_PART):
        shaped, misshapen = decoded_rows(users[start : start + ROWS_A_PART], payloads.StatusShape)
        decoded, unkeyed = presence_rows(shaped)
        yield Snapshot(decoded, misshapen + unkeyed, complete=start + ROWS_A_PART >= len(users))
