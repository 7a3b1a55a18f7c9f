"""The short way of a status event: from the text of its Socket.IO packet straight into a ``Status``.

Why it is there: nearly everything a busy gateway sends is ``user:status``, and the general way (any JSON
to any object, then to a shape, then to a message) takes ten times as long. This way reads only what it
recognises at a glance and answers ``None`` for everything else: the general way then decides, so nothing
is malformed, late or unknown by this module's word. A property test holds the two against each other.
"""

from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from presence_tui.wire import names
from presence_tui.wire.clock_times import EARLIEST_S, LATEST_S
from presence_tui.wire.messages import Status
from presence_tui.wire.text import ID_CHARS, LONGEST_NAME_CELLS, safe_name

_BEGINNINGS: Final = tuple(f'42["{name}",' for name in (names.STATUS, names.STATUS_AS_FIRST_SPECIFIED))
"""A message (4) that is an event (2) of the default namespace without an acknowledgement."""

_Moment = Annotated[datetime, Meta(tz=True)]


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


def read_status(packet: str) -> Status | None:
    """The status in the text of an Engine.IO packet, or ``None`` if the general way must look at it."""
    if not packet.startswith(_BEGINNINGS):
        return None
    try:
        payload = _decode(packet[2:]).payload
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None
    key, name = payload.user_id, payload.username
    if not _is_plain(key, ID_CHARS):
        return None
    if name and not _is_plain(name, LONGEST_NAME_CELLS):
        name = safe_name(name)
    last_active_s = emitted_s = None
    if payload.last_active_at is not None:
        last_active_s = payload.last_active_at.timestamp()
        if not EARLIEST_S < last_active_s < LATEST_S:
            return None
    if payload.timestamp is not None:
        emitted_s = payload.timestamp.timestamp()
        if not EARLIEST_S < emitted_s < LATEST_S:
            return None
    return Status(key, payload.is_online, name or "", last_active_s, emitted_s)


def _is_plain(text: str, cells: int) -> bool:
    """True only for text that ``safe_text`` leaves as it is, told without looking at each character."""
    if not text.isascii() or len(text) > cells:
        return False
    if text.isalnum():
        return True
    # No white space but single blanks between printable characters.
    return bool(text) and text.isprintable() and text[0] != " " != text[-1] and "  " not in text
