"""Decodes long snapshots in parts, so that a roster of 100,000 does not delay keys.

python-socketio decodes a packet in one piece, which blocks the screen for most of a second with a large
roster. Here the rows are located first and decoded in parts. Packets of any other form are left to the
general decoder.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Struct

from presence_tui.wire import names, payloads
from presence_tui.wire.decode import ROWS_A_PART, decoded_rows, presence_rows
from presence_tui.wire.json_repair import decode_repaired
from presence_tui.wire.messages import Snapshot

LONG_CHARS: Final = 2**16
"""Shorter packets are decoded faster than a screen is painted."""

_BEGINNING: Final = f'42["{names.SNAPSHOT}",'


class _Payload(Struct, gc=False):
    users: list[msgspec.Raw]


class _Packet(Struct, array_like=True, gc=False):
    event: str
    payload: _Payload


_decode = msgspec.json.Decoder(_Packet).decode


def read_snapshot(packet: str) -> Iterator[Snapshot] | None:
    """Decode a long snapshot in parts, the last of them complete; ``None`` for other packets."""
    if len(packet) < LONG_CHARS or not packet.startswith(_BEGINNING):
        return None
    try:
        return _parts(decode_repaired(packet[2:], _decode).payload.users)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None


def _parts(users: list[msgspec.Raw]) -> Iterator[Snapshot]:
    for start in range(0, max(1, len(users)), ROWS_A_PART):
        shaped, misshapen = decoded_rows(users[start : start + ROWS_A_PART], payloads.StatusShape)
        decoded, unkeyed = presence_rows(shaped)
        yield Snapshot(decoded, misshapen + unkeyed, complete=start + ROWS_A_PART >= len(users))
