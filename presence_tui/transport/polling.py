"""Answers to polls, bounded as frames are: where only polling comes through, the bounds hold as well."""

from collections.abc import Iterator
from typing import Any, Final

import aiohttp

from presence_tui.domain.phrases import phrase
from presence_tui.transport.errors import BoundExceeded

_SEPARATOR: Final = "\x1e"


class BoundedAnswer:
    """As much of an answer as python-engineio looks at, its body up to a bound."""

    def __init__(self, answer: aiohttp.ClientResponse, most_bytes: int) -> None:
        self._answer = answer
        self._most_bytes = most_bytes
        self.status = answer.status

    async def read(self) -> bytes:
        """The body. Raises ``BoundExceeded``, and ``ValueError`` where it breaks off, as the library asks."""
        declared = self._answer.content_length
        chunks: list[bytes] = []
        size = 0
        try:
            async for chunk in self._answer.content.iter_any():
                size += len(chunk)
                if size > self._most_bytes:
                    self._answer.close()
                    what = phrase("An answer to a poll")
                    raise BoundExceeded(what, self._most_bytes, declared)
                chunks.append(chunk)
        except (aiohttp.ClientError, TimeoutError, OSError) as broken:
            raise ValueError(f"the answer broke off: {broken}") from broken
        return b"".join(chunks)

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
