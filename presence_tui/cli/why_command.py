"""``why``: explains what is shown about somebody, by the evidence that decides and what did not decide."""

import asyncio
import sys
from collections.abc import Iterator

import msgspec

from presence_tui.cli.configuration import Settings
from presence_tui.cli.current_service import CurrentService, run_with_service
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.json_lines import Layout, Number, Seconds, Time, parse_layout
from presence_tui.cli.language_option import language_in_use, say
from presence_tui.cli.participant_names import Who, nobody_called, people_of
from presence_tui.cli.raw_tail_command import encoded, packet_line
from presence_tui.domain.enums import Source, State
from presence_tui.domain.evidence import EARLIEST_S, LATEST_S, Evidence, OverruledReason
from presence_tui.domain.participants import Conversation
from presence_tui.domain.rules import RULES
from presence_tui.service.packet_evidence import PacketEvidence
from presence_tui.service.packets import Packet
from presence_tui.service.provenance import (
    Explanation,
    OverruledReport,
    RuleOutcome,
    SignOfLife,
    explain,
    explain_identity,
    explain_roster,
    named_packets,
)
from presence_tui.service.service import PresenceService
from presence_tui.store import Origin, Record
from presence_tui.text.explanation_texts import ProvenanceTexts, RuleTexts
from presence_tui.text.language import Language
from presence_tui.text.wording import Wording
from presence_tui.wire.timestamps import wire_from_seconds


class EvidencePart(msgspec.Struct, kw_only=True):
    """The evidence that decides the flag."""

    source: Source
    flag: bool
    received_at: Time
    """For an answer, when it was requested."""
    age_s: float
    epoch: Number
    emitted_at: Time | None
    copies: Number
    packet: Number | None


class SignOfLifePart(msgspec.Struct, kw_only=True):
    """The sign of life whose age decides."""

    at: Time
    age_s: float
    """By the gateway's clock; negative if that is in the future."""
    told: bool
    """True if it was told as a time; false if the arrival of an event counts."""
    source: Source | None
    epoch: Number | None
    packet: Number | None


class OverruledPart(msgspec.Struct, kw_only=True):
    """A report that did not decide."""

    reason: OverruledReason
    source: Source
    flag: bool
    received_at: Time
    epoch: Number
    packet: Number | None


class RulePart(msgspec.Struct, kw_only=True):
    """What one rule shows, and what it will show without further evidence."""

    rule: str
    state: State
    next_state: State | None
    next_in_s: Seconds | None


class ExplanationLine(msgspec.Struct, kw_only=True):
    """One participant."""

    at: Time
    kind: str = "explanation"
    user_id: str
    name: str
    name_from: Source | None
    name_at: Time | None
    """When that told it; for a roster, when it was requested."""
    handle: str
    handle_from: Source | None
    handle_at: Time | None
    language: str
    language_from: Source | None
    language_at: Time | None
    role: str
    role_from: Source | None
    role_at: Time | None
    state: State
    flag: bool | None
    evidence: EvidencePart | None
    sign_of_life: SignOfLifePart | None
    invalid_time: bool
    checked_at: Time | None
    checked_flag: bool | None
    unconfirmed_since: Time | None
    held_since: Time | None
    overruled: list[OverruledPart]
    rules: list[RulePart]
    """The rule in force first."""


class CountsLine(msgspec.Struct, kw_only=True):
    """What the counts of the conversation are made of."""

    at: Time
    kind: str = "counts"
    conversation: str
    title: str
    rule: str
    online: Number
    offline: Number
    unknown: Number
    read_at: Time | None
    whole: bool
    events_since: Number


def show(settings: Settings, name: str, layout: str, duration_s: float | None) -> None:
    """Explain everyone of this name, handle or id. Raises ``CliError``."""
    chosen = parse_layout(layout)

    async def explain_named(current: CurrentService) -> None:
        await current.until_current(fails_early=True)
        if duration_s is not None:
            await asyncio.sleep(duration_s)
        _write(_Reading(current.service, name), chosen)

    run_with_service(settings, explain_named)


class _Reading:
    """The participants of one name, and their explanations at one moment."""

    def __init__(self, service: PresenceService, name: str) -> None:
        """Raises ``CliError`` if nobody is called so."""
        self.service, self.store = service, service.store
        conversation = service.state.conversation
        assert conversation is not None, "a current service has one"
        self.conversation: Conversation = conversation
        who = Who([name])
        members = self.store.rosters.records(conversation.id)
        self.records = [one for one in members if who.includes(one.key, one.name, one.handle)]
        if not self.records:
            people = people_of(self.store, conversation.id)
            raise CliError(nobody_called([name], conversation.title, people), ExitCode.USAGE)
        self.now_s = self.store.clock.stamp().wall_s

    def explanations(self) -> Iterator[tuple[Record, Explanation]]:
        log = self.service.packets
        packets = PacketEvidence(log) if log is not None else None
        for record in self.records:
            yield record, explain(record, self.store, packets, RULES.values())


def _write(reading: _Reading, layout: Layout) -> None:
    if layout is Layout.TABLE:
        _write_text(reading)
    else:
        _write_lines(reading)
    sys.stdout.flush()


def _write_lines(reading: _Reading) -> None:
    packets, named = reading.service.packets, set[int]()
    for record, explanation in reading.explanations():
        line = explanation_line(record, explanation, reading.service, reading.now_s)
        sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
        named |= named_packets(explanation)
    sys.stdout.buffer.write(msgspec.json.encode(counts_line(reading)) + b"\n")
    for number in sorted(named):
        if packets is not None and (kept := packets.get(number)) is not None:
            sys.stdout.buffer.write(encoded(packet_line(Packet(kept, reading.store))))


def explanation_line(
    record: Record, explanation: Explanation, service: PresenceService, now_s: float
) -> ExplanationLine:
    """The JSON line of a participant."""
    store, conversation_id = service.store, service.state.conversation_id
    identity, sign = explain_identity(record, store, conversation_id), explanation.sign_of_life
    return ExplanationLine(
        at=wire_from_seconds(now_s),
        user_id=record.key,
        name=record.shown_name,
        name_from=_source(identity.name),
        name_at=_told_at(identity.name),
        handle=record.handle,
        handle_from=_source(identity.handle),
        handle_at=_told_at(identity.handle),
        language=store.language_of(record.key),
        language_from=_source(identity.language),
        language_at=_told_at(identity.language),
        role=store.rosters.role(conversation_id, record.key),
        role_from=_source(identity.role),
        role_at=_told_at(identity.role),
        state=explanation.state,
        flag=record.flag,
        evidence=_evidence_part(explanation, now_s),
        sign_of_life=None if sign is None else _sign_part(sign, now_s + store.states.skew_s),
        invalid_time=explanation.invalid_s is not None,
        checked_at=_time(record.checked_s),
        checked_flag=record.checked_flag,
        unconfirmed_since=_time(store.epochs.unconfirmed_since_s(record)),
        held_since=_time(explanation.held_since_s),
        overruled=[_overruled_part(report) for report in explanation.overruled],
        rules=[_rule_part(outcome) for outcome in explanation.rules],
    )


def counts_line(reading: _Reading) -> CountsLine:
    """The JSON line of the conversation."""
    roster = explain_roster(reading.conversation.id, reading.store)
    return CountsLine(
        at=wire_from_seconds(reading.now_s),
        conversation=reading.conversation.id,
        title=reading.conversation.title,
        rule=reading.store.states.rule.name,
        online=roster.counts.online,
        offline=roster.counts.offline,
        unknown=roster.counts.unknown,
        read_at=_time(roster.read_s),
        whole=roster.is_whole,
        events_since=roster.events_since,
    )


def _evidence_part(explanation: Explanation, now_s: float) -> EvidencePart | None:
    evidence = explanation.evidence
    if evidence is None:
        return None
    return EvidencePart(
        source=evidence.source,
        flag=bool(evidence.flag),
        received_at=wire_from_seconds(evidence.received_s),
        age_s=_rounded(now_s - evidence.received_s),
        epoch=evidence.epoch,
        emitted_at=_time(evidence.emitted_s),
        copies=explanation.copies,
        packet=explanation.packet,
    )


def _sign_part(sign: SignOfLife, gateway_now_s: float) -> SignOfLifePart:
    return SignOfLifePart(
        at=wire_from_seconds(sign.at_s),
        age_s=_rounded(gateway_now_s - sign.at_s),
        told=sign.is_told,
        source=sign.source,
        epoch=sign.epoch,
        packet=sign.packet,
    )


def _overruled_part(report: OverruledReport) -> OverruledPart:
    evidence: Evidence = report.evidence
    return OverruledPart(
        reason=report.reason,
        source=evidence.source,
        flag=bool(evidence.flag),
        received_at=wire_from_seconds(evidence.received_s),
        epoch=evidence.epoch,
        packet=report.packet,
    )


def _rule_part(outcome: RuleOutcome) -> RulePart:
    wait_s = outcome.wait_s
    return RulePart(
        rule=outcome.rule.name,
        state=outcome.state,
        next_state=outcome.next_state,
        next_in_s=None if wait_s is None else _rounded(max(0.0, wait_s)),
    )


def _source(origin: Origin | None) -> Source | None:
    return None if origin is None else origin.source


def _told_at(origin: Origin | None) -> str | None:
    return None if origin is None else _time(origin.at_s)


def _rounded(seconds: float) -> float:
    return round(seconds, 3)


def _time(at_s: float | None) -> str | None:
    """``None`` also for a time that is impossible."""
    is_possible = at_s is not None and EARLIEST_S <= at_s < LATEST_S
    return wire_from_seconds(at_s) if is_possible and at_s is not None else None


def _write_text(reading: _Reading) -> None:
    wording = Wording(Language(language_in_use()), reading.store)
    for number, (record, explanation) in enumerate(reading.explanations()):
        print(f"\n{record.shown_name}" if number else record.shown_name)
        for label, text in _rows(record, explanation, reading, wording):
            print(f"  {wording.language.labelled(label, text)}")


def _rows(
    record: Record, explanation: Explanation, reading: _Reading, wording: Wording
) -> Iterator[tuple[str, str]]:
    """Labels and texts, as on the participant's page."""
    store, texts, rules = reading.store, ProvenanceTexts(wording), RuleTexts(wording)
    identity = explain_identity(record, store, reading.conversation.id)
    roster = explain_roster(reading.conversation.id, store)
    yield say("State"), f"{wording.state(explanation.state)} ({store.states.rule.name})"
    yield say("Why"), rules.conditions(store.states.rule, record, store)
    yield say("Next"), texts.next_change(explanation)
    yield say("Told by"), texts.told_by(explanation)
    yield say("Sign of life"), texts.sign_of_life(explanation.sign_of_life, store.states.skew_s)
    for report in explanation.overruled:
        yield say("Did not decide"), " ".join(texts.overruled(report))
    for outcome in explanation.rules:
        # In parentheses, because a row has a colon already.
        clause = rules.reason(outcome.rule, record, store)
        state = wording.state(store.states.state_by(outcome.rule, record))
        yield outcome.rule.name, f"{state} ({clause})"
    yield from texts.origins(identity, reading.service.state.title_of)
    yield reading.conversation.title, texts.counts(roster)
    yield say("Roster"), texts.roster(roster)
