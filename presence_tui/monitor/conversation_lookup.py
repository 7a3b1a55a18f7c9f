"""Which conversation a person means."""

from collections.abc import Sequence

from presence_tui.domain.participants import Conversation
from presence_tui.wire.sanitize import safe_text


def find_conversation(wanted: str | None, known: Sequence[Conversation]) -> Conversation | None:
    """The conversation with that id, identifier or title; the first known if none is wanted.

    One that is not known is believed: guests are told of none, and the gateway will say whether it is
    any of theirs. ``None`` if none is wanted and none is known.
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
