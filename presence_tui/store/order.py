"""Orders of a view: where somebody stands among those of the same flag.

A place is a text, so that a list of them sorts at the speed of comparing texts: what the order is by, then
the folded name, the handle and the key. The key makes each unique, and says whose place it is.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from operator import attrgetter

from presence_tui.domain.words import State
from presence_tui.store.records import Record

RoleOf = Callable[[str], str]
"""The role of a member by presence key; empty if not known."""


class Sort(StrEnum):
    """What the rows of a panel are ordered by; the name settles ties."""

    NAME = "name"
    STATE = "state"
    LAST_ACTIVE = "last active"
    ROLE = "role"


_STATE_MARKS: Mapping[State, str] = {state: str(rank) for rank, state in enumerate(State)}
_ROLE_MARKS: Mapping[str, str] = {"creator": "0", "admin": "1", "moderator": "2", "member": "3"}
_OTHER_ROLE = "4"
_LATEST_S = 10_000_000_000.0
"""Later than any activity the wire lets through, so that what counts down from it stays positive."""


def placing(sort: Sort, role_of: RoleOf) -> Callable[[Record], str]:
    """The function that tells a record's place in the order."""
    match sort:
        case Sort.NAME:
            return attrgetter("sort_key")
        case Sort.STATE:
            return lambda record: _STATE_MARKS[record.state] + record.sort_key
        case Sort.LAST_ACTIVE:
            return lambda record: _recency(record.activity_s) + record.sort_key
        case Sort.ROLE:
            return lambda record: _ROLE_MARKS.get(role_of(record.key), _OTHER_ROLE) + record.sort_key


def key_in(place: str) -> str:
    """Whose place it is."""
    return place.rpartition("\0")[2]


def _recency(activity_s: float | None) -> str:
    """A text that is the smaller the more recent; after all others if nothing is known."""
    return "~" if activity_s is None else f"{_LATEST_S - activity_s:018.6f}"
