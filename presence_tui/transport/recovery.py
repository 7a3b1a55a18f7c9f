"""Connection state recovery: what makes a gateway send again what a lost connection missed.

A gateway with recovery (Socket.IO 4.6) tells a session id (``pid``) when it accepts a connection, and appends
an offset to each event. Whoever gives both with the next connection is sent the events behind that offset, in
order, before that connection is accepted under the same ``pid``. Another ``pid`` in the answer means that the
session is lost: the connection is an ordinary new one.

An offset is the last argument of an event, if that is a string. Its text is opaque.
"""

from collections.abc import Callable, Sequence
from typing import Final

from presence_tui.wire.encode import recovery_request

UNREADABLE_OFFSET: Final = ""
"""An offset that was given and cannot be returned to the gateway."""

OFFSET_CHARS: Final = 128
"""Longer strings are no offsets. The in-memory adapter's have about eight characters."""


class RecoveryPoint:
    """The session and the last event that was received in it.

    Both only change together: an offset counts in its own session, where anything else would repeat or omit
    events.
    """

    def __init__(self) -> None:
        self._owner = ""
        self._pid = ""
        self._offset = ""
        """Empty before the first event of a session, which cannot be recovered then."""
        self._was_requested = False
        """True once the session was asked for: the gateway then keeps an earlier end of it as well."""
        self._is_pending = False
        """True until the gateway answers the request."""

    def request(self, owner: str) -> dict[str, str]:
        """What to send with the next CONNECT; empty if there is nothing to recover for this owner."""
        if owner != self._owner:
            self.forget()
            self._owner = owner
        self._is_pending = self.is_complete
        if not self.is_complete:
            return {}
        self._was_requested = True
        return recovery_request(self._pid, self._offset)

    def accepted(self, pid: str) -> bool | None:
        """A connection was accepted under this session id, which may be empty.

        True if the session is recovered, false if that was refused; ``None`` if nothing was asked for, even
        where the gateway repeats the id.
        """
        was_pending, self._is_pending = self._is_pending, False
        if was_pending and pid == self._pid:
            return True
        self._pid, self._offset, self._was_requested = pid, "", False
        return False if was_pending else None

    @property
    def is_open(self) -> bool:
        """True if the gateway told a session id, so that offsets matter."""
        return self._pid != ""

    @property
    def is_complete(self) -> bool:
        """True if there is an event from which the session can be continued."""
        return self._pid != "" and self._offset != ""

    def advance(self, offset: str | None) -> None:
        """Events up to this offset were received; ``None`` if they had none."""
        if offset is not None and self._pid:
            self._offset = offset

    def abandoned(self) -> None:
        """We left a connection whose end the gateway may not have noticed.

        A session that was recovered before would be recovered from its earlier end, while the gateway still
        holds our last socket under the same id; when that one ends, the official server stops sending to
        both. A session that was never asked for cannot be recovered before its socket has ended.
        """
        if self._was_requested:
            self.forget()

    def forget(self) -> None:
        """Recover nothing with the next connection."""
        self._pid = self._offset = ""
        self._was_requested = self._is_pending = False


class SessionProgress:
    """What one connection receives of its session. ``on_replay`` is called before the first missed event."""

    def __init__(self, point: RecoveryPoint, on_replay: Callable[[], None]) -> None:
        self._point = point
        self._on_replay = on_replay
        self._may_replay = point.is_complete
        """True until the first event or the answer to CONNECT: an event before that was missed."""

    def expect_event(self) -> None:
        """An event is about to be handled."""
        if self._may_replay:
            self._may_replay = False
            self._on_replay()

    def received(self, packets: Sequence[str]) -> None:
        """These valid event packets were handled."""
        if self._point.is_open:
            self._point.advance(last_offset(packets))

    def received_event(self, arguments: Sequence[object]) -> None:
        """A decoded event was handled."""
        self._point.advance(offset_of_arguments(arguments))

    def accepted(self, pid: str) -> bool | None:
        """The connection was accepted; the result is that of ``RecoveryPoint.accepted``."""
        self._may_replay = False
        return self._point.accepted(pid)


def offset_of_arguments(arguments: Sequence[object]) -> str | None:
    """The offset of a decoded event; ``None`` if it has none."""
    last = arguments[-1] if arguments else None
    if not isinstance(last, str):
        return None
    return last if len(last) <= OFFSET_CHARS else UNREADABLE_OFFSET


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
    return UNREADABLE_OFFSET if start < 1 or "\\" in tail else offset
