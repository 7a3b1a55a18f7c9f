"""What a running service reports. Every front end matches on these; the store's rows do not pass here."""

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
    """Start-up or shutdown reached this phase; what the phase promises is in the state by now."""

    phase: Phase


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """One flush of the store: at most one of these a frame, however many status events it holds."""

    changed: ChangeSet


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The link has another state, reason or age."""

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
    """A reading that the monitor made by itself is done; the report says what failed, if anything did."""

    report: "RefreshReport"


@dataclass(frozen=True, slots=True)
class RefreshProgressed:
    """The refresh a person asked for has come this far."""

    progress: "Progress"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The refresh a person asked for is done; the report says what failed, if anything did."""

    report: "RefreshReport"


@dataclass(frozen=True, slots=True)
class SecondaryRosterRead:
    """The roster of a conversation watched beside the main one was read, well or not."""

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class MembershipEnded:
    """The account is no longer a member of a conversation; what is shown of it is as of then."""

    end: MembershipEnd


@dataclass(frozen=True, slots=True)
class MembershipRestored:
    """The account is a member of a conversation again."""

    conversation_id: str


@dataclass(frozen=True, slots=True)
class GapEnded:
    """A gap is over and everything was read again; the summary says what changed in it."""

    summary: "GapSummary"


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for people: what the gateway says that is no presence, or what failed in passing."""

    phrase: Phrase
    is_trouble: bool = False
    """True for a part of ours that does not work: history, alerts, view state."""


@dataclass(frozen=True, slots=True)
class AlertRaised:
    """Alert rules matched. Commands and webhooks have it already; the rest is for the front end to show."""

    alert: "Alert"
    is_quiet: bool
    """True inside of quiet hours, in which nothing may ring."""


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
