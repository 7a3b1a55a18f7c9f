"""Whether the account is still a member of its conversations.

After the end of a membership no event of the conversation arrives any more, and the gateway answers false
of its members, as of any stranger (wire contract, sections 2.5 and 3.5). What is known then stays as it is.
"""

from dataclasses import dataclass
from enum import StrEnum

from presence_tui.monitor.signals import Signal


class EndCause(StrEnum):
    """Why what is known of a conversation is not kept true any more."""

    REMOVED = "removed"
    """We left, or were removed."""
    BANNED = "banned"
    CLOSED = "closed"
    DELETED = "deleted"
    REFUSED = "refused"
    """The gateway refuses the roster, and did not say why."""


@dataclass(frozen=True, slots=True)
class MembershipEnd:
    """How a conversation ended for us, and up to when what is known of it was kept true (Unix seconds)."""

    conversation_id: str
    cause: EndCause
    at_s: float


class Memberships:
    """The conversations whose end we know of."""

    def __init__(self) -> None:
        self._ends: dict[str, MembershipEnd] = {}
        self.ended: Signal[MembershipEnd] = Signal()
        self.restored: Signal[str] = Signal()
        """The account is a member of the conversation with this id again."""

    def end_of(self, conversation_id: str | None) -> MembershipEnd | None:
        """How the conversation ended for us; ``None`` while we are a member."""
        return self._ends.get(conversation_id or "")

    def end(self, conversation_id: str, cause: EndCause, at_s: float) -> None:
        """The membership is over. What was told first stays, but for a refusal, which tells no reason."""
        known = self._ends.get(conversation_id)
        if known is None or (known.cause is EndCause.REFUSED and cause is not EndCause.REFUSED):
            end = MembershipEnd(conversation_id, cause, known.at_s if known else at_s)
            self._ends[conversation_id] = end
            self.ended.emit(end)

    def restore(self, conversation_id: str) -> None:
        """The gateway answers as to a member. A closed conversation stays closed: it can be read."""
        known = self._ends.get(conversation_id)
        if known is not None and known.cause is not EndCause.CLOSED:
            del self._ends[conversation_id]
            self.restored.emit(conversation_id)
