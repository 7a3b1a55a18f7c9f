"""Sentences for alerts and alert rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from presence_tui.alerts.rules import Alert, AlertRule, Channel, RuleMatch, Trigger
from presence_tui.store import PresenceStore
from presence_tui.text.language import Language

ONE_BY_ONE: Final = 3
"""Matches of one kind listed singly; more are summarized as a count with some names."""
NAMES_SAID: Final = 3


@dataclass(frozen=True, slots=True)
class AlertTexts:
    """Formats alerts and rules in one language, with names from one store."""

    language: Language
    store: PresenceStore

    def sentence(self, alert: Alert) -> str:
        """Format an alert in one line."""
        parts: list[str] = []
        for kind in dict.fromkeys(match.kind for match in alert.matches):
            matches = [match for match in alert.matches if match.kind is kind]
            if len(matches) <= ONE_BY_ONE or kind is Trigger.EMPTY:
                parts += [self._one(match) for match in matches]
            else:
                parts.append(self._many(kind, matches))
        return " · ".join(parts)

    def rule(self, rule: AlertRule) -> str:
        """Describe a rule's condition in one line."""
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
        """The participants of a rule about single participants."""
        return self._selected(rule) or self.language.say("anybody")

    def group(self, rule: AlertRule) -> str:
        """The participants of a rule about a group."""
        return self._selected(rule) or self.language.say("everybody")

    def channel(self, channel: Channel) -> str:
        """Name of a channel."""
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
                text = count("{n} left", "{n} left", number)
            case Trigger.RETURNS:
                text = count("{n} is back", "{n} are back", number)
            case Trigger.TYPING:
                text = count("{n} types after silence", "{n} type after silence", number)
            case _:
                text = count("{n} came online", "{n} came online", number)
        return f"{text} ({names})"

    def _selected(self, rule: AlertRule) -> str:
        """The participants a rule selects; empty for everyone."""
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
        """Join some names and the number of the rest."""
        hidden = len(names) - NAMES_SAID
        text = ", ".join(names[:NAMES_SAID])
        if hidden <= 0:
            return text
        more = self.language.count("{n} more", "{n} more", hidden)
        return self.language.say("{names} and {more}", names=text, more=more)


def _is_one(rule: AlertRule) -> bool:
    """True for a group of one participant; the sentence gives the time since they left."""
    return len(rule.who) == 1 and not (rule.role or rule.conversation)
