"""One immutable answer to "how is it now?", for every reader of a service."""

from enum import IntEnum
from typing import TYPE_CHECKING

import msgspec

from presence_tui.domain.limits import LimitCounters
from presence_tui.domain.participants import Conversation
from presence_tui.monitor.link import LinkStatus
from presence_tui.monitor.memberships import MembershipEnd
from presence_tui.store import Counts

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.monitor.gap_summary import GapSummary
    from presence_tui.monitor.refresh import Progress, RefreshReport


class Phase(IntEnum):
    """How far start-up has come. Phases follow in this order; none is skipped."""

    STARTING = 0
    """Nothing is read yet. The first paint belongs here: no network library is imported."""
    VIEW_STATE = 1
    """Pins and filters of the last run are in force."""
    CACHE = 2
    """The rosters of the last run, if there are any, are in the store; they are not live."""
    ALERTS = 3
    """Alert rules are loaded."""
    MONITOR = 4
    """The monitor runs: commands work, and the link says how the connection is."""
    ENDED = 5
    """Everything is closed."""


class ServiceState(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A snapshot of references: making one copies no roster."""

    phase: Phase
    gateway: str
    """The gateway as shown to people; ``DEMO`` for the embedded one."""
    conversation: Conversation | None
    """The watched one; ``None`` until one is known."""
    conversations: tuple[Conversation, ...]
    """All of the account, as far as they are known."""
    beside: tuple[Conversation, ...]
    """Those watched beside the main one."""
    link: LinkStatus | None
    """``None`` before there is anything to say of a connection."""
    membership_end: MembershipEnd | None
    """How the watched conversation ended for the account; ``None`` while it is a member."""
    counts: Counts
    """Of the watched conversation."""
    you: str
    """Our own presence key; empty until it is known."""
    is_refreshing: bool
    """A refresh or resync is under way."""
    progress: "Progress | None"
    """Of the refresh a person asked for, while it is under way."""
    last_report: "RefreshReport | None"
    """The last reading of the watched roster, ours or a person's."""
    secondary_reports: "dict[str, RefreshReport]"
    """The last reading of each conversation watched beside, by conversation id."""
    gap: "GapSummary | None"
    """What changed during the last gap; ``None`` if there was none."""
    limit_counters: LimitCounters
    """Which limits were reached, and how much was left out for them."""
    cached_as_of_s: float | None
    """When what is shown was true, in Unix seconds, while it comes from the last run; else ``None``."""
    latency_ms: float | None
    """Median of gateway clock to receipt, where events carry their emission time."""
    round_trip_s: float | None
    """Of the last REST health request."""
    heard_s: float | None
    """When anything was last heard on the socket, in Unix seconds."""
    token_expires_s: float | None
    """When the token in use expires by its own claim, in Unix seconds."""
    profile: str
    """The protocol profile in use; empty until the monitor runs."""

    @property
    def conversation_id(self) -> str | None:
        return self.conversation.id if self.conversation else None

    @property
    def failed_report(self) -> "RefreshReport | None":
        """The last reading of the watched roster, if it failed. The end of a membership is no failure."""
        report = self.last_report
        if report is None or report.roster_error is None or self.membership_end is not None:
            return None
        return report

    @property
    def is_stale(self) -> bool:
        """True where nothing vouches for what is shown of the watched conversation."""
        return (self.link is not None and self.link.is_stale) or self.membership_end is not None

    def find_conversation(self, conversation_id: str | None) -> Conversation | None:
        """The known conversation with this id."""
        known = (each for each in (*self.conversations, self.conversation) if each is not None)
        return next((each for each in known if each.id == conversation_id), None)
