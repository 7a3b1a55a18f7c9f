"""A strict parser for Socket.IO packets (protocol 5).

python-socketio only logs an error for a packet it cannot read, waits forever
for attachments that a packet announces falsely, and calls our own handlers for an event named ``disconnect``.
Here an unreadable packet becomes ``Unreadable`` and is counted, and reading continues.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

import msgspec

from presence_tui.wire.json_repair import decode_repaired
from presence_tui.wire.sanitize import MESSAGE_CELLS, safe_text

MOST_ATTACHMENTS: Final = 64
"""Maximum attachments of one event; the contract has none."""

PID_CHARS: Final = 128
"""A longer session id is not used. The official server's have twenty."""

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

    pid: str = ""
    """The session id of connection state recovery; empty if the gateway has none."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The gateway disconnected the namespace."""


@dataclass(frozen=True, slots=True)
class ConnectRefused:
    """The gateway refused the namespace, on connect or later; ``said`` may be empty."""

    said: str


@dataclass(frozen=True, slots=True)
class Event:
    """An event. Its arguments are not sanitized."""

    name: str
    arguments: tuple[object, ...]
    text: str = field(default="", compare=False)
    """The packet as it arrived, with placeholders for attachments."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Not a packet, or not an expected one; ``why`` is sanitized."""

    why: str
    text: str = field(default="", compare=False)
    """The packet as it arrived; empty for an attachment."""


Packet = Connected | Disconnected | ConnectRefused | Event | Unreadable


class PacketReader:
    """Parses the messages of one connection in order; a binary event waits for its attachments."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._waiting: list[Any] | None = None
        """The JSON of a binary event with missing attachments."""
        self._text = ""
        """The packet that is read, or that waits for attachments."""
        self._missing = 0
        self._attachments: list[bytes] = []

    def read(self, message: str | bytes) -> Iterator[Packet]:
        """The packets completed by this message; text first drops an incomplete binary event."""
        if isinstance(message, bytes):
            yield from self._attach(message)
            return
        yield from self.give_up()
        self._text = message
        packet = self._read_text(message)
        if isinstance(packet, Event | Unreadable):
            yield replace(packet, text=message)
        elif packet is not None:
            yield packet

    def give_up(self) -> Iterator[Unreadable]:
        """Drop a binary event whose attachments are missing when text arrives."""
        if self._waiting is not None:
            self._forget_event()
            yield Unreadable(f"{self._missing} attachments that never came", self._text)

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
                return Connected(_pid_of(content))
            case _Kind.DISCONNECT:
                return Disconnected()
            case _Kind.CONNECT_ERROR:
                return ConnectRefused(_message_of(content))
            case _Kind.EVENT:
                return _event(content)
            case _Kind.BINARY_EVENT:
                return self._expect(content, int(announced))
            case _:
                # An acknowledgement, which we never request.
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
            yield Unreadable("attachments over the bound", self._text)
        elif self._missing == 0:
            content, attachments = self._waiting, self._attachments
            self._forget_event()
            try:
                yield replace(_event(_filled(content, attachments)), text=self._text)
            except RecursionError:
                yield Unreadable("nested too deeply", self._text)

    def _forget_event(self) -> None:
        self._waiting = None
        self._attachments = []


def _content(text: str) -> object:
    return decode_repaired(text, _parse_json) if text else None


def _event(content: object) -> Event | Unreadable:
    if isinstance(content, list) and content and isinstance(content[0], str):
        return Event(content[0], tuple(content[1:]))
    return Unreadable("an event without a name")


def _pid_of(content: object) -> str:
    pid = content.get("pid") if isinstance(content, dict) else None
    return pid if isinstance(pid, str) and len(pid) <= PID_CHARS else ""


def _message_of(content: object) -> str:
    message = content.get("message") if isinstance(content, dict) else content
    return safe_text(message, MESSAGE_CELLS) if isinstance(message, str) else ""


def _is_placeholder(content: object) -> bool:
    return isinstance(content, dict) and content.get("_placeholder") is True


def _placeholders(content: object) -> int:
    """Number of different attachments in the JSON; -1 if they are not numbered from 0."""
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
    """Replace placeholders in the JSON by their attachments."""
    if _is_placeholder(content):
        return attachments[content["num"]]
    if isinstance(content, dict):
        return {key: _filled(value, attachments) for key, value in content.items()}
    if isinstance(content, list):
        return [_filled(value, attachments) for value in content]
    return content
