"""Matches of alert rules, and the alerts they are grouped into."""

from typing import NamedTuple

from presence_tui.alerts.rules import AlertRule, Trigger


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
