"""What an audit may find, and a report of one pass."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from presence_tui.domain.enums import Source, State
from presence_tui.domain.translatable import Phrase

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.transport.errors import GatewayError


class FindingKind(StrEnum):
    GHOST_ONLINE = "ghost-online"
    """Shown online, but the runtime has no socket."""
    GHOST_OFFLINE = "ghost-offline"
    """The runtime has a socket, but shown offline."""
    STALE_ACTIVITY = "stale-activity"
    """Socket and runtime agree on online, but the evidence is older than the rule trusts."""
    UNKNOWN_MEMBER = "unknown-member"
    """Events tell about somebody whom no roster lists."""
    MISSING_MEMBER = "missing-member"
    """The roster lists somebody about whom neither socket nor runtime tells anything."""
    INCOHERENT = "incoherent"
    """The runtime's answer contradicts itself."""
    CONTRADICTING_ANSWERS = "contradicting-answers"
    """Consecutive answers of the runtime disagree, and back, without an event."""
    NOT_CONFIRMED = "not-confirmed"
    """The runtime's answers omit them."""
    DEAF_FEED = "deaf-feed"
    """Many corrections although few events came."""
    DEPARTURES_UNANNOUNCED = "departures-unannounced"
    """Many left according to the runtime, and no event said so."""
    HIDDEN_OR_OFFLINE = "hidden-or-offline"
    """Known before; the runtime now says what it says of hidden people and of offline ones."""


class Runtime(StrEnum):
    """What the runtime said of a participant."""

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
    """What the socket told; ``None`` if nothing."""
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
    """Those about whom answers of the runtime count."""
    findings: list[Finding] = field(default_factory=list)
    requests: int = 0
    seconds: float = 0.0
    uptime_s: float | None = None
    has_no_runtime: bool = False
    """The gateway tells this credential about nobody."""
    is_by_list: bool = False
    """There is no runtime presence to ask for, so that the list of participants was compared."""
    untold_accounts: int = 0
    """Accounts that could not be checked: the list does not tell a guest about them."""
    untold_guests: int = 0
    """Guests who could not be checked: the gateway does not note when they leave."""
    is_distrusted: bool = False
    """The gateway has just booted and reports nobody online, so its answers do not count."""
    was_interrupted: bool = False
    """There was no live connection all the time, so that there is nothing to compare with."""
    error: "GatewayError | None" = None

    @property
    def counts(self) -> dict[FindingKind, int]:
        """Number of findings by kind, in the order of ``FindingKind``."""
        found = Counter(finding.kind for finding in self.findings)
        return {kind: found[kind] for kind in FindingKind if kind in found}
