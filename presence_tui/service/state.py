"""An immutable snapshot of a service, for all its readers."""

from enum import IntEnum
from typing import TYPE_CHECKING, Final

import msgspec

from presence_tui.domain.limits import LimitCounters
from presence_tui.domain.participants import Conversation
from presence_tui.monitor.link import LinkStatus
from presence_tui.monitor.memberships import MembershipEnd
from presence_tui.store import Counts

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.monitor.gap_summary import GapSummary
    from presence_tui.monitor.roster_refresh import Progress, RefreshReport


DEMO: Final = "DEMO"
"""Display name of the embedded gateway that the demo watches."""


class Phase(IntEnum):
    """Phases of a service, in order; none is skipped."""

    STARTING = 0
    """Nothing is read yet. The first paint happens here, before network libraries are imported."""
    VIEW_STATE = 1
    """Pins and filters of the last run are applied."""
    CACHE = 2
    """The cached rosters of the last run, if any, are in the store; they are not live."""
    ALERTS = 3
    """Alert rules are loaded."""
    MONITOR = 4
    """The monitor runs: commands work, and the link reports the connection."""
    ENDED = 5
    """Everything is closed."""


class ServiceState(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A snapshot of references; creating one copies no roster."""

    phase: Phase
    gateway: str
    """Display name of the gateway."""
    conversation: Conversation | None
    """The watched conversation; ``None`` until one is known."""
    conversations: tuple[Conversation, ...]
    """The known conversations of the account."""
    beside: tuple[Conversation, ...]
    """Secondary conversations, watched beside the main one."""
    link: LinkStatus | None
    """``None`` before the first connection status."""
    membership_end: MembershipEnd | None
    """How membership of the watched conversation ended; ``None`` while the account is a member."""
    counts: Counts
    """Counts of the watched conversation."""
    you: str
    """Our own presence key; empty until it is known."""
    is_refreshing: bool
    """True while a refresh or resync runs."""
    is_auditing: bool
    """True while an audit runs."""
    progress: "Progress | None"
    """Progress of the running refresh or audit."""
    last_report: "RefreshReport | None"
    """Report of the last refresh or resync of the watched roster."""
    secondary_reports: "dict[str, RefreshReport]"
    """Conversation id to the report of its last read, for secondary conversations."""
    gap: "GapSummary | None"
    """Changes during the last gap; ``None`` if there was none."""
    limit_counters: LimitCounters
    """Limits that were reached, and how much was dropped."""
    cached_as_of_s: float | None
    """Unix time of the cached rosters while they are shown; ``None`` once live."""
    latency_ms: float | None
    """Median latency from the gateway's clock to receipt, for events with an emission time."""
    round_trip_s: float | None
    """Round trip of the last REST health request."""
    heard_s: float | None
    """Unix time when anything was last received on the socket."""
    token_expires_s: float | None
    """Unix time when the token in use expires according to itself."""
    profile: str
    """The protocol profile in use; empty until the monitor runs."""

    @property
    def conversation_id(self) -> str | None:
        return self.conversation.id if self.conversation else None

    @property
    def failed_report(self) -> "RefreshReport | None":
        """The last report of the watched roster, if it failed. A membership that ended is not a failure."""
        report = self.last_report
        if report is None or report.roster_error is None or self.membership_end is not None:
            return None
        return report

    @property
    def is_stale(self) -> bool:
        """True if the shown state of the watched conversation is not confirmed as current."""
        return (self.link is not None and self.link.is_stale) or self.membership_end is not None

    @property
    def confirmed_until_s(self) -> float | None:
        """Unix time until which the shown state is confirmed; ``None`` while it is current, or never was."""
        if self.membership_end is not None:
            return self.membership_end.at_s
        return self.link.fresh_until_s if self.link is not None and self.link.is_stale else None

    def find_conversation(self, conversation_id: str | None) -> Conversation | None:
        """Return the known conversation with this id."""
        known = (each for each in (*self.conversations, self.conversation) if each is not None)
        return next((each for each in known if each.id == conversation_id), None)

    def title_of(self, conversation_id: str) -> str:
        """The title of a conversation; its id if it is not known."""
        conversation = self.find_conversation(conversation_id)
        return conversation_id if conversation is None else conversation.title
