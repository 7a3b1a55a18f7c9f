"""Tracks the account's membership of its conversations.

After a membership ended, no events of the conversation arrive, and the gateway answers false
for its members, as for strangers (wire contract, sections 2.5 and 3.5). So the known roster is kept.
"""

from dataclasses import dataclass
from enum import StrEnum

from presence_tui.monitor.signals import Signal


class EndCause(StrEnum):
    """Why a conversation is no longer updated."""

    REMOVED = "removed"
    """We left or were removed."""
    BANNED = "banned"
    CLOSED = "closed"
    DELETED = "deleted"
    REFUSED = "refused"
    """The gateway refuses the roster without a reason."""


@dataclass(frozen=True, slots=True)
class MembershipEnd:
    """How our membership ended, and until when the roster was current (Unix seconds)."""

    conversation_id: str
    cause: EndCause
    at_s: float


class Memberships:
    """The conversations whose membership has ended."""

    def __init__(self) -> None:
        self._ends: dict[str, MembershipEnd] = {}
        self.ended: Signal[MembershipEnd] = Signal()
        self.restored: Signal[str] = Signal()
        """Emits the id of a conversation the account is a member of again."""

    def end_of(self, conversation_id: str | None) -> MembershipEnd | None:
        """How the membership ended; ``None`` while we are a member."""
        return self._ends.get(conversation_id or "")

    def end(self, conversation_id: str, cause: EndCause, at_s: float) -> None:
        """Record the end. The first cause counts, except that any other cause replaces ``REFUSED``."""
        known = self._ends.get(conversation_id)
        if known is None or (known.cause is EndCause.REFUSED and cause is not EndCause.REFUSED):
            end = MembershipEnd(conversation_id, cause, known.at_s if known else at_s)
            self._ends[conversation_id] = end
            self.ended.emit(end)

    def restore(self, conversation_id: str) -> None:
        """Mark the account as a member again. A closed conversation stays closed: it remains readable."""
        known = self._ends.get(conversation_id)
        if known is not None and known.cause is not EndCause.CLOSED:
            del self._ends[conversation_id]
            self.restored.emit(conversation_id)
