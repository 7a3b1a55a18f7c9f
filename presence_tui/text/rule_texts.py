"""Rules in words: what a rule is, and which part of it decides about somebody."""

from math import isfinite
from typing import Final

from presence_tui.domain.rules import Ladder, Rule
from presence_tui.store import PresenceStore, Record
from presence_tui.text.wording import Wording

_MINUTE_S: Final = 60


class RuleTexts:
    """Says it in the language of the wording."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._language = wording.language

    def explained(self, rule: Rule) -> str:
        """What the rule makes of whom, in one sentence."""
        say = self._language.say
        match rule.name:
            case "flag":
                return say(
                    "Rule flag: the flag decides the panel, the last sign of life the dot: {steps}.",
                    steps=self._steps(rule.when_true),
                )
            case "meeshy-2025":
                return say(
                    "Rule {rule}: a false flag is offline; else the last sign of life decides: {steps}.",
                    rule=rule.name,
                    steps=self._steps(rule.when_true),
                )
            case _:
                return say(
                    "Rule {rule}: the last sign of life decides: {steps}; "
                    "a true flag is online up to {limit}.",
                    rule=rule.name,
                    steps=self._steps(rule.when_false),
                    limit=self._limit(rule.when_true.limits_s[0]),
                )

    def clause(self, rule: Rule, record: Record, store: PresenceStore) -> str:
        """What a rule makes of somebody, by which of its clauses, and when it will decide otherwise."""
        state = self._wording.state(store.states.state_by(rule, record))
        return self._language.labelled(state, self.reason(rule, record, store))

    def reason(self, rule: Rule, record: Record, store: PresenceStore) -> str:
        """The clause that decides, and when it will decide otherwise, unless the state stands still."""
        say, wording = self._language.say, self._wording
        age_s = store.states.age_by(rule, record)
        _, wait_s = rule.read(record.flag, age_s)
        conditions = self.conditions(rule, record, store)
        if wait_s is None or store.states.held_since_s(record) is not None:
            return conditions
        following, _ = rule.read(record.flag, (age_s or 0.0) + wait_s)
        then = say("{state} in {span}", state=wording.state(following), span=self._language.span(wait_s))
        return say("{conditions}; {then}", conditions=conditions, then=then)

    def conditions(self, rule: Rule, record: Record, store: PresenceStore) -> str:
        """The clause that decides."""
        say, age_s = self._language.say, store.states.age_by(rule, record)
        parts = [self._flag(record.flag)]
        ladder = rule.ladder(record.flag)
        if age_s is None:
            parts.append(say("no sign of life told"))
        elif not isfinite(age_s):
            parts.append(say("a last sign of life that cannot be read"))
        elif ladder.limits_s:
            parts.append(
                say(
                    "last sign of life {age} ago {comparison}",
                    age=self._language.span(age_s),
                    comparison=self._comparison(rule, ladder, age_s),
                )
            )
        return ", ".join(parts)

    def _steps(self, ladder: Ladder) -> str:
        say, state = self._language.say, self._wording.state
        steps = [
            say("{state} up to {limit}", state=state(each), limit=self._limit(limit_s))
            for each, limit_s in zip(ladder.states, ladder.limits_s, strict=False)
        ]
        return ", ".join([*steps, say("then {state}", state=state(ladder.states[-1]))])

    def _comparison(self, rule: Rule, ladder: Ladder, age_s: float) -> str:
        below, above = ("≤", ">") if rule.inclusive else ("<", "≥")
        for limit_s in ladder.limits_s:
            if age_s <= limit_s if rule.inclusive else age_s < limit_s:
                return f"{below} {self._limit(limit_s)}"
        return f"{above} {self._limit(ladder.limits_s[-1])}"

    def _flag(self, flag: bool | None) -> str:
        say = self._language.say
        match flag:
            case True:
                return say("flag true")
            case False:
                return say("flag false")
            case None:
                return say("flag never told")

    def _limit(self, seconds: float) -> str:
        """A limit to the second: whole minutes only where there are no others."""
        if seconds % _MINUTE_S or seconds <= _MINUTE_S:
            return self._language.say("{n} s", n=f"{seconds:g}")
        return self._language.span(seconds)
