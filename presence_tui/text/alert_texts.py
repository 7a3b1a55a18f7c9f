"""Sentences about watch rules: what an alert tells, and what a rule waits for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from presence_tui.alerts.alert import Alert, RuleMatch
from presence_tui.alerts.rules import AlertRule, Channel, Trigger
from presence_tui.store import PresenceStore
from presence_tui.text.language import Language

ONE_BY_ONE: Final = 3
"""Of one kind; more are said as one figure with some names."""
NAMES_SAID: Final = 3


@dataclass(frozen=True, slots=True)
class AlertTexts:
    """Says things in one language, of people in one store."""

    language: Language
    store: PresenceStore

    def sentence(self, alert: Alert) -> str:
        """What an alert tells, in one line."""
        parts: list[str] = []
        for kind in dict.fromkeys(match.kind for match in alert.matches):
            matches = [match for match in alert.matches if match.kind is kind]
            if len(matches) <= ONE_BY_ONE or kind is Trigger.EMPTY:
                parts += [self._one(match) for match in matches]
            else:
                parts.append(self._many(kind, matches))
        return " · ".join(parts)

    def rule(self, rule: AlertRule) -> str:
        """What a rule waits for, in one line."""
        say, who = self.language.say, self.whom(rule)
        span = self.language.span(rule.after_s)
        match rule.kind:
            case Trigger.COMES:
                return say("{who} comes online", who=who)
            case Trigger.LEAVES:
                return say("{who} leaves", who=who)
            case Trigger.RETURNS:
                return say("{who} is back after more than {span}", who=who, span=span)
            case Trigger.EMPTY if _is_one(rule):
                return say("{who} has been gone for {span}", who=who, span=span)
            case Trigger.EMPTY:
                return say("nobody of {group} online for {span}", group=self.group(rule), span=span)
            case Trigger.TYPING:
                return say("{who} types after {span} of silence", who=who, span=span)

    def whom(self, rule: AlertRule) -> str:
        """The people of a rule about single people."""
        return self._selected(rule) or self.language.say("anybody")

    def group(self, rule: AlertRule) -> str:
        """The people of a rule about a group."""
        return self._selected(rule) or self.language.say("everybody")

    def channel(self, channel: Channel) -> str:
        """A way to be told, in a word."""
        say = self.language.say
        match channel:
            case Channel.TOAST:
                return say("on the screen")
            case Channel.BELL:
                return say("bell")
            case Channel.TERMINAL:
                return say("terminal notification")
            case Channel.COMMAND:
                return say("command")
            case Channel.WEBHOOK:
                return say("webhook")

    def _one(self, match: RuleMatch) -> str:
        say = self.language.say
        span = self.language.span(match.held_s or 0.0)
        match match.kind:
            case Trigger.COMES:
                return say("{name} came online", name=match.name)
            case Trigger.LEAVES if match.held_s is None:
                return say("{name} left", name=match.name)
            case Trigger.LEAVES:
                return say("{name} left after {span}", name=match.name, span=span)
            case Trigger.RETURNS if match.at_least:
                return say("{name} is back after at least {span}", name=match.name, span=span)
            case Trigger.RETURNS:
                return say("{name} is back after {span}", name=match.name, span=span)
            case Trigger.EMPTY if match.rule.name and not match.rule.who:
                return say("{rule}: nobody online for {span}", rule=match.rule.name, span=span)
            case Trigger.EMPTY if _is_one(match.rule):
                return say("{who} has been gone for {span}", who=self.whom(match.rule), span=span)
            case Trigger.EMPTY:
                return say("Nobody of {group} online for {span}", group=self.group(match.rule), span=span)
            case Trigger.TYPING if match.at_least:
                return say("{name} types after at least {span} of silence", name=match.name, span=span)
            case Trigger.TYPING:
                return say("{name} types after {span} of silence", name=match.name, span=span)

    def _many(self, kind: Trigger, matches: Sequence[RuleMatch]) -> str:
        count, number = self.language.count, len(matches)
        names = self._listed([match.name for match in matches])
        match kind:
            case Trigger.LEAVES:
                said = count("{n} left", "{n} left", number)
            case Trigger.RETURNS:
                said = count("{n} is back", "{n} are back", number)
            case Trigger.TYPING:
                said = count("{n} types after silence", "{n} type after silence", number)
            case _:
                said = count("{n} came online", "{n} came online", number)
        return f"{said} ({names})"

    def _selected(self, rule: AlertRule) -> str:
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


def _is_one(rule: AlertRule) -> bool:
    """True for a group of one, of whom is said how long they have been gone."""
    return len(rule.who) == 1 and not (rule.role or rule.conversation)
