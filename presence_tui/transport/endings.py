"""Classify how a connection ended: close code, disconnect packet, FIN or reset."""

import asyncio
from collections.abc import Mapping
from typing import Final

import aiohttp

from presence_tui.domain.limits import Bounds
from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.transport.engineio_internals import line_below
from presence_tui.transport.errors import HUNG_UP, BoundExceeded, ConnectionLost, GatewayError
from presence_tui.wire.sanitize import safe_text

_REFUSED: Final = "connect error"
_CLOSE: Final = "close "
_FINAL: Final = frozenset({HUNG_UP, _REFUSED, "bad frame"})
"""Kinds of lost connections that end their session."""

_MEANINGS: Final[Mapping[int, Phrase]] = {
    1000: phrase("normal closure"),
    1001: phrase("it is going away"),
    1002: phrase("protocol error"),
    1003: phrase("unsupported data"),
    1005: phrase("no code"),
    1007: phrase("invalid text"),
    1008: phrase("policy violation"),
    1009: phrase("message too big"),
    1011: phrase("internal error"),
    1012: phrase("service restart"),
    1013: phrase("try again later"),
    1014: phrase("bad gateway"),
}
"""Close codes of RFC 6455 and its registry that servers send."""


def goodbye() -> ConnectionLost:
    """The gateway disconnected the socket with a packet."""
    return ConnectionLost(phrase("the gateway ended the connection"), HUNG_UP)


def is_loss(end: GatewayError) -> bool:
    """True if the connection was lost, after which the gateway keeps the session for a while.

    It keeps nothing of a socket that it disconnected or refused itself, but may still have an earlier end of
    that session. What exceeds a bound would be sent again.
    """
    return isinstance(end, ConnectionLost) and end.kind not in _FINAL


def is_noticed(end: GatewayError) -> bool:
    """True if the gateway closed the connection, or a proxy, which then also leaves the gateway."""
    return end.kind in ("fin", "rst") or end.kind.startswith(_CLOSE)


def fin() -> ConnectionLost:
    """The connection was closed without a close frame, for example because the process ended."""
    return ConnectionLost(phrase("the gateway dropped the connection"), "fin")


def rst() -> ConnectionLost:
    """The connection was reset."""
    return ConnectionLost(phrase("the gateway reset the connection"), "rst")


def no_packets() -> ConnectionLost:
    """A poll was answered by something else, for example the page of a portal."""
    return ConnectionLost(phrase("a poll was answered without a packet"), "no packets")


def refused(said: str) -> ConnectionLost:
    """The gateway refused the namespace, on connect or later. ``said`` must be sanitized."""
    if said:
        why = phrase("the gateway refuses the socket: {said}", said=said.rstrip("."))
    else:
        why = phrase("the gateway refuses the socket")
    return ConnectionLost(why, _REFUSED)


def closed(code: int, said: str) -> ConnectionLost:
    """The gateway, or a proxy in between, sent a close frame."""
    meaning = _MEANINGS.get(code)
    shown: Phrase | str = str(code)
    if meaning is not None:
        shown = phrase("{code}, {meaning}", code=code, meaning=meaning)
    reason = safe_text(said).rstrip(".")
    if reason:
        why = phrase("the gateway closed the socket ({code}): {reason}", code=shown, reason=reason)
    else:
        why = phrase("the gateway closed the socket ({code})", code=shown)
    return ConnectionLost(why, f"{_CLOSE}{code}")


def broken(error: BaseException) -> GatewayError:
    """Convert a library or system error to the matching ``GatewayError``, with the error as its cause."""
    if isinstance(error, GatewayError):
        return error
    end = _end_by(error)
    end.__cause__ = error
    return end


def _end_by(error: BaseException) -> ConnectionLost:
    if isinstance(error, ConnectionResetError):
        return rst()
    if isinstance(error, aiohttp.ServerDisconnectedError | EOFError):
        return fin()
    if isinstance(error, TimeoutError):
        return ConnectionLost(phrase("it did not answer in time"), "time-out")
    text = safe_text(str(error) or type(error).__name__).rstrip(".")
    return ConnectionLost(phrase("it broke: {said}", said=text), "broken")


def of_library(reason: str = "", *_: object) -> ConnectionLost:
    """Classify python-socketio's disconnect reason, where the library's own loop reads."""
    return goodbye() if reason == "server disconnect" else fin()


def of_websocket(
    message: aiohttp.WSMessage, line: "asyncio.Future[None] | None", bounds: Bounds
) -> GatewayError:
    """Classify a WebSocket message that is not a frame. ``line`` is the result of ``watch_line``."""
    if message.type is aiohttp.WSMsgType.CLOSE:
        return closed(message.data or 1005, message.extra or "")
    if isinstance(message.data, aiohttp.WebSocketError):
        return _of_our_own(message.data, bounds)
    if line is not None and line.done() and not line.cancelled():
        error = line.exception()
        if error is not None and isinstance(error.__cause__, ConnectionResetError):
            return rst()
    return fin()


def watch_line(websocket: aiohttp.ClientWebSocketResponse) -> "asyncio.Future[None] | None":
    """Return a future for the end of the TCP connection, which the WebSocket does not report.

    ``None`` if the installed aiohttp has another structure; a reset then counts as a plain close.
    """
    line = line_below(websocket)
    if line is not None:
        # Retrieve the exception, so that asyncio does not log it as never retrieved.
        line.add_done_callback(lambda it: it.cancelled() or it.exception())
    return line


def _of_our_own(error: aiohttp.WebSocketError, bounds: Bounds) -> GatewayError:
    """We closed the connection because of what the gateway sent."""
    if error.code != aiohttp.WSCloseCode.MESSAGE_TOO_BIG:
        text = safe_text(str(error)).rstrip(".")
        return ConnectionLost(phrase("it sent what is no WebSocket frame: {said}", said=text), "bad frame")
    # The library gives the size only in its message: "Message size 7 exceeds limit 5".
    size = next((int(word) for word in str(error).split() if word.isdigit()), None)
    return BoundExceeded(phrase("A frame of the gateway"), bounds.frame_bytes, size)
