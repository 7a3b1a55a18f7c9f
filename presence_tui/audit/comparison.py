"""Compares the socket's evidence, the runtime's answers and the rule. Pure: time is an argument."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from presence_tui.audit.deaf_feed import MANY, Missed, deafness, missed_change
from presence_tui.audit.findings import (
    Finding,
    FindingKind,
    Runtime,
    cause_of,
    deaf_feed_cause,
    departures_cause,
)
from presence_tui.domain.enums import Source, State
from presence_tui.domain.evidence import CLOCK_BOUND_S, EARLIEST_S

JUST_BOOTED_S: Final = 120.0
"""While the uptime is below this, clients may still be reconnecting (wire contract, section 3.5)."""

OLD_S: Final = 86_400.0
"""Older activity is stale, also under a rule that trusts a flag for ever: gateways renew it each minute."""

IMPOSSIBLY_OLD_S: Final = 3 * 86_400.0
"""Activity older than this contradicts the answer online."""


class Told(NamedTuple):
    """Our evidence about a participant at one moment."""

    flag: bool | None
    source: Source | None
    received_s: float
    """Unix time, by our clock."""
    activity_s: float | None
    """Newest sign of life, by the gateway's clock."""
    last_active_s: float | None
    """``lastActiveAt`` as received; ``None`` if never received."""
    state: State
    is_confirmed: bool
    """False if nothing about them has arrived on this connection."""
    mark: tuple[object, ...]
    """Changes with any evidence that arrives."""


class Answer(NamedTuple):
    """The runtime's answer about a participant. Without a flag, it omits them."""

    flag: bool | None
    last_active_s: float | None = None


class Case(NamedTuple):
    """A participant, our evidence at the first and after the last answer, and the answers in order."""

    key: str
    name: str
    before: Told
    after: Told
    answers: tuple[Answer, ...]
    guest: bool = False
    is_stranger: bool = False
    """In no roster."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What findings depend on besides the participant. Times are Unix seconds."""

    gateway_now_s: float
    skew_s: float = 0.0
    """The gateway's clock minus ours."""
    uptime_s: float | None = None
    corrected: tuple[Missed, ...] = ()
    """Corrections by the last refresh on this connection."""
    heard_s: tuple[float, ...] = ()
    """Times of the last event about each participant, as far as there was one on this connection."""
    swept_after_s: float | None = None
    """If answers are stored flags: the inactivity after which the gateway clears them."""
    rosters_are_known: bool = False
    """True if every conversation of the account has been read whole."""

    def may_be_swept(self, answer: Answer) -> bool:
        """True if the gateway may have cleared this flag for inactivity."""
        if self.swept_after_s is None:
            return False
        last_active_s = answer.last_active_s
        return last_active_s is None or self.gateway_now_s - last_active_s > self.swept_after_s


def is_distrusted(cases: Sequence[Case], uptime_s: float | None) -> bool:
    """True if nobody is online according to a gateway that has just booted."""
    boots = uptime_s is not None and uptime_s < JUST_BOOTED_S
    return boots and not any(answer.flag for case in cases for answer in case.answers)


def judge(case: Case, around: Surroundings) -> FindingKind | None:
    """The finding about one participant, if two answers confirm it and nothing arrived between them."""
    told, answers = case.after, case.answers
    if len(answers) < 2 or told.mark != case.before.mark:
        return None
    last, one_before = answers[-1], answers[-2]
    if last.flag is not one_before.flag:
        # An arrival or departure changes the answer once. It changes back only if several gateways answer.
        is_back = len(answers) > 2 and answers[-3].flag is last.flag
        return FindingKind.CONTRADICTING_ANSWERS if is_back else None
    if case.is_stranger:
        return FindingKind.UNKNOWN_MEMBER if _is_unknown(case, around) else None
    if last.flag is None:
        return FindingKind.MISSING_MEMBER if told.flag is None else FindingKind.NOT_CONFIRMED
    return _difference(case, last, around) or _doubt(told, (one_before, last), around)


def conclude(cases: Sequence[Case], around: Surroundings) -> list[Finding]:
    """All findings: those about participants, or one for many of the same origin."""
    judged = [(case, kind) for case in cases if (kind := judge(case, around)) is not None]
    ghosts = [case for case, kind in judged if kind is FindingKind.GHOST_ONLINE]
    missed = [case for case, kind in judged if kind is FindingKind.GHOST_OFFLINE]
    findings: list[Finding] = []
    merged: set[str] = set()
    # If arrivals are missing as well, departures are not the only events that were lost.
    deaf = _deaf_feed(ghosts, missed, around) if 0 < len(ghosts) <= 4 * len(missed) else None
    if deaf is None and _left_unannounced(ghosts, cases, around):
        findings.append(_departures(ghosts))
        merged.update(case.key for case in ghosts)
        ghosts = []
    if deaf is None and (missed or around.corrected):
        deaf = _deaf_feed(ghosts, missed, around)
    if deaf is not None:
        findings.append(deaf)
        merged.update(deaf.keys)
    is_swept = around.swept_after_s is not None
    return findings + [_finding(case, kind, is_swept) for case, kind in judged if case.key not in merged]


def _deaf_feed(ghosts: Sequence[Case], missed: Sequence[Case], around: Surroundings) -> Finding | None:
    """One finding for all differences, if few events came at the same time."""
    differing = [*ghosts, *missed]
    now_s = around.gateway_now_s - around.skew_s
    changes = [
        missed_change(
            not case.after.flag, case.after.received_s, case.answers[-1].last_active_s, around.skew_s, now_s
        )
        for case in differing
    ]
    found = deafness([*around.corrected, *changes], around.heard_s, now_s)
    if found is None:
        return None
    kinds = {FindingKind.GHOST_ONLINE: ghosts, FindingKind.GHOST_OFFLINE: missed}
    return Finding(
        FindingKind.DEAF_FEED,
        deaf_feed_cause(found, now_s),
        evidence_s=_oldest_s(differing),
        merged=frozenset(kind for kind, some in kinds.items() if some),
        keys=tuple(case.key for case in differing),
    )


def _difference(case: Case, answer: Answer, around: Surroundings) -> FindingKind | None:
    """The finding if socket and runtime disagree. Unconfirmed states are not compared."""
    told = case.after
    if told.flag is None or told.flag is answer.flag or not told.is_confirmed:
        return None
    if not told.flag:
        return FindingKind.GHOST_OFFLINE
    if around.may_be_swept(answer):
        return FindingKind.HIDDEN_OR_OFFLINE
    was_visible = told.last_active_s is not None
    if was_visible and answer.last_active_s is None and not case.guest:
        # Hidden and blocked people are reported as false without a time; guests are never hidden.
        return FindingKind.HIDDEN_OR_OFFLINE
    return FindingKind.GHOST_ONLINE


def _doubt(told: Told, answers: tuple[Answer, Answer], around: Surroundings) -> FindingKind | None:
    """The finding if an answer does not contradict our evidence, but is implausible."""
    if all(_is_incoherent(answer, around.gateway_now_s) for answer in answers):
        return FindingKind.INCOHERENT
    if not (told.flag and answers[-1].flag):
        return None
    if told.state is State.OFFLINE:
        return FindingKind.STALE_ACTIVITY
    last_active_s = answers[-1].last_active_s
    if last_active_s is None or not _is_past(last_active_s, around.gateway_now_s):
        return None
    newest_s = max(last_active_s, told.activity_s or 0.0)
    return FindingKind.STALE_ACTIVITY if around.gateway_now_s - newest_s > OLD_S else None


def _is_incoherent(answer: Answer, gateway_now_s: float) -> bool:
    last_active_s = answer.last_active_s
    if last_active_s is None:
        return False
    if answer.flag:
        is_past = _is_past(last_active_s, gateway_now_s)
        return is_past and gateway_now_s - last_active_s > IMPOSSIBLY_OLD_S
    return last_active_s > gateway_now_s + CLOCK_BOUND_S


def _is_past(at_s: float, gateway_now_s: float) -> bool:
    """True for a possible time in the past."""
    return EARLIEST_S <= at_s <= gateway_now_s


def _is_unknown(case: Case, around: Surroundings) -> bool:
    """True if a stranger shares no conversation with us.

    The runtime answers false without a time about them. Other strangers may be members of a conversation
    whose roster was not read.
    """
    if case.after.source is not Source.EVENT:
        return False
    shares_none = all(answer.flag is False and answer.last_active_s is None for answer in case.answers)
    return shares_none or around.rosters_are_known


def _left_unannounced(ghosts: Sequence[Case], cases: Sequence[Case], around: Surroundings) -> bool:
    """True if most of those shown online are gone, and the gateway has not restarted since their evidence."""
    shown = sum(bool(case.after.flag) for case in cases if not case.is_stranger)
    if len(ghosts) < MANY or 2 * len(ghosts) < shown or around.uptime_s is None:
        return False
    booted_s = around.gateway_now_s - around.skew_s - around.uptime_s
    return all(case.after.received_s >= booted_s for case in ghosts)


def _departures(cases: Sequence[Case]) -> Finding:
    return Finding(
        FindingKind.DEPARTURES_UNANNOUNCED,
        departures_cause([case.name for case in cases]),
        evidence_s=_oldest_s(cases),
        merged=frozenset({FindingKind.GHOST_ONLINE}),
        keys=tuple(case.key for case in cases),
    )


def _oldest_s(cases: Sequence[Case]) -> float | None:
    return min((case.after.received_s for case in cases), default=None)


def _finding(case: Case, kind: FindingKind, is_swept: bool) -> Finding:
    told = case.after
    return Finding(
        kind,
        cause_of(kind, case.guest, is_swept),
        key=case.key,
        name=case.name,
        flag=told.flag,
        source=told.source,
        runtime=_runtime(case.answers),
        state=told.state,
        evidence_s=told.received_s if told.source is not None else None,
    )


def _runtime(answers: Sequence[Answer]) -> Runtime:
    last, one_before = answers[-1].flag, answers[-2].flag
    if last is not one_before:
        return Runtime.CONTRADICTING
    if last is None:
        return Runtime.OMITTED
    return Runtime.ONLINE if last else Runtime.OFFLINE
