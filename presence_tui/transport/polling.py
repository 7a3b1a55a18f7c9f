"""Answers to polls, bounded as frames are: where only polling comes through, the bounds hold as well."""

from collections.abc import Iterator
from typing import Any, Final

import aiohttp
import msgspec

from presence_tui.domain.translatable import phrase
from presence_tui.transport.bodies import read_body
from presence_tui.transport.errors import ConnectionLost, GatewayError, SessionUnknown
from presence_tui.wire.responses import read_error

_SEPARATOR: Final = "\x1e"
_MOST_REFUSAL_BYTES: Final = 65_536
_UNKNOWN_SESSION: Final = 1
"""The code that Engine.IO gives a session it does not know."""


class BoundedResponse:
    """As much of an answer as python-engineio looks at, its body up to a bound."""

    def __init__(self, answer: aiohttp.ClientResponse, most_bytes: int) -> None:
        self._answer = answer
        self._most_bytes = most_bytes
        self.status = answer.status

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    async def read(self) -> bytes:
        """The body. Raises ``BoundExceeded``, and ``ValueError`` where it breaks off, as the library asks."""
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
        """What a refusal says in its body, which the library can do without."""
        self.close()
        raise aiohttp.ClientPayloadError("a refusal is not read")

    def close(self) -> None:
        """Read no more of it."""
        self._answer.close()


async def refusal_of(answer: aiohttp.ClientResponse, *, was_connected: bool) -> GatewayError:
    """The error of ours for a poll or a post that was refused."""
    try:
        body = await BoundedResponse(answer, _MOST_REFUSAL_BYTES).read()
    except (GatewayError, ValueError):
        body = b""
    if answer.status == 400 and _code_of(body) == _UNKNOWN_SESSION:
        return SessionUnknown(was_connected=was_connected)
    said = read_error(body).text or str(answer.reason or "")
    why = phrase("a poll was answered with {status} {said}", status=answer.status, said=said.rstrip("."))
    return ConnectionLost(why, f"refused poll {answer.status}")


def _code_of(body: bytes) -> object:
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return said.get("code") if isinstance(said, dict) else None


def packets_in(body: str) -> Iterator[str]:
    """The packets of an answer, one by one: a list of all of a large one would be larger still."""
    start = 0
    while (end := body.find(_SEPARATOR, start)) >= 0:
        yield body[start:end]
        start = end + 1
    if start < len(body):
        yield body[start:]
