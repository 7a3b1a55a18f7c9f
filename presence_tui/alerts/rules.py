"""Watch rules: what somebody wants to be told, of whom, and by which ways."""

from enum import StrEnum
from typing import Final

import msgspec

from presence_tui.wire.sanitize import NAME_CELLS, safe_text

COOLDOWN_S: Final = 60.0
MAX_AFTER_S: Final = 7 * 86_400.0
"""No span of a rule is longer; by then everybody has forgotten what they asked for."""


class Trigger(StrEnum):
    """What a rule waits for."""

    COMES = "comes"
    LEAVES = "leaves"
    RETURNS = "returns"
    """Comes back after having been away for longer than ``after_s``."""
    EMPTY = "empty"
    """Nobody of a group has been online for ``after_s``."""
    TYPING = "typing"
    """Types after having typed nothing for ``after_s``."""


class Channel(StrEnum):
    """How somebody is told."""

    TOAST = "toast"
    BELL = "bell"
    TERMINAL = "terminal"
    """A notification of the terminal's: OSC 9, 99 or 777."""
    COMMAND = "command"
    WEBHOOK = "webhook"


DEFAULT_AFTER_S: Final = {Trigger.RETURNS: 600.0, Trigger.EMPTY: 120.0, Trigger.TYPING: 600.0}
"""What ``after_s`` is where a rule does not say; kinds that are not here have none."""


class BadRule(ValueError):
    """A rule cannot be meant like that; the message is a sentence that says why."""


class AlertRule(msgspec.Struct, frozen=True):
    """One wish. All that is given must hold: ``who`` in ``conversation`` with ``role``.

    Who is meant by nothing at all is everybody. Raises ``BadRule``.
    """

    kind: Trigger
    who: tuple[str, ...] = ()
    """Presence keys, names or handles; names and handles whatever their case and accents."""
    role: str = ""
    """As in the roster, lower case; ``guest`` means guests."""
    conversation: str = ""
    """Id, identifier or title; without one, wherever it is."""
    after_s: float = 0.0
    cooldown_s: float = COOLDOWN_S
    """For so long it does not ring again about the same participant or group."""
    channels: frozenset[Channel] = frozenset({Channel.TOAST, Channel.BELL})
    name: str = ""
    """What its owner calls it; may be empty."""

    def __post_init__(self) -> None:
        if self.kind in DEFAULT_AFTER_S and not 0 < self.after_s <= MAX_AFTER_S:
            raise BadRule(f"after_s must be more than 0, and at most {MAX_AFTER_S:.0f} (a week).")
        if self.kind not in DEFAULT_AFTER_S and self.after_s:
            raise BadRule(f"what {self.kind} has no after_s: it rings at once.")
        if not 0 <= self.cooldown_s <= MAX_AFTER_S:
            raise BadRule(f"cooldown_s must be from 0 to {MAX_AFTER_S:.0f} (a week).")
        if self.kind is Trigger.EMPTY and not (self.who or self.role or self.conversation):
            raise BadRule("empty needs a group: say who, role or conversation.")
        for text in (*self.who, self.role, self.conversation, self.name):
            if text != safe_text(text, NAME_CELLS * 4):
                raise BadRule(f"{safe_text(text)!r} holds what cannot be shown.")
        if "" in self.who:
            raise BadRule("an empty name in who means nobody.")
