"""Takes notices to where they are sent, one after the other, while nobody waits for it."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from presence_tui.alerts.errors import DeliveryError
from presence_tui.alerts.notice import Notice
from presence_tui.domain.translatable import Phrase, phrase

MOST_WAITING: Final = 100
"""Where a webhook is down for long, the newest matter more."""
LAST_WORD_S: Final = 1.0
"""How long what is on its way may still take when everything ends."""

_logger = logging.getLogger(__name__)


class Sender(Protocol):
    """Sends one notice after the other to where they go."""

    async def send(self, notice: Notice) -> str:
        """Answers what came of it. Raises ``DeliveryError``."""
        ...

    async def close(self) -> None:
        """Leave nothing open."""
        ...


@dataclass(slots=True)
class DeliveryCounters:
    """What became of the notices of one way."""

    sent: int = 0
    failed: int = 0
    left_out: int = 0
    """Given up unsent, because too many newer ones waited."""
    trouble: Phrase | None = None
    """Why the last one failed; ``None`` where it did not."""


class DeliveryQueue:
    """One way to send notices. ``tell`` is told of a trouble when it begins, not each time."""

    def __init__(self, sender: Sender, tell: Callable[[Phrase], None]) -> None:
        self.tally = DeliveryCounters()
        self._sender = sender
        self._tell = tell
        self._waiting: deque[Notice] = deque()
        self._work: asyncio.Task[None] | None = None

    def take(self, notice: Notice) -> None:
        """Send it when its turn comes."""
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self.tally.left_out += 1
        self._waiting.append(notice)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._send_all())

    async def idle(self) -> None:
        """Until nothing is left to be sent."""
        while self._work is not None and not self._work.done():
            await asyncio.wait([self._work])

    async def close(self) -> None:
        """End, after a moment for what is on its way."""
        work = self._work
        if work is not None and not work.done():
            await asyncio.wait([work], timeout=LAST_WORD_S)
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
        await self._sender.close()

    async def _send_all(self) -> None:
        while self._waiting:
            notice = self._waiting.popleft()
            try:
                said = await self._sender.send(notice)
            except DeliveryError as problem:
                self._note_trouble(problem.sentence)
            except Exception as mistake:
                _logger.error("delivering", exc_info=mistake)
                self._note_trouble(
                    phrase("A mistake inside presence-tui: {what}.", what=type(mistake).__name__)
                )
            else:
                _logger.info("alert %s delivered: %s", notice.id, said)
                self.tally.sent += 1
                self.tally.trouble = None

    def _note_trouble(self, sentence: Phrase) -> None:
        _logger.warning("not delivered: %s", sentence)
        self.tally.failed += 1
        is_news, self.tally.trouble = self.tally.trouble is None, sentence
        if is_news:
            self._tell(sentence)
