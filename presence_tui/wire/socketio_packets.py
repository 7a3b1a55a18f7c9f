"""Packets of Socket.IO (protocol 5) as the messages of one connection carry them, read strictly.

Why this is not left to python-socketio: it raises into a log for a packet it cannot read, waits for ever
for attachments that a packet announces falsely, and calls our own handlers for an event named ``disconnect``.
Here whatever cannot be read becomes ``Unreadable``, is counted, and reading goes on.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec

from presence_tui.wire.json_repair import decode_repaired
from presence_tui.wire.sanitize import MESSAGE_CELLS, safe_text

MOST_ATTACHMENTS: Final = 64
"""Binary parts that one event may announce; the contract has none at all."""

_PACKET: Final = re.compile(
    r"(?P<kind>[0-6])(?:(?P<attachments>[0-9]{1,9})-)?(?:(?P<namespace>/[^,]*),?)?(?P<id>[0-9]{1,15})?(?P<json>.*)",
    re.DOTALL,
)
_parse_json = msgspec.json.Decoder().decode


class _Kind(StrEnum):
    CONNECT = "0"
    DISCONNECT = "1"
    EVENT = "2"
    ACK = "3"
    CONNECT_ERROR = "4"
    BINARY_EVENT = "5"
    BINARY_ACK = "6"


@dataclass(frozen=True, slots=True)
class Connected:
    """The namespace is connected."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The gateway ends the namespace."""


@dataclass(frozen=True, slots=True)
class ConnectRefused:
    """The gateway refuses the namespace, be it at once or later; ``said`` may be empty."""

    said: str


@dataclass(frozen=True, slots=True)
class Event:
    """An event; nothing of its arguments is safe yet."""

    name: str
    arguments: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that is no packet, or none that anybody asked for; ``why`` is safe to show."""

    why: str


Packet = Connected | Disconnected | ConnectRefused | Event | Unreadable


class PacketReader:
    """Reads the messages of one connection in their order; a binary event waits for its attachments."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._waiting: list[Any] | None = None
        """The JSON of a binary event whose attachments have not all come."""
        self._missing = 0
        self._attachments: list[bytes] = []

    def read(self, message: str | bytes) -> Iterator[Packet]:
        """The packets that this message completes: none, one, or an event that was given up and another."""
        if isinstance(message, bytes):
            yield from self._attach(message)
            return
        yield from self.give_up()
        packet = self._read_text(message)
        if packet is not None:
            yield packet

    def give_up(self) -> Iterator[Unreadable]:
        """Text came where attachments were to come; the event that waits for them is lost."""
        if self._waiting is not None:
            self._forget_event()
            yield Unreadable(f"{self._missing} attachments that never came")

    def _read_text(self, text: str) -> Packet | None:
        found = _PACKET.fullmatch(text)
        if found is None:
            return Unreadable("no packet")
        try:
            content = _content(found["json"])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
            return Unreadable(safe_text(str(problem), MESSAGE_CELLS))
        if found["namespace"] not in (None, "/"):
            return Unreadable(f"namespace {safe_text(found['namespace'])}")
        kind = _Kind(found["kind"])
        announced = found["attachments"]
        if (announced is not None) != (kind in (_Kind.BINARY_EVENT, _Kind.BINARY_ACK)):
            return Unreadable("attachments where there are none")
        match kind:
            case _Kind.CONNECT if content is None or isinstance(content, dict):
                return Connected()
            case _Kind.DISCONNECT:
                return Disconnected()
            case _Kind.CONNECT_ERROR:
                return ConnectRefused(_message_of(content))
            case _Kind.EVENT:
                return _event(content)
            case _Kind.BINARY_EVENT:
                return self._expect(content, int(announced))
            case _:
                # An acknowledgement, which is never asked for.
                return Unreadable(f"packet {kind.name.lower()}")

    def _expect(self, content: object, announced: int) -> Packet | None:
        if announced != _placeholders(content) or announced > MOST_ATTACHMENTS:
            return Unreadable(f"{announced} impossible attachments")
        event = _event(content)
        if announced == 0 or isinstance(event, Unreadable):
            return event
        self._waiting = content  # type: ignore[assignment]
        self._missing = announced
        return None

    def _attach(self, attachment: bytes) -> Iterator[Packet]:
        if self._waiting is None:
            yield Unreadable("an attachment of nothing")
            return
        self._attachments.append(attachment)
        self._missing -= 1
        if sum(map(len, self._attachments)) > self._most_bytes:
            self._forget_event()
            yield Unreadable("attachments over the bound")
        elif self._missing == 0:
            content, attachments = self._waiting, self._attachments
            self._forget_event()
            try:
                yield _event(_filled(content, attachments))
            except RecursionError:
                yield Unreadable("nested too deeply")

    def _forget_event(self) -> None:
        self._waiting = None
        self._attachments = []


def _content(text: str) -> object:
    return decode_repaired(text, _parse_json) if text else None


def _event(content: object) -> Event | Unreadable:
    if isinstance(content, list) and content and isinstance(content[0], str):
        return Event(content[0], tuple(content[1:]))
    return Unreadable("an event without a name")


def _message_of(content: object) -> str:
    said = content.get("message") if isinstance(content, dict) else content
    return safe_text(said, MESSAGE_CELLS) if isinstance(said, str) else ""


def _is_placeholder(content: object) -> bool:
    return isinstance(content, dict) and content.get("_placeholder") is True


def _placeholders(content: object) -> int:
    """How many different attachments the JSON names; -1 where they are not numbered from 0 on."""
    numbers: set[object] = set()
    pending = [content]
    while pending:
        inner = pending.pop()
        if _is_placeholder(inner):
            number = inner.get("num")  # type: ignore[attr-defined]
            numbers.add(number if isinstance(number, int) else None)
        elif isinstance(inner, dict):
            pending.extend(inner.values())
        elif isinstance(inner, list):
            pending.extend(inner)
    return len(numbers) if numbers == set(range(len(numbers))) else -1


def _filled(content: Any, attachments: list[bytes]) -> Any:
    """The JSON with its attachments in place of their placeholders."""
    if _is_placeholder(content):
        return attachments[content["num"]]
    if isinstance(content, dict):
        return {key: _filled(value, attachments) for key, value in content.items()}
    if isinstance(content, list):
        return [_filled(value, attachments) for value in content]
    return content
