"""What an audit may find, the likely cause of each finding, and a report of one pass."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from presence_tui.domain.enums import Source, State
from presence_tui.domain.translatable import Phrase, phrase

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.audit.deaf_feed import Deafness
    from presence_tui.transport.errors import GatewayError

NAMED: Final = 5
"""Names listed in a sentence about many."""


class FindingKind(StrEnum):
    GHOST_ONLINE = "ghost-online"
    """Shown online, but the runtime has no socket."""
    GHOST_OFFLINE = "ghost-offline"
    """The runtime has a socket, but shown offline."""
    STALE_ACTIVITY = "stale-activity"
    """Socket and runtime agree on online, but the evidence is older than the rule trusts."""
    UNKNOWN_MEMBER = "unknown-member"
    """Events are about a participant in no roster."""
    MISSING_MEMBER = "missing-member"
    """The roster lists a participant about whom neither socket nor runtime has data."""
    INCOHERENT = "incoherent"
    """The runtime's answer contradicts itself."""
    CONTRADICTING_ANSWERS = "contradicting-answers"
    """Consecutive answers of the runtime disagree, and back, without an event."""
    NOT_CONFIRMED = "not-confirmed"
    """The runtime's answers omit them."""
    DEAF_FEED = "deaf-feed"
    """Many corrections although few events came."""
    DEPARTURES_UNANNOUNCED = "departures-unannounced"
    """Many left according to the runtime, without an event."""
    HIDDEN_OR_OFFLINE = "hidden-or-offline"
    """Visible before; the runtime's answer is now the one for hidden and for offline participants."""


class Runtime(StrEnum):
    """The runtime's answer about a participant."""

    ONLINE = "online"
    OFFLINE = "offline"
    OMITTED = "omitted"
    CONTRADICTING = "contradicting"


@dataclass(frozen=True, slots=True)
class Finding:
    """One confirmed difference, with its evidence."""

    kind: FindingKind
    cause: Phrase
    """A sentence on the likely cause."""
    key: str = ""
    """Presence key; empty if the finding is about the whole conversation."""
    name: str = ""
    flag: bool | None = None
    """The flag from the socket; ``None`` if there is none."""
    source: Source | None = None
    runtime: Runtime | None = None
    state: State | None = None
    """What the rule in force derives."""
    evidence_s: float | None = None
    """Unix time when the evidence was received."""
    merged: frozenset[FindingKind] = frozenset()
    """Kinds of the differences that a finding about the whole conversation stands for."""
    keys: tuple[str, ...] = ()
    """Presence keys of these differences."""

    def matches(self, wanted: Collection[FindingKind]) -> bool:
        """True if this is, or stands for, one of these kinds."""
        return self.kind in wanted or not self.merged.isdisjoint(wanted)


@dataclass(slots=True)
class AuditReport:
    """Result of one pass."""

    at_s: float
    """Unix time of its end."""
    participants: int = 0
    """Members of the conversation, without ourselves."""
    checked: int = 0
    """Number of members about whom the runtime answered."""
    findings: list[Finding] = field(default_factory=list)
    requests: int = 0
    seconds: float = 0.0
    uptime_s: float | None = None
    has_no_runtime: bool = False
    """The gateway answers this credential about no participant."""
    is_by_list: bool = False
    """Without runtime presence, the list of participants was compared."""
    untold_accounts: int = 0
    """Accounts that were not checked: for guests, the list has no flags of accounts."""
    untold_guests: int = 0
    """Guests who were not checked: the gateway does not record when they leave."""
    is_distrusted: bool = False
    """The gateway has just booted and reports nobody online, so its answers do not count."""
    was_interrupted: bool = False
    """The connection was lost during the pass, so there is nothing to compare with."""
    error: "GatewayError | None" = None

    @property
    def counts(self) -> dict[FindingKind, int]:
        """Number of findings by kind, in the order of ``FindingKind``."""
        found = Counter(finding.kind for finding in self.findings)
        return {kind: found[kind] for kind in FindingKind if kind in found}


def cause_of(kind: FindingKind, guest: bool, is_swept: bool = False) -> Phrase:
    """The likely cause of a finding about one participant; ``is_swept`` if the answers were flags that the
    gateway clears by itself.
    """
    match kind:
        case FindingKind.HIDDEN_OR_OFFLINE if is_swept:
            return phrase(
                "They left without an event, or are here and were marked as offline after five minutes "
                "without activity: this gateway answers the same for both."
            )
        case FindingKind.GHOST_OFFLINE if is_swept:
            return phrase(
                "The event of the arrival was lost, or they signed in without opening a socket, or their "
                "connection was cut and is not noticed yet."
            )
        case FindingKind.GHOST_ONLINE if guest:
            return phrase("The guest's session ended without an event: gateways announce no such end.")
        case FindingKind.GHOST_ONLINE:
            return phrase(
                "The event of the departure was lost or never sent, or an account that came only by REST was "
                "announced."
            )
        case FindingKind.GHOST_OFFLINE:
            return phrase(
                "The event of the arrival was lost, or the end of an older socket was announced after a "
                "newer one came."
            )
        case FindingKind.STALE_ACTIVITY:
            return phrase(
                "The socket lives, but no sign of life is passed on, so apps take them for away or offline."
            )
        case FindingKind.UNKNOWN_MEMBER:
            return phrase(
                "Events tell of somebody whom no roster lists: they were removed, or joined without an event."
            )
        case FindingKind.MISSING_MEMBER:
            return phrase("The roster lists them, but nothing tells of them: a left-over membership.")
        case FindingKind.INCOHERENT:
            return phrase("Flag and last activity of the answer contradict each other: one is not updated.")
        case FindingKind.CONTRADICTING_ANSWERS:
            return phrase(
                "The runtime says online and offline in turn without an event: several gateways answer, each "
                "for itself."
            )
        case FindingKind.NOT_CONFIRMED:
            return phrase("The runtime leaves them out; left out is neither offline nor online.")
        case FindingKind.HIDDEN_OR_OFFLINE:
            return phrase(
                "They hide their presence by now, or left without an event: the gateway answers the same for "
                "both."
            )
        case FindingKind.DEAF_FEED | FindingKind.DEPARTURES_UNANNOUNCED:
            raise ValueError(f"{kind} is about many")


def deaf_feed_cause(found: "Deafness", now_s: float) -> Phrase:
    if found.since_s is not None:
        return phrase(
            "{corrections} corrections of the last {minutes} min, in which events told of {heard} only: the "
            "socket is up, but most events do not reach it any more.",
            corrections=found.corrections,
            minutes=round((now_s - found.since_s) / 60),
            heard=found.heard,
        )
    return phrase(
        "{corrections} corrections, though events told of {heard} only: the socket is up, but most events do "
        "not reach it.",
        corrections=found.corrections,
        heard=found.heard,
    )


def departures_cause(names: Sequence[str]) -> Phrase:
    more = len(names) - NAMED
    shown = ", ".join(names[:NAMED])
    if more > 0:
        return phrase(
            "{count} left and no event said so, though the gateway did not restart: {names} and {more} more.",
            count=len(names),
            names=shown,
            more=more,
        )
    return phrase(
        "{count} left and no event said so, though the gateway did not restart: {names}.",
        count=len(names),
        names=shown,
    )
