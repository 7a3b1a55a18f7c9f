"""Answers from the list of participants, for gateways and guests without runtime presence.

The older gateway stores a flag of each account; the newer one lets guests read the flags of guests. The flags
of the older one are weaker than a runtime: it marks inactive accounts as offline by itself, and never notes
when guests leave (wire contract, sections 1.5 and 2.1).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from presence_tui.audit.comparison import Answer
from presence_tui.store.clock import Stamp
from presence_tui.transport.presence_source import PresenceSource
from presence_tui.wire.messages import RosterRow

SWEPT_AFTER_S: Final = 300.0
"""The older gateway marks participants as offline after this inactivity, without an event (section 8.1)."""


@dataclass(slots=True)
class ListedAnswers:
    """One reading of the list."""

    asked: Stamp
    rows: dict[str, RosterRow] = field(default_factory=dict)
    requests: int = 0
    is_whole: bool = False
    """True if the rows contain all members."""


async def read_list(source: PresenceSource, conversation_id: str, asked: Stamp) -> ListedAnswers:
    """Read all pages. Raises ``GatewayError``."""
    found = ListedAnswers(asked)
    total, is_capped, malformed = None, False, 0
    async for answer in source.participants(conversation_id):
        page = answer.page
        found.rows.update((row.participant.key, row) for row in page.rows)
        found.requests += page.complete
        total = page.total if page.total is not None else total
        is_capped, malformed = is_capped or page.total_capped, malformed + page.malformed_rows
    found.is_whole = not malformed and not is_capped and (total is None or len(found.rows) >= total)
    return found


def answers_of(listed: ListedAnswers, keys: Sequence[str], *, is_swept: bool) -> dict[str, Answer]:
    """Answers about these participants, as far as the list has them; ``is_swept`` for the older gateway."""
    found: dict[str, Answer] = {}
    for key in keys:
        row = listed.rows.get(key)
        if row is None:
            if listed.is_whole:
                found[key] = Answer(None)
        elif row.flag is not None and not (is_swept and row.participant.guest and row.flag):
            found[key] = Answer(row.flag, row.last_active_s)
    return found
