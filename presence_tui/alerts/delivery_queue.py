"""A queue that delivers notices one at a time in the background."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from presence_tui.alerts.notice import DeliveryError, Notice
from presence_tui.domain.translatable import Phrase, phrase

MOST_WAITING: Final = 100
"""Limit of queued notices; beyond it, the oldest are dropped."""
CLOSE_LIMIT_S: Final = 1.0
"""Time limit for the delivery in progress when the queue is closed."""

_logger = logging.getLogger(__name__)


class Sender(Protocol):
    """Sends one notice at a time over one channel."""

    async def send(self, notice: Notice) -> str:
        """Deliver the notice and return the result. Raises ``DeliveryError``."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...


@dataclass(slots=True)
class DeliveryCounters:
    """Delivery results of one channel."""

    sent: int = 0
    failed: int = 0
    dropped: int = 0
    """Not sent because the queue was full."""
    last_error: Phrase | None = None
    """Error of the last delivery; ``None`` if it succeeded."""


class DeliveryQueue:
    """Delivery over one channel. ``on_error`` is called for the first failure of a series only."""

    def __init__(self, sender: Sender, on_error: Callable[[Phrase], None]) -> None:
        self.counters = DeliveryCounters()
        self._sender = sender
        self._on_error = on_error
        self._waiting: deque[Notice] = deque()
        self._work: asyncio.Task[None] | None = None

    def enqueue(self, notice: Notice) -> None:
        """Add a notice to the queue."""
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self.counters.dropped += 1
        self._waiting.append(notice)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._send_all())

    async def wait_until_idle(self) -> None:
        """Wait until the queue is empty."""
        while self._work is not None and not self._work.done():
            await asyncio.wait([self._work])

    async def close(self) -> None:
        """Stop, after at most ``CLOSE_LIMIT_S`` for the delivery in progress."""
        work = self._work
        if work is not None and not work.done():
            await asyncio.wait([work], timeout=CLOSE_LIMIT_S)
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
        await self._sender.close()

    async def _send_all(self) -> None:
        while self._waiting:
            notice = self._waiting.popleft()
            try:
                result = await self._sender.send(notice)
            except DeliveryError as problem:
                self._record_failure(problem.sentence)
            except Exception as mistake:
                _logger.error("delivering", exc_info=mistake)
                self._record_failure(
                    phrase("A mistake inside presence-tui: {what}.", what=type(mistake).__name__)
                )
            else:
                _logger.info("alert %s delivered: %s", notice.id, result)
                self.counters.sent += 1
                self.counters.last_error = None

    def _record_failure(self, sentence: Phrase) -> None:
        _logger.warning("not delivered: %s", sentence)
        self.counters.failed += 1
        is_news, self.counters.last_error = self.counters.last_error is None, sentence
        if is_news:
            self._on_error(sentence)
