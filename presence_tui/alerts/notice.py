"""An alert prepared for delivery, a sentence for people and a JSON object for programs, or its failure.

``presence-tui help json`` documents the object. ``version`` grows when a field is removed or changes its
meaning.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import msgspec

from presence_tui.alerts.rules import Alert, RuleMatch
from presence_tui.domain.translatable import Phrase
from presence_tui.wire.sanitize import MESSAGE_CELLS, safe_text
from presence_tui.wire.timestamps import wire_from_seconds


class DeliveryError(Exception):
    """An alert could not be delivered. The sentence contains no secret."""

    def __init__(self, sentence: Phrase) -> None:
        self.sentence = sentence
        super().__init__(str(sentence))


VERSION: Final = 1
MAX_MATCHES: Final = 100
"""Maximum matches in the object; ``count`` is the total."""

AlertFormatter = Callable[[Alert], str]
"""Formats an alert as a sentence."""


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
