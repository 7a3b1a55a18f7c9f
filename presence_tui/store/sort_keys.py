"""Sections and order keys of an index: the position among participants with the same flag.

An order key is a string, so that a list of them sorts at the speed of string comparison: the sort criterion,
the folded name, the handle and the presence key. The presence key makes it unique and identifies its owner.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from operator import attrgetter

from sortedcontainers import SortedList

from presence_tui.domain.enums import Panel, State, panel_of
from presence_tui.store.filters import RoleOf
from presence_tui.store.records import Record
from presence_tui.store.sortedcontainers_internals import in_order

Section = bool | Panel | None
"""Where a participant is listed (``Record.listed``); a panel for those pinned in it."""

SECTIONS_OF: Mapping[Panel, tuple[Section, ...]] = {
    Panel.ONLINE: (Panel.ONLINE, True),
    Panel.OFFLINE: (Panel.OFFLINE, False, None),
}
"""The sections of a panel from top to bottom."""
LISTED: tuple[bool | None, ...] = (True, False, None)


def section_of(listed: bool | None, pinned: bool) -> Section:
    """The section of a participant who is listed there."""
    return panel_of(listed) if pinned else listed


class Sort(StrEnum):
    """Sort order of a panel's rows; ties are broken by name."""

    NAME = "name"
    STATE = "state"
    LAST_ACTIVE = "last active"
    ROLE = "role"
    FLAPPING = "most flapping"


_STATE_MARKS: Mapping[State, str] = {state: str(rank) for rank, state in enumerate(State)}
_ROLE_MARKS: Mapping[str, str] = {"creator": "0", "admin": "1", "moderator": "2", "member": "3"}
_OTHER_ROLE = "4"
_LATEST_S = 10_000_000_000.0
"""Later than any possible activity, so that the difference stays positive."""
RECENCY_CHARS = 18
_MOST_FLAPS = 999_999
_FLAPS_CHARS = 6
_SINGLY_BELOW = 1 / 20
"""Up to this share of a list, moving keys singly is cheaper than merging."""


def order_key_function(sort: Sort, role_of: RoleOf) -> Callable[[Record], str]:
    """Return the function from a record to its order key."""
    match sort:
        case Sort.NAME:
            return attrgetter("sort_key")
        case Sort.STATE:
            return lambda record: _STATE_MARKS[record.state] + record.sort_key
        case Sort.LAST_ACTIVE:
            return lambda record: recency(record.latest_s) + record.sort_key
        case Sort.FLAPPING:
            return lambda record: _calm(record.flaps) + record.sort_key
        case _:
            return lambda record: _ROLE_MARKS.get(role_of(record.key), _OTHER_ROLE) + record.sort_key


def presence_key_in(order_key: str) -> str:
    """The presence key in an order key."""
    return order_key[order_key.rindex("\0") + 1 :]


def text_begins(sort: Sort) -> int:
    """Index of the text (the name, then the handle) in an order key."""
    return _PREFIX_CHARS[sort]


def changed(order: SortedList, removed: list[str], added: list[str]) -> SortedList:
    """Remove and add order keys. O(log n) each, while they are few."""
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
    """A string that sorts by recency, the most recent first, unknown last."""
    if activity_s is None:
        return "~" * RECENCY_CHARS
    return f"{_LATEST_S - activity_s:0{RECENCY_CHARS}.6f}"


def _calm(flaps: int) -> str:
    """A string that sorts by flaps, the most first."""
    return f"{max(0, _MOST_FLAPS - flaps):0{_FLAPS_CHARS}}"
