"""Retention by age and size, in small steps; deleted time does not count as covered."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from presence_tui.domain.missed_events import MissedEvents
from presence_tui.history.coverage import Span, read_coverage
from presence_tui.history.database import open_database
from presence_tui.history.retention import RetentionLimits, prune_step, used_bytes
from presence_tui.history.write_queue import AccountEntry, CoverageEntry, LinkEntry, PersonEntry
from tests.unit.clock import START_S, FakeClock
from tests.unit.history.history_fixtures import ME, PATIENCE_S, change, rows, seqs, writing

DAY_S = 86_400.0
WITHIN = RetentionLimits(days=30)


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    """A file with a change, a link transition and a covered minute on each of a hundred days up to now."""
    with writing(path) as writer:
        for day in range(100):
            at_s = START_S + day * DAY_S
            writer.post([change(0, at_s=at_s, seq=day), LinkEntry(at_s, "live", "", 1)])
            writer.post([CoverageEntry(at_s, at_s + 60)])
    with closing(open_database(path)) as connection:
        yield connection


NOW_S = START_S + 99 * DAY_S


def prune(
    connection: sqlite3.Connection, limits: RetentionLimits, now_s: float = NOW_S, rows: int = 2_000
) -> int:
    """Prune until nothing is left to prune; returns the number of steps."""
    steps = 1
    while prune_step(connection, limits, now_s, rows):
        steps += 1
    return steps


def kept(connection: sqlite3.Connection) -> list[int]:
    return [row[0] for row in connection.execute("SELECT seq FROM changes ORDER BY at_s")]


def test_what_is_too_old_goes_and_the_rest_stays(connection: sqlite3.Connection) -> None:
    prune(connection, WITHIN)
    assert kept(connection) == list(range(70, 100))
    assert connection.execute("SELECT count(*) FROM links").fetchone() == (30,)
    assert connection.execute("SELECT count(*) FROM spans").fetchone() == (31,), (
        "one span ends after the limit"
    )


def test_minutes_go_with_their_changes(path: Path) -> None:
    with writing(path) as writer:
        writer.post([change(number, key=f"u-{number % 3}") for number in range(6_000)])
    with closing(open_database(path)) as connection:
        assert prune_step(connection, RetentionLimits(days=1_000, max_bytes=1), START_S, rows=3_003)
        minutes = connection.execute("SELECT key, min(minute) * 60 FROM minutes GROUP BY key").fetchall()
    begun_s = (START_S + 3_003) // 60 * 60
    assert minutes == [("u-0", begun_s), ("u-1", begun_s), ("u-2", begun_s)]


def test_a_step_is_small(connection: sqlite3.Connection) -> None:
    assert prune_step(connection, WITHIN, NOW_S, rows=10)
    assert kept(connection) == list(range(10, 100))
    assert prune(connection, WITHIN, rows=10) == 7
    assert kept(connection) == list(range(70, 100))


def test_where_nothing_is_too_old_everything_stays(connection: sqlite3.Connection) -> None:
    assert prune(connection, RetentionLimits(days=1_000)) == 1
    assert kept(connection) == list(range(100))


def test_a_file_that_is_too_big_loses_its_oldest(path: Path) -> None:
    with writing(path) as writer:
        writer.post([change(number) for number in range(20_000)])
    with closing(open_database(path)) as connection:
        limit = used_bytes(connection) // 2
        assert prune(connection, RetentionLimits(days=1_000, max_bytes=limit)) > 1
        assert used_bytes(connection) <= limit
        left = kept(connection)
        assert left == list(range(20_000 - len(left), 20_000)), "the newest rows are kept"
        assert len(left) > 5_000, "no more rows than necessary are deleted"
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        assert pages * size < 2 * limit, "free pages are returned to the disk"


def test_a_writer_keeps_its_file_within_its_limit(path: Path) -> None:
    limits = RetentionLimits(days=1_000, max_bytes=400_000)
    with writing(path, limits=limits) as writer:
        for start in range(0, 20_000, 500):
            writer.post([change(number) for number in range(start, start + 500)])
            assert writer.wait_until_written(PATIENCE_S)
    with closing(open_database(path)) as connection:
        prune(connection, limits, START_S)
        assert used_bytes(connection) <= 400_000
    assert seqs(path)[-1] == 19_999


def test_what_is_forgotten_does_not_count_as_watched(connection: sqlite3.Connection) -> None:
    """Otherwise a day with deleted changes would look like one without any."""
    prune(connection, RetentionLimits(days=1_000, max_bytes=1), rows=50)
    left = read_coverage(connection, "run = ?", (1,))
    horizon_s = connection.execute("SELECT at_s FROM horizon").fetchone()[0]
    assert horizon_s > START_S
    assert all(span.began_s >= horizon_s for span in left)


def test_rosters_stay_as_long_as_their_account_is_watched(path: Path) -> None:
    ada = PersonEntry("u-ada", "Ada", "", False, True, None, START_S, "{}")
    clock = FakeClock()
    with writing(path, clock=clock) as writer:
        writer.post([AccountEntry(ME, ME), ada, MissedEvents(START_S, START_S + 5, 1)])
    with closing(open_database(path)) as connection:
        prune(connection, WITHIN, START_S + 29 * DAY_S)
        assert rows(path, "SELECT key FROM people") == ["u-ada"]
        prune(connection, WITHIN, START_S + 31 * DAY_S)
    for table in ("people", "accounts", "runs", "missed"):
        assert rows(path, f"SELECT * FROM {table}") == []


def test_spans_are_cut_at_the_horizon(path: Path) -> None:
    with writing(path) as writer:
        writer.post([CoverageEntry(START_S, START_S + 100)])
    with closing(open_database(path)) as connection:
        connection.execute("UPDATE horizon SET at_s = ?", (START_S + 40,))
        found = read_coverage(connection, "run = ?", (1,))
    assert found == [Span(START_S + 40, START_S + 100)]
