"""Answers to polls, bounded as frames are: where only polling comes through, the bounds hold as well."""

from collections.abc import Iterator
from typing import Any, Final

import aiohttp

from presence_tui.domain.phrases import phrase
from presence_tui.transport.bodies import read_body

_SEPARATOR: Final = "\x1e"


class BoundedAnswer:
    """As much of an answer as python-engineio looks at, its body up to a bound."""

    def __init__(self, answer: aiohttp.ClientResponse, most_bytes: int) -> None:
        self._answer = answer
        self._most_bytes = most_bytes
        self.status = answer.status

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
            self._answer.close()

    async def json(self) -> Any:
        """What a refusal says in its body, which the library can do without."""
        self._answer.close()
        raise aiohttp.ClientPayloadError("a refusal is not read")


def packets_in(body: str) -> Iterator[str]:
    """The packets of an answer, one by one: a list of all of a large one would be larger still."""
    start = 0
    while (end := body.find(_SEPARATOR, start)) >= 0:
        yield body[start:end]
        start = end + 1
    if start < len(body):
        yield body[start:]
