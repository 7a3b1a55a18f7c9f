"""Sentences about watch rules: what an alert tells, and what a rule waits for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from presence_tui.alerts.alert import Alert, Ring
from presence_tui.alerts.rules import Kind, WatchRule, Way
from presence_tui.store import PresenceStore
from presence_tui.tui.language import Language

ONE_BY_ONE: Final = 3
"""Of one kind; more are said as one figure with some names."""
NAMES_SAID: Final = 3


@dataclass(frozen=True, slots=True)
class AlertWords:
    """Says things in one language, of people in one store."""

    language: Language
    store: PresenceStore

    def sentence(self, alert: Alert) -> str:
        """What an alert tells, in one line."""
        parts: list[str] = []
        for kind in dict.fromkeys(ring.kind for ring in alert.rings):
            rings = [ring for ring in alert.rings if ring.kind is kind]
            if len(rings) <= ONE_BY_ONE or kind is Kind.EMPTY:
                parts += [self._one(ring) for ring in rings]
            else:
                parts.append(self._many(kind, rings))
        return " · ".join(parts)

    def rule(self, rule: WatchRule) -> str:
        """What a rule waits for, in one line."""
        say, who = self.language.say, self.whom(rule)
        span = self.language.span(rule.after_s)
        match rule.kind:
            case Kind.COMES:
                return say("{who} comes online", who=who)
            case Kind.LEAVES:
                return say("{who} leaves", who=who)
            case Kind.RETURNS:
                return say("{who} is back after more than {span}", who=who, span=span)
            case Kind.EMPTY if _is_one(rule):
                return say("{who} has been gone for {span}", who=who, span=span)
            case Kind.EMPTY:
                return say("nobody of {group} online for {span}", group=self.group(rule), span=span)
            case Kind.TYPING:
                return say("{who} types after {span} of silence", who=who, span=span)

    def whom(self, rule: WatchRule) -> str:
        """The people of a rule about single people."""
        return self._meant(rule) or self.language.say("anybody")

    def group(self, rule: WatchRule) -> str:
        """The people of a rule about a group."""
        return self._meant(rule) or self.language.say("everybody")

    def way(self, way: Way) -> str:
        """A way to be told, in a word."""
        say = self.language.say
        match way:
            case Way.TOAST:
                return say("on the screen")
            case Way.BELL:
                return say("bell")
            case Way.TERMINAL:
                return say("terminal notification")
            case Way.COMMAND:
                return say("command")
            case Way.WEBHOOK:
                return say("webhook")

    def _one(self, ring: Ring) -> str:
        say = self.language.say
        span = self.language.span(ring.held_s or 0.0)
        match ring.kind:
            case Kind.COMES:
                return say("{name} came online", name=ring.name)
            case Kind.LEAVES if ring.held_s is None:
                return say("{name} left", name=ring.name)
            case Kind.LEAVES:
                return say("{name} left after {span}", name=ring.name, span=span)
            case Kind.RETURNS if ring.at_least:
                return say("{name} is back after at least {span}", name=ring.name, span=span)
            case Kind.RETURNS:
                return say("{name} is back after {span}", name=ring.name, span=span)
            case Kind.EMPTY if ring.rule.name and not ring.rule.who:
                return say("{rule}: nobody online for {span}", rule=ring.rule.name, span=span)
            case Kind.EMPTY if _is_one(ring.rule):
                return say("{who} has been gone for {span}", who=self.whom(ring.rule), span=span)
            case Kind.EMPTY:
                return say("Nobody of {group} online for {span}", group=self.group(ring.rule), span=span)
            case Kind.TYPING if ring.at_least:
                return say("{name} types after at least {span} of silence", name=ring.name, span=span)
            case Kind.TYPING:
                return say("{name} types after {span} of silence", name=ring.name, span=span)

    def _many(self, kind: Kind, rings: Sequence[Ring]) -> str:
        count, number = self.language.count, len(rings)
        names = self._listed([ring.name for ring in rings])
        match kind:
            case Kind.LEAVES:
                said = count("{n} left", "{n} left", number)
            case Kind.RETURNS:
                said = count("{n} is back", "{n} are back", number)
            case Kind.TYPING:
                said = count("{n} types after silence", "{n} type after silence", number)
            case _:
                said = count("{n} came online", "{n} came online", number)
        return f"{said} ({names})"

    def _meant(self, rule: WatchRule) -> str:
        """Whom a rule means; empty for everybody."""
        parts = [self._listed([self._name(each) for each in rule.who])] if rule.who else []
        if rule.role:
            parts.append(self.language.say("role {role}", role=rule.role))
        if rule.conversation:
            parts.append(self.language.say("in {conversation}", conversation=rule.conversation))
        return " ".join(parts)

    def _name(self, who: str) -> str:
        record = self.store.get_user_by_id(who)
        return record.shown_name if record is not None else who

    def _listed(self, names: Sequence[str]) -> str:
        """Some names, and how many more."""
        hidden = len(names) - NAMES_SAID
        said = ", ".join(names[:NAMES_SAID])
        if hidden <= 0:
            return said
        more = self.language.count("{n} more", "{n} more", hidden)
        return self.language.say("{names} and {more}", names=said, more=more)


def _is_one(rule: WatchRule) -> bool:
    """True for a group of one, of whom is said how long they have been gone."""
    return len(rule.who) == 1 and not (rule.role or rule.conversation)
