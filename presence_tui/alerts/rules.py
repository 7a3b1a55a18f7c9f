"""Alert rules, what they match, and the alerts that matches are grouped into."""

from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from presence_tui.domain.translatable import PhraseError, phrase
from presence_tui.wire.sanitize import NAME_CELLS, safe_text

COOLDOWN_S: Final = 60.0
MAX_AFTER_S: Final = 7 * 86_400.0
"""Maximum time span of a rule."""


class Trigger(StrEnum):
    """The condition of a rule."""

    COMES = "comes"
    LEAVES = "leaves"
    RETURNS = "returns"
    """Online again after more than ``after_s`` offline."""
    EMPTY = "empty"
    """No participant of a group online for ``after_s``."""
    TYPING = "typing"
    """Typing again after ``after_s`` without typing."""


class Channel(StrEnum):
    """How an alert is delivered."""

    TOAST = "toast"
    BELL = "bell"
    TERMINAL = "terminal"
    """A desktop notification by the terminal: OSC 9, 99 or 777."""
    COMMAND = "command"
    WEBHOOK = "webhook"


DEFAULT_AFTER_S: Final = {Trigger.RETURNS: 600.0, Trigger.EMPTY: 120.0, Trigger.TYPING: 600.0}
"""Default ``after_s``; triggers without an entry have none."""


class BadRule(PhraseError):
    """The rule is invalid; the message says why."""


class AlertRule(msgspec.Struct, frozen=True):
    """One rule. All given criteria must hold: ``who`` in ``conversation`` with ``role``.

    A rule without a selector matches everyone. Raises ``BadRule``.
    """

    kind: Trigger
    who: tuple[str, ...] = ()
    """Presence keys, names or handles; names and handles match without case and accents."""
    role: str = ""
    """Role as in the roster, in lower case; ``guest`` selects guests."""
    conversation: str = ""
    """Id, identifier or title; empty for any conversation."""
    after_s: float = 0.0
    cooldown_s: float = COOLDOWN_S
    """Minimum time between two matches about the same participant or group."""
    channels: frozenset[Channel] = frozenset({Channel.TOAST, Channel.BELL})
    name: str = ""
    """Name given by the user; may be empty."""

    def __post_init__(self) -> None:
        if self.kind in DEFAULT_AFTER_S and not 0 < self.after_s <= MAX_AFTER_S:
            raise BadRule(
                phrase("after_s must be more than 0, and at most {most} (a week).", most=f"{MAX_AFTER_S:.0f}")
            )
        if self.kind not in DEFAULT_AFTER_S and self.after_s:
            raise BadRule(phrase("what {kind} has no after_s: it alerts at once.", kind=str(self.kind)))
        if not 0 <= self.cooldown_s <= MAX_AFTER_S:
            raise BadRule(phrase("cooldown_s must be from 0 to {most} (a week).", most=f"{MAX_AFTER_S:.0f}"))
        if self.kind is Trigger.EMPTY and not (self.who or self.role or self.conversation):
            raise BadRule(phrase("empty needs a group: say who, role or conversation."))
        for text in (*self.who, self.role, self.conversation, self.name):
            if text != safe_text(text, NAME_CELLS * 4):
                raise BadRule(phrase("{text!r} holds what cannot be shown.", text=safe_text(text)))
        if "" in self.who:
            raise BadRule(phrase("an empty name in who means nobody."))


class RuleMatch(NamedTuple):
    """One match of one rule."""

    rule: AlertRule
    at_s: float
    """Unix seconds."""
    key: str = ""
    """Presence key of the participant; empty for a group."""
    name: str = ""
    held_s: float | None = None
    """Seconds in the previous condition: offline, silent, or group empty."""
    at_least: bool = False
    """True if ``held_s`` is a lower bound, because its begin was not observed."""

    @property
    def kind(self) -> Trigger:
        return self.rule.kind


class Alert(NamedTuple):
    """Matches delivered together, without repeats, in order."""

    at_s: float
    matches: tuple[RuleMatch, ...]


def without_repeats(matches: list[RuleMatch]) -> tuple[RuleMatch, ...]:
    """Keep one match per trigger and participant, or per group rule.

    A "returns" match replaces a "comes" match of the same participant.
    """
    back = {match.key for match in matches if match.kind is Trigger.RETURNS}
    unique: dict[object, RuleMatch] = {}
    for match in matches:
        if match.kind is Trigger.COMES and match.key in back:
            continue
        unique.setdefault((match.kind, match.key or match.rule), match)
    return tuple(unique.values())
