"""Orders of a view. Within each, the panels stay apart and the unknown come last."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from presence_tui.domain.words import State
from presence_tui.store.records import Record

ONLINE_SECTION = 0
OFFLINE_SECTION = 1
UNKNOWN_SECTION = 2

Position = tuple[int, float, str, str]
"""Section, rank within the order, folded name, key. Positions compare; the key makes each unique."""


class Sort(StrEnum):
    """What the rows of a panel are ordered by; the name settles ties."""

    NAME = "name"
    STATE = "state"
    LAST_ACTIVE = "last active"
    ROLE = "role"


_STATE_RANKS: Mapping[State, int] = {state: rank for rank, state in enumerate(State)}
_ROLE_RANKS: Mapping[str, int] = {"creator": 0, "admin": 1, "moderator": 2, "member": 3}
_NEVER = float("inf")


def position(record: Record, role: str, sort: Sort) -> Position:
    """Where the record stands in the order."""
    return (_section(record.flag), _RANKS[sort](record, role), record.sort_name, record.key)


def _section(flag: bool | None) -> int:
    if flag is None:
        return UNKNOWN_SECTION
    return ONLINE_SECTION if flag else OFFLINE_SECTION


def _same(record: Record, role: str) -> float:
    return 0


def _by_state(record: Record, role: str) -> float:
    return _STATE_RANKS[record.state]


def _by_last_active(record: Record, role: str) -> float:
    return _NEVER if record.activity_s is None else -record.activity_s


def _by_role(record: Record, role: str) -> float:
    return _ROLE_RANKS.get(role, len(_ROLE_RANKS))


_RANKS: Mapping[Sort, Callable[[Record, str], float]] = {
    Sort.NAME: _same,
    Sort.STATE: _by_state,
    Sort.LAST_ACTIVE: _by_last_active,
    Sort.ROLE: _by_role,
}
