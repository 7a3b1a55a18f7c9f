"""Events of a running service. Front ends match on them; rows of rosters do not pass here."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from presence_tui.domain.participants import Conversation
from presence_tui.domain.translatable import Phrase
from presence_tui.monitor.link import LinkStatus
from presence_tui.monitor.memberships import MembershipEnd
from presence_tui.service.state import Phase
from presence_tui.store import ChangeSet

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.alerts.alert import Alert
    from presence_tui.monitor.gap_summary import GapSummary
    from presence_tui.monitor.refresh import Progress, RefreshReport


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """Start-up or shutdown reached a phase; the state already contains its results."""

    phase: Phase


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """One flush of the store: at most one of these a frame, however many status events it holds."""

    changed: ChangeSet


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The state, reason or age of the link changed."""

    status: LinkStatus


@dataclass(frozen=True, slots=True)
class ConversationChanged:
    """Another conversation is watched."""

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class ConversationsChanged:
    """The gateway listed the account's conversations."""

    conversations: tuple[Conversation, ...]


@dataclass(frozen=True, slots=True)
class Resynced:
    """A resync is done; the report contains any error."""

    report: "RefreshReport"


@dataclass(frozen=True, slots=True)
class RefreshProgressed:
    """Progress of a refresh."""

    progress: "Progress"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A refresh is done; the report contains any error."""

    report: "RefreshReport"


@dataclass(frozen=True, slots=True)
class SecondaryRosterRead:
    """The roster of a secondary conversation was read, successfully or not."""

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class MembershipEnded:
    """The account is no longer a member of a conversation, whose roster stays as it was then."""

    end: MembershipEnd


@dataclass(frozen=True, slots=True)
class MembershipRestored:
    """The account is a member of a conversation again."""

    conversation_id: str


@dataclass(frozen=True, slots=True)
class GapEnded:
    """A gap is over and the resync done; the summary lists the changes in it."""

    summary: "GapSummary"


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for people: a message of the gateway that is not presence, or a temporary failure."""

    phrase: Phrase
    is_trouble: bool = False
    """True if a part of ours does not work: history, alerts or view state."""


@dataclass(frozen=True, slots=True)
class AlertRaised:
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
    | SecondaryRosterRead
    | MembershipEnded
    | MembershipRestored
    | GapEnded
    | Notice
    | AlertRaised
)
