"""What is watched and how that goes: the facts that views and sentences of the screen begin with."""

from typing import TYPE_CHECKING

import msgspec

from presence_tui.domain.participants import Conversation
from presence_tui.monitor.link import LinkStatus
from presence_tui.monitor.memberships import MembershipEnd
from presence_tui.store import PresenceStore
from presence_tui.tui.memory import Memory

if TYPE_CHECKING:
    # Only to say what they are: the first paint needs none of them, and their imports take time.
    from presence_tui.monitor.reading import ReadingReport
    from presence_tui.monitor.watch import Watch
    from presence_tui.tui.kept import Kept


class Situation(msgspec.Struct, eq=False):
    """Kept true by the screen; everyone else reads."""

    store: PresenceStore
    watch: "Watch | None" = None
    memory: Memory | None = None
    kept: "Kept | None" = None
    """What a person keeps between runs; ``None`` where nothing is."""
    link_before: LinkStatus | None = None
    """How the link is while there is no watch yet: what is shown is what was remembered."""
    trouble: "ReadingReport | None" = None
    """The last reading of the watched roster, if it failed."""

    @property
    def conversation(self) -> Conversation | None:
        """The one watched."""
        if self.watch is not None:
            return self.watch.conversation
        return self.memory.conversation if self.memory else None

    @property
    def conversation_id(self) -> str | None:
        conversation = self.conversation
        return conversation.id if conversation else None

    @property
    def conversations(self) -> list[Conversation]:
        """All of the account, as far as they are known."""
        if self.watch is not None:
            return self.watch.conversations
        remembered = self.memory.remembered if self.memory else None
        return list(remembered.conversations) if remembered else []

    @property
    def beside(self) -> list[Conversation]:
        """Those watched beside each other."""
        return self.watch.side_rosters.beside if self.watch else []

    def conversation_of(self, conversation_id: str | None) -> Conversation | None:
        """The one of this id, if it is known."""
        known = (each for each in (*self.conversations, self.conversation) if each is not None)
        return next((each for each in known if each.id == conversation_id), None)

    def report_beside(self, conversation: Conversation) -> "ReadingReport | None":
        """The last reading of one of those beside, if there was any."""
        return self.watch.side_rosters.reports.get(conversation.id) if self.watch else None

    @property
    def you(self) -> str:
        """Our own presence key; empty until it is known."""
        return self.watch.key if self.watch else ""

    @property
    def link(self) -> LinkStatus | None:
        return self.watch.connection_status() if self.watch else self.link_before

    @property
    def latency_ms(self) -> float | None:
        return self.watch.tally.latency_ms if self.watch else None

    @property
    def last_report(self) -> "ReadingReport | None":
        return self.watch.last_report if self.watch else None

    @property
    def membership_end(self) -> MembershipEnd | None:
        """How the watched conversation ended for the account; ``None`` while it is a member."""
        return self.watch.memberships.end_of(self.conversation_id) if self.watch else None

    @property
    def is_stale(self) -> bool:
        """True where nothing vouches for what is shown of the watched conversation."""
        link = self.link
        return (link is not None and link.is_stale) or self.membership_end is not None

    @property
    def is_reading(self) -> bool:
        return self.watch is not None and self.watch.is_reading

    @property
    def is_unread(self) -> bool:
        """True before any roster of the conversation was read: who is shown is known by events only."""
        return not self.store.rosters.knows(self.conversation_id or "")
