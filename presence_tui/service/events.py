"""Events of a running service. Front ends match on them; rows of rosters do not pass here."""

from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from presence_tui.domain.participants import Conversation
from presence_tui.domain.translatable import Phrase
from presence_tui.monitor.link import LinkStatus
from presence_tui.monitor.memberships import MembershipEnd
from presence_tui.service.state import Phase
from presence_tui.store import ChangeSet

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.alerts.rules import Alert
    from presence_tui.audit.findings import AuditReport
    from presence_tui.monitor.gap_summary import GapSummary
    from presence_tui.monitor.roster_refresh import Progress, RefreshReport


class PhaseChanged(Struct, frozen=True):
    """Start-up or shutdown reached a phase; the state already contains its results."""

    phase: Phase


class PresenceChanged(Struct, frozen=True):
    """One flush of the store: at most one of these a frame, however many status events it holds."""

    changed: ChangeSet


class LinkChanged(Struct, frozen=True):
    """The state, reason or age of the link changed."""

    status: LinkStatus


class ConversationChanged(Struct, frozen=True):
    """Another conversation is watched."""

    conversation: Conversation


class ConversationsChanged(Struct, frozen=True):
    """The gateway listed the account's conversations."""

    conversations: tuple[Conversation, ...]


class Resynced(Struct, frozen=True):
    """A resync is done; the report contains any error."""

    report: "RefreshReport"


class RefreshProgressed(Struct, frozen=True):
    """Progress of a refresh."""

    progress: "Progress"


class Refreshed(Struct, frozen=True):
    """A refresh is done; the report contains any error."""

    report: "RefreshReport"


class Audited(Struct, frozen=True):
    """An audit is done; the report contains any error."""

    report: "AuditReport"


class SecondaryRosterRead(Struct, frozen=True):
    """The roster of a secondary conversation was read, successfully or not."""

    conversation: Conversation


class MembershipEnded(Struct, frozen=True):
    """The account is no longer a member of a conversation, whose roster stays as it was then."""

    end: MembershipEnd


class MembershipRestored(Struct, frozen=True):
    """The account is a member of a conversation again."""

    conversation_id: str


class GapEnded(Struct, frozen=True):
    """A gap is over and the resync done; the summary lists the changes in it."""

    summary: "GapSummary"


class Notice(Struct, frozen=True):
    """A sentence for people: a message of the gateway that is not presence, or a temporary failure."""

    phrase: Phrase
    is_trouble: bool = False
    """True if a part of ours does not work: history, alerts or view state."""


class AlertRaised(Struct, frozen=True):
    """Alert rules matched. Commands and webhooks are already queued; the front end shows the rest."""

    alert: "Alert"
    is_quiet: bool
    """True within quiet hours, when nothing may ring."""


ServiceEvent: TypeAlias = (
    PhaseChanged
    | PresenceChanged
    | LinkChanged
    | ConversationChanged
    | ConversationsChanged
    | Resynced
    | RefreshProgressed
    | Refreshed
    | Audited
    | SecondaryRosterRead
    | MembershipEnded
    | MembershipRestored
    | GapEnded
    | Notice
    | AlertRaised
)
