"""Migration of files from earlier versions, with all their content."""

import sqlite3
from contextlib import closing
from pathlib import Path

from presence_tui.history.database import open_database
from presence_tui.history.schema import CHANGES_OF_KEY, MIGRATIONS, VERSION
from presence_tui.history.write_queue import AccountEntry, PersonEntry
from tests.unit.history.history_fixtures import ME, change, rows, seqs, writing


def tables(connection: sqlite3.Connection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}


def file_of_version(path: Path, version: int) -> None:
    """A file as written by that version."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        for script in MIGRATIONS[:version]:
            connection.executescript(script)
        connection.execute(f"PRAGMA user_version = {version}")


def test_the_first_version_is_brought_up_to_date_and_loses_nothing(path: Path) -> None:
    file_of_version(path, 1)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO runs (gateway, began_s, seen_s) VALUES ('g', 1, 2)")
        errors = change(7)[:14]
        connection.execute(
            f"INSERT INTO changes VALUES (NULL, 1, {', '.join('?' * len(errors))})", [*map(_plain, errors)]
        )
    with writing(path) as writer:
        writer.post([AccountEntry(ME, ME), PersonEntry("u-ada", "", "", False, None, None, None, "{}")])
        writer.post([change(8)])
    assert seqs(path) == [7, 8]
    assert rows(path, "SELECT key FROM people") == ["u-ada"]
    assert rows(path, "PRAGMA user_version") == [VERSION]
    assert rows(path, f"SELECT seq FROM {CHANGES_OF_KEY} WHERE minutes.key = 'u-ada' ORDER BY seq") == [7, 8]


def test_every_version_leads_to_the_same_tables(path: Path, tmp_path: Path) -> None:
    with closing(open_database(path)) as connection:
        fresh = tables(connection)
    assert fresh
    for version in range(VERSION + 1):
        older = tmp_path / f"of version {version}" / "history.sqlite"
        file_of_version(older, version)
        with closing(open_database(older)) as connection:
            assert tables(connection) == fresh


def test_a_migration_that_was_cut_short_did_not_happen(path: Path) -> None:
    file_of_version(path, 1)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE conversations (half INTEGER)")
    with closing(open_database(path)) as connection:
        assert connection.execute("SELECT count(*) FROM conversations").fetchone() == (0,)
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)


def test_space_that_becomes_free_can_go_back_to_the_disk(path: Path) -> None:
    with closing(open_database(path)) as connection:
        assert connection.execute("PRAGMA auto_vacuum").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, str) else value
