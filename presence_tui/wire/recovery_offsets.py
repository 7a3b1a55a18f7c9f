"""Offsets of Socket.IO's connection state recovery: the last argument of an event, if it is a string.

A gateway with recovery appends one to every event that it would send again. Offsets are opaque texts.
"""

from collections.abc import Sequence
from typing import Final

UNREADABLE: Final = ""
"""An offset that was given and cannot be returned to the gateway."""

OFFSET_CHARS: Final = 128
"""Longer strings are no offsets. The in-memory adapter's have about eight characters."""


def offset_of_arguments(arguments: Sequence[object]) -> str | None:
    """The offset of a decoded event; ``None`` if it has none."""
    last = arguments[-1] if arguments else None
    if not isinstance(last, str):
        return None
    return last if len(last) <= OFFSET_CHARS else UNREADABLE


def last_offset(packets: Sequence[str]) -> str | None:
    """The newest offset in valid event packets, in order of arrival; ``None`` if none of them has one."""
    for packet in reversed(packets):
        offset = _offset_at_end(packet)
        if offset is not None:
            return offset
    return None


def _offset_at_end(packet: str) -> str | None:
    """The offset of a valid event packet, read from its end: the packet may be megabytes long."""
    tail = packet[-OFFSET_CHARS - 8 :].rstrip()[:-1].rstrip()
    if not tail.endswith('"'):
        return None
    start = tail.rfind('"', 0, -1)
    offset = tail[start + 1 : -1]
    # Behind an escape, the string may begin earlier than it seems to.
    return UNREADABLE if start < 1 or "\\" in tail else offset
