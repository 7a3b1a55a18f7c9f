"""Reads the history of one participant: the last online periods, and states by hour, as far as observed."""

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from presence_tui.domain.enums import Cause, State
from presence_tui.history.coverage import Span, extended, merged, read_coverage, within
from presence_tui.history.schema import CHANGES_OF_KEY, IS_A_TIME, MINUTE_S


class FlagRow(NamedTuple):
    """One recorded change of flag."""

    at_s: float
    flag_before: bool | None
    flag: bool | None
    seen: bool
    """True for an event."""


class OnlinePeriod(NamedTuple):
    """A period online."""

    began_s: float | None
    """``None`` if it began before the stored history."""
    began_seen: bool
    ended_s: float | None
    """``None`` while it lasts."""
    ended_seen: bool

    def length_s(self, now_s: float) -> float | None:
        """Minimum length; ``None`` if its start is unknown."""
        if self.began_s is None:
            return None
        return max(0.0, (now_s if self.ended_s is None else self.ended_s) - self.began_s)

    @property
    def is_certain(self) -> bool:
        """True if its length is exact, or still growing from an observed start."""
        return self.began_seen and (self.ended_s is None or self.ended_seen)


def online_periods(rows: Iterable[FlagRow], coverage: Sequence[Span]) -> list[OnlinePeriod]:
    """Periods in order. ``rows`` are in order of time; changes recorded by two runs count once.

    ``coverage`` is merged, and gives the earliest time of an end that was not observed.
    """
    found: list[OnlinePeriod] = []
    here: OnlinePeriod | None = None
    is_first = True
    for row in rows:
        if here is None and is_first and row.flag_before is True:
            here = OnlinePeriod(None, False, None, False)
        is_first = False
        if row.flag is True and here is None:
            here = OnlinePeriod(row.at_s, row.seen, None, False)
        elif row.flag is not True and here is not None:
            ended_s = row.at_s if row.seen else _last_watched_s(row.at_s, coverage, here.began_s)
            found.append(here._replace(ended_s=ended_s, ended_seen=row.seen))
            here = None
    return found if here is None else [*found, here]


def _last_watched_s(at_s: float, coverage: Sequence[Span], began_s: float | None) -> float:
    """Until when the participant was certainly online, if first reported offline at ``at_s``."""
    until_s = max((span.until_s for span in coverage if span.until_s < at_s), default=None)
    latest_s = at_s if until_s is None else until_s
    return latest_s if began_s is None else max(latest_s, began_s)


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


FLAG_ROWS: Final = 40
"""Maximum changes of flag read for the last periods."""


class ParticipantHistory(NamedTuple):
    """Online periods, the newest first, and today's hours, ``None`` for future ones."""

    online_periods: list[OnlinePeriod]
    hourly_states: list[State | None]
    known_until_s: float
    """End of coverage; now, if a monitor is running on a live link."""


def read_participant_history(
    connection: sqlite3.Connection,
    gateway: str,
    account_key: str,
    key: str,
    hours_s: Sequence[float],
    now_s: float,
    state_now: State,
    confirmed_until_s: float | None = None,
) -> ParticipantHistory:
    """Read what all runs of the account recorded about a participant.

    ``confirmed_until_s`` is when the link was lost; ``None`` while it is live.
    """
    runs = (
        "run IN (SELECT runs.id FROM runs JOIN accounts ON accounts.id = account "
        "WHERE accounts.gateway = ? AND accounts.key = ?)"
    )
    scope = (gateway, account_key)
    coverage = extended(
        read_coverage(connection, runs, scope), now_s if confirmed_until_s is None else confirmed_until_s
    )
    flags = connection.execute(
        f"SELECT at_s, flag_before, flag, cause FROM {CHANGES_OF_KEY} WHERE minutes.key = ? AND {runs} "
        f"AND flag_before IS NOT flag AND at_s {IS_A_TIME} ORDER BY minute DESC, at_s DESC LIMIT ?",
        (key, *scope, FLAG_ROWS),
    ).fetchall()
    flag_rows = [
        FlagRow(at_s, _flag(before), _flag(flag), cause in (Cause.MOVED, Cause.RECONNECTED))
        for at_s, before, flag, cause in reversed(flags)
    ]
    # Starts with the last change before today, which gives the state at midnight.
    since_s = _last_change_s(connection, key, hours_s[0])
    states = connection.execute(
        f"SELECT at_s, before, after FROM {CHANGES_OF_KEY} WHERE minutes.key = ? AND {runs} "
        f"AND minute >= ? AND at_s >= ? AND at_s {IS_A_TIME} ORDER BY minute, at_s",
        (key, *scope, since_s // MINUTE_S, since_s),
    ).fetchall()
    state_rows = [StateRow(at_s, State(before), State(after)) for at_s, before, after in states]
    hours = hourly_states(state_rows, merged(coverage, BRIDGED_S), hours_s, now_s, state_now)
    known_until_s = coverage[-1].until_s if coverage else 0.0
    return ParticipantHistory(online_periods(flag_rows, coverage)[::-1], hours, known_until_s)


def _last_change_s(connection: sqlite3.Connection, key: str, before_s: float) -> float:
    """Time of a participant's last change before ``before_s``; ``before_s`` itself if unknown."""
    found = connection.execute(
        f"SELECT at_s FROM {CHANGES_OF_KEY} WHERE minutes.key = ? AND minute <= ? AND at_s < ? "
        "ORDER BY minute DESC, at_s DESC LIMIT 1",
        (key, before_s // MINUTE_S, before_s),
    ).fetchone()
    return before_s if found is None else float(found[0])


def _flag(bit: int | None) -> bool | None:
    return None if bit is None else bool(bit)
