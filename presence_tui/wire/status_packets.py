"""The short way of a status event: from the text of its Socket.IO packet straight into a ``Status``.

Why it is there: nearly everything a busy gateway sends is ``user:status``, and the general way (any JSON
to any object, then to a shape, then to a message) takes ten times as long. This way reads only what it
recognises at a glance and answers ``None`` for everything else: the general way then decides, so nothing
is malformed, late or unknown by this module's word. A property test holds the two against each other.
"""

from functools import lru_cache
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from presence_tui.wire import names
from presence_tui.wire.clock_times import seconds_from_wire
from presence_tui.wire.messages import Status
from presence_tui.wire.text import is_safe_id, safe_name

_BEGINNINGS: Final = tuple(f'42["{name}",' for name in (names.STATUS, names.STATUS_AS_FIRST_SPECIFIED))
"""A message (4) that is an event (2) of the default namespace without an acknowledgement."""

_Moment = Annotated[str, Meta(max_length=40)]
"""Longer texts are no times; they are not worth remembering."""


class _Payload(Struct, rename="camel", gc=False):
    user_id: str
    is_online: bool
    username: str | None = None
    last_active_at: _Moment | None = None
    timestamp: _Moment | None = None


class _Packet(Struct, array_like=True, gc=False):
    """Whatever follows the payload, as the offset of state recovery, is passed over."""

    event: str
    payload: _Payload


_decode = msgspec.json.Decoder(_Packet).decode

_seconds = lru_cache(maxsize=1_024)(seconds_from_wire)
"""Events that come in thousands are told in the same milliseconds."""


def read_status(packet: str) -> Status | None:
    """The status in the text of an Engine.IO packet, or ``None`` if the general way must look at it."""
    if not packet.startswith(_BEGINNINGS):
        return None
    try:
        payload = _decode(packet[2:]).payload
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None
    if not is_safe_id(payload.user_id):
        return None
    last_active_s = emitted_s = None
    if payload.last_active_at is not None:
        last_active_s = _seconds(payload.last_active_at)
        if last_active_s is None:
            return None
    if payload.timestamp is not None:
        emitted_s = _seconds(payload.timestamp)
        if emitted_s is None:
            return None
    name = safe_name(payload.username) if payload.username else ""
    return Status(payload.user_id, payload.is_online, name, last_active_s, emitted_s)
