"""Why a cell shows what it shows: the evidence that decides, what it overruled, and what changes it next.

Everything is derived when it is asked for, from the records, the kept packets and the latest answers. Packets
and answers fall out of their limits; the explanation stays complete then, but names no packet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from presence_tui.domain.enums import Source, State, Verdict
from presence_tui.domain.evidence import Evidence, Overruled, OverruledReason
from presence_tui.domain.rules import Rule
from presence_tui.service.packet_evidence import SAME_MOMENT_S, PacketAbout, PacketEvidence
from presence_tui.store import Counts, Origin, PresenceStore, Record
from presence_tui.wire.messages import Status, Typing

OVERRULED_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class SignOfLife:
    """The newest sign of life, whose age decides."""

    at_s: float
    """By the gateway's clock."""
    is_told: bool
    """True if it was received as ``lastActiveAt``; false if it is the arrival of an event."""
    source: Source | None
    """``None`` if the packet or answer is no longer kept, or was sent again after a gap."""
    flag: bool | None
    """The flag in the same packet or answer, if that is known."""
    received_s: float | None
    """When it arrived, by our clock; for an answer, when it was requested."""
    epoch: int | None
    packet: int | None
    """Number of the packet, while it is kept."""


@dataclass(frozen=True, slots=True)
class OverruledReport:
    """One report that did not decide."""

    reason: OverruledReason
    evidence: Evidence
    packet: int | None


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What one rule shows, and what it will show without further evidence."""

    rule: Rule
    state: State
    next_state: State | None
    """``None`` if time alone changes nothing."""
    wait_s: float | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The reasons of what is shown about one participant."""

    state: State
    """By the rule in force."""
    as_of_s: float
    """The time by which the state is derived: now, or when the link was lost."""
    held_since_s: float | None
    """Until when a held state was current; ``None`` if the state changes with time."""
    evidence: Evidence | None
    """The evidence that decides the flag; ``None`` if there is none."""
    packet: int | None
    """Number of the packet with this evidence, while it is kept. REST answers have none."""
    copies: int
    """Number of further copies of the event that arrived."""
    sign_of_life: SignOfLife | None
    invalid_s: float | None
    """The last ``lastActiveAt``, if it was impossible; some rules use it."""
    overruled: tuple[OverruledReport, ...]
    """The latest reports that did not decide, newest first."""
    rules: tuple[RuleOutcome, ...]
    """The rule in force first."""


@dataclass(frozen=True, slots=True)
class IdentityExplanation:
    """The origins of name, handle, language and role in one conversation; ``None`` for unknown ones."""

    name: Origin | None
    handle: Origin | None
    language: Origin | None
    role: Origin | None
    """``None`` for non-members."""


@dataclass(frozen=True, slots=True)
class RosterExplanation:
    """What the counts of a conversation are made of."""

    counts: Counts
    """By the rule in force; everyone listed counts once."""
    read_s: float | None
    """When the roster last read to its end was requested; ``None`` if none was."""
    is_whole: bool
    """True if that roster listed all members. Otherwise there are more members than counted."""
    events_since: int
    """Number of members who joined, left or changed their role by an event since then."""
    last_moved_s: float | None
    """When a count last changed by an observed arrival or departure."""


def explain_identity(
    record: Record, store: PresenceStore, conversation_id: str | None
) -> IdentityExplanation:
    """Explain a participant's name, handle and language, and the role in a conversation."""
    return IdentityExplanation(
        _from_cache(record.name_origin, store),
        _from_cache(record.handle_origin, store),
        _from_cache(store.members.language_origin(record.key), store),
        _role_origin(record, store, conversation_id),
    )


def _role_origin(record: Record, store: PresenceStore, conversation_id: str | None) -> Origin | None:
    if conversation_id is None or conversation_id not in record.conversations:
        return None
    rosters = store.rosters
    read, event_s = rosters.last_read(conversation_id), rosters.changed_s(conversation_id, record.key)
    if event_s is not None and (read is None or event_s > read.asked.monotonic_s):
        now = store.clock.stamp()
        return Origin(Source.EVENT, now.wall_s - (now.monotonic_s - event_s))
    at_s = None if read is None else read.asked.wall_s
    return _from_cache(Origin(Source.ROSTER, at_s, conversation_id), store)


def deciding_packet(explanation: Explanation) -> int | None:
    """Number of the packet that decides the flag, otherwise the age, while it is kept."""
    if explanation.packet is not None or explanation.sign_of_life is None:
        return explanation.packet
    return explanation.sign_of_life.packet


def named_packets(explanation: Explanation) -> set[int]:
    """Numbers of all packets that the explanation names."""
    sign = explanation.sign_of_life
    numbers = [explanation.packet, sign.packet if sign is not None else None]
    numbers += [report.packet for report in explanation.overruled]
    return {number for number in numbers if number is not None}


def explain_roster(conversation_id: str, store: PresenceStore) -> RosterExplanation:
    """Explain the counts of a conversation, in its panels and in the list of conversations."""
    rosters = store.rosters
    read = rosters.last_read(conversation_id)
    since_s = 0.0 if read is None else read.asked.monotonic_s
    return RosterExplanation(
        counts=rosters.counts(conversation_id),
        read_s=None if read is None else read.asked.wall_s,
        is_whole=read is not None and read.is_whole,
        events_since=len(rosters.changed_since(conversation_id, since_s)),
        last_moved_s=rosters.last_moved_s(conversation_id),
    )


def _from_cache(origin: Origin | None, store: PresenceStore) -> Origin | None:
    """Rosters that were not read are those of our cache, or are being read just now."""
    if origin is None or origin.source is not Source.ROSTER:
        return origin
    is_cached = store.rosters.last_read(origin.conversation_id) is None and not store.epochs.current
    return origin._replace(source=Source.CACHE) if is_cached else origin


def explain(
    record: Record, store: PresenceStore, packets: PacketEvidence | None = None, rules: Iterable[Rule] = ()
) -> Explanation:
    """Explain a participant's flag and state, also by other rules."""
    evidence, in_force = record.evidence, store.states.rule
    found = packets.about(record.key) if packets is not None else []
    packet = None
    if evidence is not None and evidence.source is Source.EVENT:
        packet = next((each.seq for each in found if _is_deciding(each, evidence)), None)
    elif evidence is not None and evidence.source is Source.SNAPSHOT and packets is not None:
        packet = packets.snapshot(evidence.received_s, evidence.epoch)
    others = [rule for rule in rules if rule.name != in_force.name]
    return Explanation(
        state=record.state,
        as_of_s=store.states.as_of_s(record),
        held_since_s=store.states.held_since_s(record),
        evidence=evidence,
        packet=packet,
        copies=record.copies - 1 if record.source is Source.EVENT else 0,
        sign_of_life=_sign_of_life(record, store, found, packets),
        invalid_s=record.invalid_active_s,
        overruled=_overruled(store.overruled.of(record.key), found, packet),
        rules=tuple(_outcome(rule, record, store) for rule in (in_force, *others)),
    )


def _is_deciding(packet: PacketAbout, evidence: Evidence) -> bool:
    return packet.is_applied and packet.flag is evidence.flag and packet.is_at(evidence.received_s)


def _sign_of_life(
    record: Record, store: PresenceStore, found: Sequence[PacketAbout], packets: PacketEvidence | None
) -> SignOfLife | None:
    at_s = record.activity_s
    if at_s is None:
        return None
    if record.last_active_s == at_s:
        return _told(record.key, at_s, store, found, packets)
    return _arrived(record, at_s, store.states.skew_s, found)


def _told(
    key: str, at_s: float, store: PresenceStore, found: Sequence[PacketAbout], packets: PacketEvidence | None
) -> SignOfLife:
    """The first kept packet or answer with this time."""
    event = next((each for each in reversed(found) if each.is_applied and each.last_active_s == at_s), None)
    row = next((each for each in store.answers.about(key) if each.last_active_s == at_s), None)
    if row is not None and (event is None or row.answer.arrived.wall_s < event.at_s):
        answer, packet = row.answer, None
        if answer.source is Source.SNAPSHOT and packets is not None:
            packet = packets.snapshot(answer.arrived.wall_s, answer.epoch)
        return SignOfLife(at_s, True, answer.source, row.flag, answer.asked.wall_s, answer.epoch, packet)
    if event is not None:
        return SignOfLife(
            at_s, True, Source.EVENT, event.flag, event.at_s, event.record.epoch, event.record.seq
        )
    return SignOfLife(at_s, True, None, None, None, None, None)


def _arrived(record: Record, at_s: float, skew_s: float, found: Sequence[PacketAbout]) -> SignOfLife:
    """What arrived at that moment and counts as a sign of life."""
    arrived_s = at_s - skew_s
    events = [each for each in found if each.counts_by_arrival(skew_s) and each.is_at(arrived_s)]
    if events:
        each = min(events, key=lambda event: abs(event.at_s - arrived_s))
        source = Source.TYPING if isinstance(each.message, Typing) else Source.EVENT
        return SignOfLife(at_s, False, source, each.flag, each.at_s, each.record.epoch, each.record.seq)
    if record.source is Source.CACHE and abs(record.received_s - arrived_s) <= SAME_MOMENT_S:
        return SignOfLife(at_s, False, Source.CACHE, record.flag, record.received_s, record.epoch, None)
    typing_s = record.typing_s
    if typing_s is not None and abs(typing_s - arrived_s) <= SAME_MOMENT_S:
        return SignOfLife(at_s, False, Source.TYPING, None, typing_s, None, None)
    if record.source is Source.EVENT and record.flag and abs(record.received_s - arrived_s) <= SAME_MOMENT_S:
        return SignOfLife(at_s, False, Source.EVENT, True, record.received_s, record.epoch, None)
    return SignOfLife(at_s, False, None, None, arrived_s, None, None)


def _overruled(
    kept: Sequence[Overruled], found: Sequence[PacketAbout], deciding: int | None
) -> tuple[OverruledReport, ...]:
    """The latest overruled reports: those that the store kept, copies, and those of an old connection."""
    reports = [OverruledReport(each.reason, each.evidence, _packet_of(each, found)) for each in kept]
    copies = [each for each in found if _is_copy_of(each, deciding)]
    reports += [_report(each, OverruledReason.COPY) for each in copies[:1]]
    reports += [
        _report(each, OverruledReason.OLD_CONNECTION)
        for each in found
        if each.record.verdict == Verdict.STALE and each.flag is not None
    ]
    reports.sort(key=lambda report: report.evidence.received_s, reverse=True)
    return tuple(reports[:OVERRULED_SHOWN])


def _is_copy_of(packet: PacketAbout, deciding: int | None) -> bool:
    return deciding is not None and packet.seq > deciding and packet.record.verdict == Verdict.DUPLICATE


def _report(packet: PacketAbout, reason: OverruledReason) -> OverruledReport:
    emitted_s = packet.message.emitted_s if isinstance(packet.message, Status) else None
    evidence = Evidence(
        Source.EVENT, packet.flag, packet.last_active_s, packet.at_s, 0.0, packet.record.epoch, 0, emitted_s
    )
    return OverruledReport(reason, evidence, packet.seq)


def _packet_of(overruled: Overruled, found: Sequence[PacketAbout]) -> int | None:
    evidence = overruled.evidence
    if evidence.source is not Source.EVENT:
        return None
    for each in found:
        is_same = isinstance(each.message, Status) and each.message.emitted_s == evidence.emitted_s
        if is_same and not each.is_applied and each.flag is evidence.flag and each.is_at(evidence.received_s):
            return each.seq
    return None


def _outcome(rule: Rule, record: Record, store: PresenceStore) -> RuleOutcome:
    age_s = store.states.age_by(rule, record)
    state, wait_s = rule.read(record.flag, age_s)
    if age_s is None or wait_s is None or store.states.held_since_s(record) is not None:
        return RuleOutcome(rule, state, None, None)
    return RuleOutcome(rule, state, rule.read(record.flag, age_s + wait_s)[0], wait_s)
