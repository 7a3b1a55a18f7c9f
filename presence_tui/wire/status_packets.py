"""Fast path for status events: packet text straight into ``Status`` messages.

Nearly everything a busy gateway sends is ``user:status``, and the general decoder (JSON to objects, to a
payload, to a message) takes ten times as long. Here packets that arrived together are decoded and checked as
one list. Packets of any other form yield ``None`` and go to the general decoder, which alone decides what is
malformed or unknown. A property test compares the two.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from presence_tui.wire import names
from presence_tui.wire.messages import Status
from presence_tui.wire.sanitize import are_safe_ids, safe_names
from presence_tui.wire.timestamps import told_seconds

_BEGINNINGS: Final = tuple(f'42["{name}",' for name in (names.STATUS, names.STATUS_AS_FIRST_SPECIFIED))
"""An Engine.IO message (4) with a Socket.IO event (2) of the default namespace, without acknowledgement."""
_TYPES: Final = len("42")

_Moment = Annotated[str, Meta(max_length=40)]
"""Longer texts are not times, and not worth caching."""


class _Payload(Struct, rename="camel", gc=False, forbid_unknown_fields=True):
    """Exactly these fields: a packet with others might hold credentials, and is masked on the general way."""

    user_id: str
    is_online: bool
    username: str | None = None
    last_active_at: _Moment | None = None
    timestamp: _Moment | None = None


class _Packet(Struct, array_like=True, gc=False, forbid_unknown_fields=True):
    event: str
    payload: _Payload
    offset: str = ""
    """Of state recovery."""


_decode = msgspec.json.Decoder(list[_Packet]).decode
_decode_key = msgspec.json.Decoder(_Packet).decode

_seconds = lru_cache(maxsize=1_024)(told_seconds)
"""Thousands of events share the same milliseconds."""


def begins_status(packet: str) -> bool:
    """True if the text of an Engine.IO packet starts like a status event."""
    return packet.startswith(_BEGINNINGS)


def read_statuses(packets: Sequence[str]) -> list[Status] | None:
    """Decode packets that start like status events; ``None`` if one of them needs the general decoder."""
    payloads = _payloads(packets)
    if not payloads or not are_safe_ids([payload.user_id for payload in payloads]):
        return None
    shown = safe_names([payload.username or "" for payload in payloads])
    return [
        Status(
            payload.user_id,
            payload.is_online,
            name,
            _seconds(payload.last_active_at),
            _seconds(payload.timestamp),
        )
        for payload, name in zip(payloads, shown, strict=True)
    ]


def _payloads(packets: Sequence[str]) -> list[_Payload]:
    """One payload per packet; empty if they cannot be separated."""
    try:
        decoded = _decode(f"[{','.join([packet[_TYPES:] for packet in packets])}]")
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return []
    # Each valid packet is one item. A broken one may have merged with the next, so they must be decoded
    # singly.
    return [packet.payload for packet in decoded] if len(decoded) == len(packets) else []


def status_key(packet: str) -> str | None:
    """The presence key in a status packet, which may be unsafe; ``None`` if it needs the general decoder."""
    try:
        return _decode_key(packet[_TYPES:]).payload.user_id
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
