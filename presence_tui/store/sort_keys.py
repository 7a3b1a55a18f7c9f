"""Order keys of an index: the position among participants with the same flag.

An order key is a string, so that a list of them sorts at the speed of string comparison: the sort criterion,
the folded name, the handle and the presence key. The presence key makes it unique and identifies its owner.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from operator import attrgetter

from sortedcontainers import SortedList

from presence_tui.domain.enums import State
from presence_tui.store.filters import RoleOf
from presence_tui.store.records import Record
from presence_tui.store.sortedcontainers_internals import in_order


class Sort(StrEnum):
    """What the rows of a panel are ordered by; the name settles ties."""

    NAME = "name"
    STATE = "state"
    LAST_ACTIVE = "last active"
    ROLE = "role"
    FLAPPING = "most flapping"


_STATE_MARKS: Mapping[State, str] = {state: str(rank) for rank, state in enumerate(State)}
_ROLE_MARKS: Mapping[str, str] = {"creator": "0", "admin": "1", "moderator": "2", "member": "3"}
_OTHER_ROLE = "4"
_LATEST_S = 10_000_000_000.0
"""Later than any activity the wire lets through, so that what counts down from it stays positive."""
RECENCY_CHARS = 18
_MOST_FLAPS = 999_999
_FLAPS_CHARS = 6
_SINGLY_BELOW = 1 / 20
"""Up to this share of a list, moving one by one is cheaper than merging everybody."""


def order_key_function(sort: Sort, role_of: RoleOf) -> Callable[[Record], str]:
    """The function that tells a record's place in the order."""
    match sort:
        case Sort.NAME:
            return attrgetter("sort_key")
        case Sort.STATE:
            return lambda record: _STATE_MARKS[record.state] + record.sort_key
        case Sort.LAST_ACTIVE:
            return lambda record: recency(record.activity_s) + record.sort_key
        case Sort.FLAPPING:
            return lambda record: _calm(record.flaps) + record.sort_key
        case _:
            return lambda record: _ROLE_MARKS.get(role_of(record.key), _OTHER_ROLE) + record.sort_key


def presence_key_in(order_key: str) -> str:
    """Whose place it is."""
    return order_key[order_key.rindex("\0") + 1 :]


def text_begins(sort: Sort) -> int:
    """At which character of a place its text (the name, then the handle) begins."""
    return _PREFIX_CHARS[sort]


def changed(order: SortedList, removed: list[str], added: list[str]) -> SortedList:
    """The order without some places, held or not, and with others. O(log n) each, while they are few."""
    if len(removed) + len(added) <= len(order) * _SINGLY_BELOW:
        for order_key in removed:
            order.discard(order_key)
        order.update(added)
        return order
    if not order:
        return SortedList(added)
    left = set(removed)
    order_keys = [order_key for order_key in order if order_key not in left] if left else list(order)
    # Two sorted runs, which Python's sort merges in linear time.
    order_keys += sorted(added)
    order_keys.sort()
    return in_order(order_keys)


_PREFIX_CHARS: Mapping[Sort, int] = {
    Sort.NAME: 0,
    Sort.STATE: 1,
    Sort.LAST_ACTIVE: RECENCY_CHARS,
    Sort.ROLE: 1,
    Sort.FLAPPING: _FLAPS_CHARS,
}


def recency(activity_s: float | None) -> str:
    """A text that is the smaller the more recent; after all others if nothing is known."""
    if activity_s is None:
        return "~" * RECENCY_CHARS
    return f"{_LATEST_S - activity_s:0{RECENCY_CHARS}.6f}"


def _calm(flaps: int) -> str:
    """A text that is the smaller the more flaps."""
    return f"{max(0, _MOST_FLAPS - flaps):0{_FLAPS_CHARS}}"
