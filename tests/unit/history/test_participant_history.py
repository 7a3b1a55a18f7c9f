"""The history of one participant, from all runs."""

from contextlib import closing
from pathlib import Path

from presence_tui.domain.enums import Cause, State
from presence_tui.history.coverage import FRESH_S
from presence_tui.history.database import open_for_reading
from presence_tui.history.participant_history import (
    OnlinePeriod,
    ParticipantHistory,
    read_participant_history,
)
from presence_tui.history.write_queue import AccountEntry, CoverageEntry, Entry, UnrecordedEntry
from tests.unit.clock import START_S
from tests.unit.history.history_fixtures import GATEWAY, ME, change, writing

HOURS_S = [START_S + hour * 3_600 for hour in range(25)]
"""A day that starts with the tests' clock."""
NOW_S = START_S + 6 * 3_600


def keep(path: Path, *entries: Entry, account: str = ME) -> None:
    with writing(path) as writer:
        writer.post([AccountEntry(account, account), *entries])


def history_of(
    path: Path, key: str = "u-ada", now_s: float = NOW_S, account: str = ME, lost_s: float | None = None
) -> ParticipantHistory:
    with closing(open_for_reading(path)) as connection:
        return read_participant_history(
            connection, GATEWAY, account, key, HOURS_S, now_s, State.OFFLINE, lost_s
        )


def test_who_leaves_first_was_here_before_anything_is_kept(path: Path) -> None:
    keep(path, CoverageEntry(START_S, NOW_S), change(10, False))
    assert history_of(path).online_periods == [OnlinePeriod(None, False, START_S + 10, True)]


def test_the_last_session_is_the_first(path: Path) -> None:
    keep(path, CoverageEntry(START_S, NOW_S), change(10), change(70, False), change(100), change(160, False))
    assert history_of(path).online_periods == [
        OnlinePeriod(START_S + 100, True, START_S + 160, True),
        OnlinePeriod(START_S + 10, True, START_S + 70, True),
    ]


def test_what_a_snapshot_said_was_not_seen(path: Path) -> None:
    keep(path, CoverageEntry(START_S, NOW_S), change(10, cause=Cause.RECONCILED))
    assert history_of(path).online_periods == [OnlinePeriod(START_S + 10, False, None, False)]


def test_today_is_what_was_watched_of_it(path: Path) -> None:
    hour = 3_600
    watched = CoverageEntry(START_S, START_S + 2 * hour), CoverageEntry(START_S + 4 * hour, NOW_S - FRESH_S)
    keep(path, *watched, change(30), change(hour - 1, False))
    on, off, unknown = State.ONLINE, State.OFFLINE, State.UNKNOWN
    past = history_of(path)
    assert past.hourly_states == [on, off, unknown, unknown, off, off, *[None] * 18]
    assert past.known_until_s == NOW_S, "on a live link, coverage extends to now"


def test_nobody_watches_now_if_nothing_was_heard_for_long(path: Path) -> None:
    keep(path, CoverageEntry(START_S, NOW_S - 600))
    assert history_of(path).known_until_s == NOW_S - 600


def test_what_is_known_ends_with_the_link_and_stands_still(path: Path) -> None:
    keep(path, CoverageEntry(START_S, NOW_S - 30), change(10))
    for passed_s in (8, 29):
        past = history_of(path, now_s=NOW_S + passed_s, lost_s=NOW_S)
        assert past.known_until_s == NOW_S
    assert past.hourly_states[6] is State.UNKNOWN, "the hour after the loss was not watched"
    assert history_of(path, now_s=NOW_S, lost_s=NOW_S - 40).known_until_s == NOW_S - 30, (
        "stored coverage stays"
    )


def test_what_was_lost_was_not_watched(path: Path) -> None:
    keep(path, CoverageEntry(START_S, NOW_S), UnrecordedEntry(START_S + 3_600, START_S + 7_200, 99))
    assert history_of(path).hourly_states[:4] == [
        State.OFFLINE,
        State.UNKNOWN,
        State.OFFLINE,
        State.OFFLINE,
    ]


def test_two_runs_of_an_account_are_one_past(path: Path) -> None:
    keep(path, CoverageEntry(START_S, START_S + 3_600), change(10))
    keep(path, CoverageEntry(START_S + 3_600, NOW_S), change(10.01), change(4_000, False))
    assert history_of(path).online_periods == [OnlinePeriod(START_S + 10, True, START_S + 4_000, True)]
    assert history_of(path).hourly_states[:3] == [State.ONLINE, State.ONLINE, State.OFFLINE]


def test_the_state_before_midnight_holds_after_it(path: Path) -> None:
    keep(path, CoverageEntry(START_S - 9_000, NOW_S), change(-7_000), change(-5_000), change(5_000, False))
    assert history_of(path).hourly_states[:3] == [State.ONLINE, State.ONLINE, State.OFFLINE]


def test_another_account_or_participant_has_another_past(path: Path) -> None:
    keep(path, CoverageEntry(START_S, NOW_S), change(10))
    assert history_of(path, key="u-bo").online_periods == []
    other = history_of(path, account="u-you")
    assert (other.online_periods, set(other.hourly_states[:6]), other.known_until_s) == (
        [],
        {State.UNKNOWN},
        0.0,
    )


def test_the_sessions_of_somebody_are_found_among_what_others_did(path: Path) -> None:
    others = [change(number, key=f"u-{number % 7}") for number in range(0, 3_000, 10)]
    flips = [change(number, number % 200 == 0) for number in range(0, 3_000, 100)]
    keep(path, CoverageEntry(START_S, NOW_S), *sorted([*others, *flips], key=lambda each: each.at_s))
    sessions = history_of(path).online_periods
    assert [session.began_s for session in sessions] == [START_S + at for at in range(2_800, -1, -200)]
    assert {session.length_s(NOW_S) for session in sessions} == {100}


def test_nothing_is_looked_through_from_end_to_end(path: Path) -> None:
    keep(path, change(1))
    asked: list[str] = []
    with closing(open_for_reading(path)) as connection:
        connection.set_trace_callback(asked.append)
        read_participant_history(connection, GATEWAY, ME, "u-ada", HOURS_S, NOW_S, State.OFFLINE)
        connection.set_trace_callback(None)
        of_changes = [question for question in asked if "JOIN changes" in question]
        assert len(of_changes) == 3
        for question in of_changes:
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {question}")]
            assert not [step for step in plan if step.startswith("SCAN changes")], plan
            assert [step for step in plan if "changes_by_time" in step], plan


def test_all_that_is_known_of_a_day(path: Path) -> None:
    hour = 3_600.0
    keep(
        path,
        CoverageEntry(START_S - hour, START_S + 2 * hour),
        change(-100, before=State.OFFLINE, after=State.AWAY),
        change(hour - 50, False, before=State.AWAY),
        change(hour + 10, cause=Cause.RECONNECTED),
        change(hour + 20, cause=Cause.DECAYED, flag_before=True, before=State.ONLINE, after=State.AWAY),
    )
    keep(
        path,
        CoverageEntry(START_S + 3 * hour, NOW_S),
        change(3 * hour, False, cause=Cause.RECONCILED, before=State.AWAY, after=State.OFFLINE),
    )
    away, online, offline, unknown = State.AWAY, State.ONLINE, State.OFFLINE, State.UNKNOWN
    assert history_of(path) == ParticipantHistory(
        [
            OnlinePeriod(START_S + hour + 10, True, START_S + 2 * hour, False),
            OnlinePeriod(START_S - 100, True, START_S + hour - 50, True),
        ],
        [away, online, unknown, offline, offline, offline, *[None] * 18],
        NOW_S,
    )
