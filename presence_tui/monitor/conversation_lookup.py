"""Find the conversation a user asked for."""

from collections.abc import Sequence

from presence_tui.domain.participants import Conversation
from presence_tui.wire.sanitize import safe_text


def find_conversation(wanted: str | None, known: Sequence[Conversation]) -> Conversation | None:
    """Find a conversation by id, identifier or title; the first known one if none is wanted.

    An unknown one is used as given: guests have no list, and the gateway refuses it if it is
    not theirs. ``None`` if none is wanted and none is known.
    """
    if wanted is None:
        return known[0] if known else None
    for conversation in known:
        if wanted in (conversation.id, conversation.identifier):
            return conversation
    for conversation in known:
        if wanted.casefold() == conversation.title.casefold():
            return conversation
    return Conversation(id=wanted, title=safe_text(wanted))
