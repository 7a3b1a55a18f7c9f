"""A participant's states by hour. Hours without coverage are unknown."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from presence_tui.domain.enums import State
from presence_tui.history.spans import Span, within

BRIDGED_S: Final = 60.0
"""Gaps up to this length, such as a reconnect, count as covered."""
MAX_UNWATCHED: Final = 0.1
"""Maximum share without coverage of an hour shown as offline."""


class StateRow(NamedTuple):
    """One recorded change of state."""

    at_s: float
    before: State
    after: State


def hourly_states(
    rows: Iterable[StateRow],
    coverage: Sequence[Span],
    hours_s: Sequence[float],
    now_s: float,
    state_now: State,
) -> list[State | None]:
    """The state of each hour between neighbours of ``hours_s``; ``None`` for the future.

    Online if online at any time of the hour, else away if away or idle at any time, offline if that is
    the only state and nearly all of the hour is covered, else unknown. ``coverage`` is merged and bridged.
    ``rows`` are in order of time, and may begin before the first hour.
    """
    periods = _periods(rows, hours_s[0], now_s, state_now)
    return [
        None if began_s >= now_s else _shown(periods, coverage, began_s, min(until_s, now_s))
        for began_s, until_s in pairwise(hours_s)
    ]


def _periods(
    rows: Iterable[StateRow], since_s: float, now_s: float, state_now: State
) -> list[tuple[Span, State]]:
    """The span of each state, assuming no missed changes."""
    found: list[tuple[Span, State]] = []
    began_s, state = since_s, None
    for row in rows:
        if row.at_s > began_s:
            found.append((Span(began_s, row.at_s), row.before if state is None else state))
            began_s = row.at_s
        state = row.after
    return [*found, (Span(began_s, now_s), state_now if state is None else state)]


def _shown(
    periods: Sequence[tuple[Span, State]], coverage: Sequence[Span], began_s: float, until_s: float
) -> State:
    watched_here = within(coverage, began_s, until_s)
    seen = {
        state
        for (period_began_s, period_until_s), state in periods
        if within(watched_here, period_began_s, period_until_s)
    }
    if State.ONLINE in seen:
        return State.ONLINE
    if seen & {State.AWAY, State.IDLE}:
        return State.AWAY
    watched_s = sum(span.length_s for span in watched_here)
    if seen == {State.OFFLINE} and watched_s >= (until_s - began_s) * (1 - MAX_UNWATCHED):
        return State.OFFLINE
    return State.UNKNOWN
