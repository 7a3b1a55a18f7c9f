"""Delivery of alerts: the notice that is sent, and a queue that delivers notices in the background.

A notice has a sentence for people and a JSON object for programs, which ``presence-tui help json`` documents.
Its ``version`` grows when a field is removed or changes its meaning.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import uuid4

import msgspec

from presence_tui.alerts.rules import Alert, RuleMatch
from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.wire.sanitize import MESSAGE_CELLS, safe_text
from presence_tui.wire.timestamps import wire_from_seconds

VERSION: Final = 1
"""Of the JSON object."""
MAX_MATCHES: Final = 100
"""Maximum matches in the JSON object; ``count`` is the total."""

MOST_WAITING: Final = 100
"""Limit of queued notices; beyond it, the oldest are dropped."""
CLOSE_LIMIT_S: Final = 1.0
"""Time limit for the delivery in progress when the queue is closed."""

AlertFormatter = Callable[[Alert], str]
"""Formats an alert as a sentence."""

_logger = logging.getLogger(__name__)


class DeliveryError(Exception):
    """An alert could not be delivered. The sentence contains no secret."""

    def __init__(self, sentence: Phrase) -> None:
        self.sentence = sentence
        super().__init__(str(sentence))


class MatchObject(msgspec.Struct, kw_only=True):
    """One match. Times are ISO-8601 UTC."""

    at: str
    kind: str
    rule: str
    user_id: str | None
    name: str | None
    conversation: str | None
    role: str | None
    held_s: float | None
    at_least: bool


class AlertObject(msgspec.Struct, kw_only=True):
    """The JSON object for webhooks and commands."""

    version: int = VERSION
    id: str
    at: str
    gateway: str
    text: str
    count: int
    rings: list[MatchObject]
    test: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """One alert to deliver. ``text`` is one line without control characters."""

    id: str
    at_s: float
    text: str
    kinds: tuple[str, ...]
    rules: tuple[str, ...]
    body: bytes


def build_notice(alert: Alert, describe: AlertFormatter, gateway: str, *, test: bool = False) -> Notice:
    """Format an alert as a sentence and as JSON; ``gateway`` is its display name."""
    text, notice_id, matches = safe_text(describe(alert), MESSAGE_CELLS), str(uuid4()), alert.matches
    content = AlertObject(
        id=notice_id,
        at=wire_from_seconds(alert.at_s),
        gateway=gateway,
        text=text,
        count=len(matches),
        rings=[_match_object(match) for match in matches[:MAX_MATCHES]],
        test=test,
    )
    kinds = tuple(dict.fromkeys(str(match.kind) for match in matches))
    rules = tuple(dict.fromkeys(match.rule.name for match in matches if match.rule.name))
    return Notice(notice_id, alert.at_s, text, kinds, rules, msgspec.json.encode(content))


def _match_object(match: RuleMatch) -> MatchObject:
    rule = match.rule
    return MatchObject(
        at=wire_from_seconds(match.at_s),
        kind=match.kind,
        rule=rule.name,
        user_id=match.key or None,
        name=match.name or None,
        conversation=rule.conversation or None,
        role=rule.role or None,
        held_s=None if match.held_s is None else round(match.held_s, 3),
        at_least=match.at_least,
    )


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
