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
    rings: tuple[RuleMatch, ...]


def without_repeats(rings: list[RuleMatch]) -> tuple[RuleMatch, ...]:
    """Each thing once, however many rules have rung for it.

    Who is back after long has come as well, which goes without saying.
    """
    back = {ring.key for ring in rings if ring.kind is Trigger.RETURNS}
    told: dict[object, RuleMatch] = {}
    for ring in rings:
        if ring.kind is Trigger.COMES and ring.key in back:
            continue
        told.setdefault((ring.kind, ring.key or ring.rule), ring)
    return tuple(told.values())
