"""Explanations in words: which evidence and which part of the rule decide, what did not and why."""

from collections.abc import Callable
from math import isfinite
from typing import Final

from presence_tui.domain.enums import Source, State
from presence_tui.domain.evidence import Evidence, OverruledReason
from presence_tui.domain.rules import Ladder, Rule
from presence_tui.service.provenance import (
    Explanation,
    IdentityExplanation,
    OverruledReport,
    RosterExplanation,
    SignOfLife,
)
from presence_tui.store import Origin, PresenceStore, Record
from presence_tui.text.wording import Wording

_MINUTE_S: Final = 60


class ProvenanceTexts:
    """Which evidence decides, what did not decide and why, and what comes next."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._language = wording.language

    def told_by(self, explanation: Explanation) -> str:
        """The evidence that decides the flag."""
        say, evidence = self._language.say, explanation.evidence
        if evidence is None:
            return say("nobody has told yet")
        text = say(
            "{source}, {age} ago, epoch {epoch}",
            source=self._wording.source(evidence.source, evidence.seq),
            age=self._age(evidence.received_s),
            epoch=evidence.epoch,
        )
        parts = [text, *self._packet(explanation.packet)]
        if explanation.copies:
            parts.append(self._language.count("{n} copy", "{n} copies", explanation.copies))
        return " · ".join(parts)

    def sign_of_life(self, sign: SignOfLife | None, skew_s: float) -> str:
        """The sign of life whose age decides, and what told it."""
        say = self._language.say
        if sign is None:
            return "—"
        parts = [say("{age} ago", age=self._age(sign.at_s - skew_s))]
        if sign.source is None:
            parts.append(say("what told it is no longer kept, or was sent again after a gap"))
        elif sign.is_told:
            parts.append(say("told by: {source}", source=self._source(sign.source)))
        else:
            parts.append(say("arrival: {source}", source=self._source(sign.source)))
        return " · ".join([*parts, *self._packet(sign.packet)])

    def next_change(self, explanation: Explanation) -> str:
        """What the rule in force will show without further evidence, and when."""
        say, outcome = self._language.say, explanation.rules[0]
        if explanation.held_since_s is not None:
            return say("stands still until evidence arrives: the link was lost, or our membership ended")
        if outcome.next_state is None or outcome.wait_s is None:
            return say("no change by time; only new evidence changes it")
        state, span = self._wording.state(outcome.next_state), self._language.span(outcome.wait_s)
        return say("{state} in {span} unless a sign of life arrives", state=state, span=span)

    def overruled(self, report: OverruledReport) -> tuple[str, str]:
        """When it arrived, and what it said and why it did not decide."""
        evidence = report.evidence
        said = f"{self._source(evidence.source)} {self._flag(evidence)}"
        text = self._language.labelled(said, self.reason(report.reason))
        return self._wording.time(evidence.received_s), " · ".join([text, *self._packet(report.packet)])

    def reason(self, reason: OverruledReason) -> str:
        """Why evidence did not decide."""
        say = self._language.say
        match reason:
            case OverruledReason.LATE:
                return say("sent before the newest event")
            case OverruledReason.OLDER_THAN_ANSWER:
                return say("sent before an answer was requested")
            case OverruledReason.COPY:
                return say("a copy of the event that decides")
            case OverruledReason.OVERTAKEN_COPY:
                return say("a copy of the event before, which arrived later")
            case OverruledReason.OLD_CONNECTION:
                return say("from a connection that was over")
            case OverruledReason.REQUESTED_EARLIER:
                return say("requested before the newest evidence arrived")
            case OverruledReason.SNAPSHOT:
                return say("may be older than the event of the same connection")
            case OverruledReason.CACHE:
                return say("older than anything from the gateway")

    def origins(self, identity: IdentityExplanation, title_of: Callable[[str], str]) -> list[tuple[str, str]]:
        """What told name, handle, language and role, and when, as far as something did.

        ``title_of`` names a conversation.
        """
        say = self._language.say
        told = (
            (say("Name from"), identity.name),
            (say("Handle from"), identity.handle),
            (say("Language from"), identity.language),
            (say("Role from"), identity.role),
        )
        return [(label, self._origin(origin, title_of)) for label, origin in told if origin is not None]

    def _origin(self, origin: Origin, title_of: Callable[[str], str]) -> str:
        text = self._source(origin.source)
        if origin.conversation_id:
            text = self._language.labelled(text, title_of(origin.conversation_id))
        if origin.at_s is None:
            return text
        age = self._language.say("{age} ago", age=self._age(origin.at_s))
        return f"{text} · {age}"

    def counts(self, roster: RosterExplanation) -> str:
        """Members by where they are listed."""
        say, counts = self._language.say, roster.counts
        unknown = self._language.count("{n} unknown", "{n} unknown", counts.unknown)
        listed = say("{online} online, {offline} offline", online=counts.online, offline=counts.offline)
        return f"{listed}, {unknown}"

    def roster(self, roster: RosterExplanation) -> str:
        """When the roster behind the counts was read, and what has changed it since."""
        say, count = self._language.say, self._language.count
        if roster.read_s is None:
            return say("not read to its end yet")
        age = self._age(roster.read_s)
        text = (
            say("read {age} ago, whole", age=age)
            if roster.is_whole
            else say("read {age} ago, in part", age=age)
        )
        if not roster.events_since:
            return text
        changed = count(
            "{n} member changed by events since", "{n} members changed by events since", roster.events_since
        )
        return f"{text} · {changed}"

    def _age(self, at_s: float) -> str:
        return self._language.span(self._wording.store.clock.stamp().wall_s - at_s)

    def _packet(self, number: int | None) -> list[str]:
        return [] if number is None else [self._language.say("packet {n}", n=number)]

    def _source(self, source: Source) -> str:
        return self._language.say("event") if source is Source.EVENT else self._wording.source(source)

    def _flag(self, evidence: Evidence) -> str:
        return self._wording.state(State.ONLINE if evidence.flag else State.OFFLINE)


class RuleTexts:
    """What a rule is, and which part of it decides about somebody."""

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
