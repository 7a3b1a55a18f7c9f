"""Turns the signals of the monitor into events of the service, and keeps their latest values."""

from typing import TYPE_CHECKING

from presence_tui.domain.participants import Conversation
from presence_tui.monitor.link import LinkState, LinkStatus
from presence_tui.monitor.signals import Signal
from presence_tui.service.events import (
    ConversationChanged,
    ConversationsChanged,
    GapEnded,
    LinkChanged,
    MembershipEnded,
    MembershipRestored,
    Notice,
    RefreshProgressed,
    Resynced,
    SecondaryRosterRead,
    ServiceEvent,
)

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.monitor.gap_summary import GapSummary
    from presence_tui.monitor.monitor import PresenceMonitor
    from presence_tui.monitor.roster_refresh import Progress


class MonitorEvents:
    """Before a monitor runs, it has what was restored from the cache."""

    def __init__(self, events: Signal[ServiceEvent]) -> None:
        self._events = events
        self.conversation: Conversation | None = None
        self.conversations: tuple[Conversation, ...] = ()
        self.link: LinkStatus | None = None
        self.gap: GapSummary | None = None
        self.progress: Progress | None = None
        """Progress of the refresh or audit that runs, if any."""
        self.is_auditing = False

    def restore_conversations(self, conversations: list[Conversation]) -> None:
        """Use a cached list until the monitor has one. Emits nothing."""
        self.conversations = tuple(conversations)

    def restore_roster(self, conversation: Conversation, as_of_s: float, now_s: float) -> None:
        """Show a cached roster of ``as_of_s`` until the monitor runs. Emits nothing."""
        self.conversation = conversation
        self.link = LinkStatus(LinkState.CONNECTING, now_s, fresh_until_s=as_of_s)

    def follow(self, monitor: "PresenceMonitor") -> None:
        """Emit events for this monitor from now on."""
        emit = self._events.emit
        self.link = monitor.connection_status()
        monitor.link_changed.subscribe(self._on_link)
        monitor.conversation_changed.subscribe(self._on_conversation)
        monitor.conversations_changed.subscribe(self._on_conversations)
        monitor.resynced.subscribe(lambda report: emit(Resynced(report)))
        monitor.gap_ended.subscribe(self._on_gap_ended)
        monitor.noticed.subscribe(lambda phrase: emit(Notice(phrase)))
        monitor.memberships.ended.subscribe(lambda end: emit(MembershipEnded(end)))
        monitor.memberships.restored.subscribe(lambda key: emit(MembershipRestored(key)))
        monitor.secondary_rosters.refreshed.subscribe(lambda read: emit(SecondaryRosterRead(read)))

    def on_progress(self, progress: "Progress") -> None:
        """The refresh that runs has progressed."""
        self.progress = progress
        self._events.emit(RefreshProgressed(progress))

    def _on_link(self, status: LinkStatus) -> None:
        self.link = status
        self._events.emit(LinkChanged(status))

    def _on_conversation(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self._events.emit(ConversationChanged(conversation))

    def _on_conversations(self, conversations: list[Conversation]) -> None:
        self.conversations = tuple(conversations)
        self._events.emit(ConversationsChanged(self.conversations))

    def _on_gap_ended(self, summary: "GapSummary") -> None:
        self.gap = summary
        self._events.emit(GapEnded(summary))
