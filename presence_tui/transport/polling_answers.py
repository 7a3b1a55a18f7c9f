"""Answers to polling requests, with the same size limit as frames."""

from collections.abc import Iterator
from typing import Any, Final

import aiohttp
import msgspec

from presence_tui.domain.translatable import phrase
from presence_tui.store.clock import SystemClock
from presence_tui.transport.decompression import read_body
from presence_tui.transport.errors import ConnectionLost, GatewayError, SessionUnknown
from presence_tui.transport.rate_limits import asked_pause_s
from presence_tui.wire.responses import read_error

_SEPARATOR: Final = "\x1e"
_MOST_REFUSAL_BYTES: Final = 65_536
_UNKNOWN_SESSION: Final = 1
"""Engine.IO's error code for an unknown session."""


class BoundedResponse:
    """The part of a response that python-engineio uses, with a limited body."""

    def __init__(self, answer: aiohttp.ClientResponse, most_bytes: int) -> None:
        self._answer = answer
        self._most_bytes = most_bytes
        self.status = answer.status

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    async def read(self) -> bytes:
        """Return the body. Raises ``BoundExceeded``, and ``ValueError`` for a broken body, as the library
        expects.
        """
        try:
            return await read_body(
                self._answer.content.iter_any(),
                self._answer.headers.get("Content-Encoding", ""),
                self._most_bytes,
                what=phrase("An answer to a poll"),
                declared_bytes=self._answer.content_length,
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as broken:
            raise ValueError(f"the answer broke off: {broken}") from broken
        finally:
            self.close()

    async def json(self) -> Any:
        """The body of a refusal, which the library does not need."""
        self.close()
        raise aiohttp.ClientPayloadError("a refusal is not read")

    def close(self) -> None:
        """Stop reading the answer."""
        self._answer.close()


async def refusal_of(answer: aiohttp.ClientResponse, *, was_connected: bool) -> GatewayError:
    """Return our error for a refused poll or POST."""
    try:
        body = await BoundedResponse(answer, _MOST_REFUSAL_BYTES).read()
    except (GatewayError, ValueError):
        body = b""
    if answer.status == 400 and _code_of(body) == _UNKNOWN_SESSION:
        return SessionUnknown(was_connected=was_connected)
    text = read_error(body).text or str(answer.reason or "")
    why = phrase("a poll was answered with {status} {said}", status=answer.status, said=text.rstrip("."))
    lost = ConnectionLost(why, f"refused poll {answer.status}")
    lost.retry_after_s = asked_pause_s(answer.headers, SystemClock().stamp().wall_s)
    return lost


def _code_of(body: bytes) -> object:
    try:
        error = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return error.get("code") if isinstance(error, dict) else None


def packets_in(body: str) -> Iterator[str]:
    """Yield the packets of an answer one by one, because a list would copy a large answer."""
    start = 0
    while (end := body.find(_SEPARATOR, start)) >= 0:
        yield body[start:end]
        start = end + 1
    if start < len(body):
        yield body[start:]
