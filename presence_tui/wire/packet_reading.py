"""What a packet says: event, participant and fields, for inspection.

Packets are read when they are shown, never while they are received. Everything is sanitized and bounded.
"""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec

from presence_tui.domain.redaction import redact
from presence_tui.wire import names
from presence_tui.wire.decode import decode_event
from presence_tui.wire.fast_decode import begins_status, listed_rows, status_key
from presence_tui.wire.json_repair import decode_repaired
from presence_tui.wire.messages import Malformed, Message
from presence_tui.wire.sanitize import ELLIPSIS, MESSAGE_CELLS, is_safe_id, safe_text
from presence_tui.wire.socketio_packets import PacketReader, Unreadable

SUMMARY_CELLS: Final = 160
_VALUE_CELLS: Final = 40
_FIELDS_SUMMED_UP: Final = 12
_EVENT: Final = '42["'
_SNAPSHOT: Final = f'42["{names.SNAPSHOT}",'
_KEY: Final = "userId"
"""Not in summaries, because the participant is shown beside them."""
_QUOTED_KEY: Final = f'"{_KEY}"'
_LISTED_KEY: Final = re.compile(_QUOTED_KEY + r'\s*:\s*"((?:[^"\\]|\\.)*)"')
_NAMES: Final = ("username", "displayName")
"""At the end of summaries, for the same reason."""

MOST_LINES: Final = 400
"""Lines of JSON that are shown."""
_MOST_CHARS: Final = 2**16
"""A longer text is not parsed, only shown in part."""
_SHORT_CHARS: Final = 2**11
_LINE_CELLS: Final = 400

_KINDS: Final = {
    "0": "open",
    "1": "close",
    "2": "ping",
    "3": "pong",
    "5": "upgrade",
    "6": "noop",
    "40": "connect",
    "41": "disconnect",
    "43": "ack",
    "44": "connect_error",
    "45": "binary event",
    "46": "binary ack",
}
_parse = msgspec.json.Decoder().decode


class Listed(NamedTuple):
    """Participants that a packet lists."""

    people: int
    is_whole: bool = True
    """False if the packet lists more, because its text was cut."""


class PacketFacts(NamedTuple):
    """What is known about a packet by its text."""

    event: str
    """Name of the event, otherwise the kind of packet; empty if it cannot be read."""
    key: str
    """Presence key of the participant it is about; empty if there is none."""


def read_facts(text: str) -> PacketFacts:
    """Event and participant of a packet. Never raises."""
    return _facts_of_short(text) if len(text) <= _SHORT_CHARS else _facts(text)


def _facts(text: str) -> PacketFacts:
    event = event_of(text)
    if begins_status(text) and (key := status_key(text)) is not None:
        return PacketFacts(event, key if is_safe_id(key) else "")
    payload = _payload(text)
    return PacketFacts(event, _key_in(payload))


_facts_of_short = lru_cache(maxsize=1_024)(_facts)
"""Long ones would stay in memory."""


def event_of(text: str) -> str:
    """Name of a packet's event, otherwise its kind; empty if it cannot be read."""
    if text.startswith(_EVENT):
        end = text.find('"', len(_EVENT), len(_EVENT) + 200)
        name = text[len(_EVENT) : end]
        if end > 0 and "\\" not in name:
            return safe_text(name)
    content = _content(text) if text[:2] in ("42", "45") else None
    if isinstance(content, list) and content and isinstance(content[0], str):
        return safe_text(content[0])
    if not text:
        return "attachment"
    return _KINDS.get(text[:2]) or _KINDS.get(text[:1], "")


def people_in(text: str) -> Listed:
    """How many participants a packet about many lists, such as a snapshot; none for any other."""
    if text[:3] != _EVENT[:3]:
        return Listed(0)
    try:
        return Listed(len(listed_rows(text)))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        # The packet log cuts long packets.
        is_snapshot = text.startswith(_SNAPSHOT) and len(text) >= _MOST_CHARS
        return Listed(text.count(_QUOTED_KEY), is_whole=False) if is_snapshot else Listed(0)


def keys_in(text: str) -> Iterator[str]:
    """Presence keys of the participants that a packet about many lists, as far as its text is kept."""
    if people_in(text).people:
        for found in _LISTED_KEY.finditer(text):
            key = _unescaped(found[1])
            if is_safe_id(key):
                yield key


def message_of(text: str) -> Message | None:
    """The decoded event of a packet; ``None`` if it has none or is too long to be read again."""
    content = _content(text) if text[:2] == _EVENT[:2] else None
    if not isinstance(content, list) or not content:
        return None
    return decode_event(content[0], tuple(content[1:]))


def summary_of(text: str, *, is_malformed: bool = False) -> str:
    """One line: the fields of the payload, or what is wrong with it."""
    if is_malformed and len(text) < _MOST_CHARS and (why := _fault(text)):
        return why
    text = redact(text[:_MOST_CHARS])
    payload = _payload(text)
    if isinstance(payload, dict):
        told = {name: value for name, value in payload.items() if name != _KEY and name not in _NAMES}
        told |= {name: payload[name] for name in _NAMES if name in payload}
        parts = [f"{safe_text(str(name))}={_short(value)}" for name, value in _first_of(told)]
        return safe_text(" ".join(parts), SUMMARY_CELLS)
    if payload is not None:
        return _short(payload)
    return safe_text(text, SUMMARY_CELLS)


def fields_of(text: str) -> list[tuple[str, str]]:
    """Name and value of each field of the payload."""
    payload = _payload(redact(text[:_MOST_CHARS]))
    if not isinstance(payload, dict):
        return []
    return [(safe_text(str(name)), _short(value, MESSAGE_CELLS)) for name, value in _first_of(payload, 40)]


def indented(text: str) -> list[str]:
    """The packet's JSON in lines to show, or its text in part if it is no JSON or too long."""
    is_cut = len(text) > _MOST_CHARS
    text = redact(text[:_MOST_CHARS])
    start = _start_of_json(text)
    if start < 0 or is_cut:
        return _lines_of(text, is_cut=is_cut)
    try:
        content = decode_repaired(text[start:], _parse)
        lines = json.dumps(content, ensure_ascii=False, indent=2).splitlines()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return _lines_of(text)
    # A Socket.IO packet begins with its kind.
    return _shown([text[:start] + lines[0], *lines[1:]] if start else lines)


def _unescaped(key: str) -> str:
    """A string of JSON without its escapes; empty if they cannot be read."""
    if "\\" not in key:
        return key
    try:
        return str(json.loads(f'"{key}"', strict=False))
    except ValueError:
        return ""


def _lines_of(text: str, *, is_cut: bool = False) -> list[str]:
    return _shown([text[at : at + 200] for at in range(0, len(text), 200)], is_cut)


def _shown(lines: list[str], is_cut: bool = False) -> list[str]:
    """Lines without anything that a terminal would interpret; leading spaces stay."""
    shown = []
    for line in lines[:MOST_LINES]:
        body = line.lstrip(" ")
        shown.append(" " * min(len(line) - len(body), 80) + safe_text(body, _LINE_CELLS))
    return [*shown, ELLIPSIS] if is_cut or len(lines) > MOST_LINES else shown


def _content(text: str) -> object:
    """The JSON of a Socket.IO packet; ``None`` if it has none or cannot be read."""
    start = _start_of_json(text)
    if start < 0 or len(text) >= _MOST_CHARS:
        return None
    try:
        return decode_repaired(text[start:], _parse)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _start_of_json(text: str) -> int:
    return min((at for at in (text.find("["), text.find("{")) if at >= 0), default=-1)


def _payload(text: str) -> object:
    """The first argument of an event, or the object of another packet."""
    kind = text[:2]
    if kind in ("42", "45"):
        content = _content(text)
        return content[1] if isinstance(content, list) and len(content) > 1 else None
    if kind in ("40", "44"):
        return _content(text)
    return None


def _key_in(payload: object) -> str:
    if not isinstance(payload, dict):
        return ""
    key = payload.get(_KEY)
    user = payload.get("user")
    if key is None and isinstance(user, dict):
        key = user.get("id")
    return key if isinstance(key, str) and is_safe_id(key) else ""


def _first_of(payload: dict[Any, Any], most: int = _FIELDS_SUMMED_UP) -> Iterator[tuple[object, object]]:
    for number, item in enumerate(payload.items()):
        if number == most:
            return
        yield item


def _short(value: object, cells: int = _VALUE_CELLS) -> str:
    if isinstance(value, str):
        return safe_text(value, cells)
    if isinstance(value, list):
        return f"[{len(value)}]"
    if isinstance(value, dict):
        inner = ",".join(safe_text(str(name)) for name, _ in _first_of(value))
        return safe_text(f"{{{inner}}}", cells)
    return safe_text(json.dumps(value), cells)


def _fault(text: str) -> str:
    """Why a packet is malformed."""
    packets = list(PacketReader(len(text) + 1).read(text[1:]))
    for each in packets:
        if isinstance(each, Unreadable):
            return safe_text(each.why, SUMMARY_CELLS)
    content = _content(text)
    if isinstance(content, list) and content:
        message = decode_event(content[0], tuple(content[1:]))
        if isinstance(message, Malformed):
            return safe_text(message.why, SUMMARY_CELLS)
    return ""
