"""Reads the history of one participant: the last online periods, and today by hour."""

import sqlite3
from collections.abc import Sequence
from typing import Final, NamedTuple

from presence_tui.domain.enums import Cause, State
from presence_tui.history.hourly_states import BRIDGED_S, StateRow, hourly_states
from presence_tui.history.online_periods import FlagRow, OnlinePeriod, online_periods
from presence_tui.history.schema import CHANGES_OF_KEY, IS_A_TIME, MINUTE_S
from presence_tui.history.spans import Span, merged, within, without

FLAG_ROWS: Final = 40
"""Maximum changes of flag read for the last periods."""


FRESH_S: Final = 90.0
"""On a live link, coverage extends to within this time of now."""


class ParticipantHistory(NamedTuple):
    """Online periods, the newest first, and today's hours, ``None`` for future ones."""

    online_periods: list[OnlinePeriod]
    hourly_states: list[State | None]
    known_until_s: float
    """End of coverage; now, if a monitor is running."""


def read_participant_history(
    connection: sqlite3.Connection,
    gateway: str,
    account_key: str,
    key: str,
    hours_s: Sequence[float],
    now_s: float,
    state_now: State,
) -> ParticipantHistory:
    """Read what all runs of the account recorded about a participant."""
    runs = (
        "run IN (SELECT runs.id FROM runs JOIN accounts ON accounts.id = account "
        "WHERE accounts.gateway = ? AND accounts.key = ?)"
    )
    scope = (gateway, account_key)
    coverage = _up_to_now(read_coverage(connection, runs, scope), now_s)
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


def read_coverage(connection: sqlite3.Connection, runs: str, scope: tuple[object, ...]) -> list[Span]:
    """Stored coverage, merged. ``runs`` is an SQL condition, ``scope`` its values."""
    times = f"began_s {IS_A_TIME} AND until_s {IS_A_TIME}"
    horizon_s: float = connection.execute("SELECT at_s FROM horizon").fetchone()[0]
    spans = connection.execute(f"SELECT began_s, until_s FROM spans WHERE {runs} AND {times}", scope)
    coverage = merged(Span(*row) for row in spans)
    losses = connection.execute(f"SELECT began_s, until_s FROM unrecorded WHERE {runs} AND {times}", scope)
    covered = without(coverage, [Span(*row) for row in losses])
    return within(covered, horizon_s, float("inf"))


def _last_change_s(connection: sqlite3.Connection, key: str, before_s: float) -> float:
    """Time of a participant's last change before ``before_s``; ``before_s`` itself if unknown."""
    found = connection.execute(
        f"SELECT at_s FROM {CHANGES_OF_KEY} WHERE minutes.key = ? AND minute <= ? AND at_s < ? "
        "ORDER BY minute DESC, at_s DESC LIMIT 1",
        (key, before_s // MINUTE_S, before_s),
    ).fetchone()
    return before_s if found is None else float(found[0])


def _up_to_now(coverage: list[Span], now_s: float) -> list[Span]:
    if coverage and now_s - coverage[-1].until_s <= FRESH_S:
        return [*coverage[:-1], Span(coverage[-1].began_s, now_s)]
    return coverage


def _flag(bit: int | None) -> bool | None:
    return None if bit is None else bool(bit)
