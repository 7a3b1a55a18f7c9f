"""What a rule has to tell when it rings, and what of it is told at once."""

from typing import NamedTuple

from presence_tui.alerts.rules import AlertRule, Trigger


class RuleMatch(NamedTuple):
    """One rule rang once."""

    rule: AlertRule
    at_s: float
    """Unix seconds."""
    key: str = ""
    """Presence key of who it is about; empty where it is a group."""
    name: str = ""
    held_s: float | None = None
    """For how long it had been otherwise: away, silent, or the group empty."""
    at_least: bool = False
    """True where it may have been longer, because nobody saw it begin."""

    @property
    def kind(self) -> Trigger:
        return self.rule.kind


class Alert(NamedTuple):
    """What is told in one piece: each thing that happened once, in its order."""

    at_s: float
    matches: tuple[RuleMatch, ...]


def without_repeats(matches: list[RuleMatch]) -> tuple[RuleMatch, ...]:
    """Each thing once, however many rules have rung for it.

    Who is back after long has come as well, which goes without saying.
    """
    back = {match.key for match in matches if match.kind is Trigger.RETURNS}
    told: dict[object, RuleMatch] = {}
    for match in matches:
        if match.kind is Trigger.COMES and match.key in back:
            continue
        told.setdefault((match.kind, match.key or match.rule), match)
    return tuple(told.values())
