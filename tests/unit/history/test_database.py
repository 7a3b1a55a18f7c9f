"""The database file is found under any name."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from presence_tui.history.database import (
    DatabaseDamaged,
    DatabaseUnusable,
    identity_of,
    open_database,
    open_for_reading,
    problem_text,
    set_aside,
)
from presence_tui.history.schema import VERSION


@pytest.mark.parametrize("folder", ["a#b", "a?mode=memory", "a%23b", "é b"])
def test_a_file_is_read_whatever_its_path_contains(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / "history.sqlite"
    with closing(open_database(path)) as connection:
        connection.execute("CREATE TABLE of_this_file (number)")
    with closing(open_for_reading(path)) as connection:
        assert connection.execute("SELECT count(*) FROM of_this_file").fetchone() == (0,)
    assert [each.name for each in tmp_path.iterdir()] == [folder]


WATCH_GOES_ON = "The watch goes on; it is tried again by itself."


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    path = tmp_path / "some" / "more" / "history.sqlite"
    with closing(open_database(path)) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (1,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA auto_vacuum").fetchone() == (2,)
    assert path.is_file()


def test_a_later_version_is_unusable_for_good(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    with closing(open_database(path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(DatabaseUnusable) as raised:
        open_database(path)
    assert raised.value.for_good is True
    assert str(raised.value) == f"The history {path} is of a later version; nothing is kept."


def test_a_folder_that_is_a_file_is_said_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "file" / "history.sqlite"
    path.parent.write_text("a file")
    for attempt in (lambda: open_database(path), lambda: set_aside(path, (1, 2))):
        with pytest.raises(DatabaseUnusable) as raised:
            attempt()
        assert raised.value.for_good is False
        assert str(raised.value).startswith(f"The history {path} cannot be written: ")
        assert str(raised.value).endswith(f". {WATCH_GOES_ON}")
        assert "None" not in str(raised.value)


def error_with(code: int, text: str) -> sqlite3.Error:
    problem = sqlite3.OperationalError(text)
    problem.sqlite_errorcode = code
    return problem


def test_errors_of_sqlite_are_told_apart() -> None:
    path = Path("/home/ada/history.sqlite")
    for code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT | 1 << 8):
        assert isinstance(problem_text(path, error_with(code, "malformed")), DatabaseDamaged)
    full, locked = (
        problem_text(path, error_with(code, "It is locked.\x1b."))
        for code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY)
    )
    assert str(full) == (
        f"The disk of {path} is full, so the history is not written. The watch goes on. "
        "Free some space; it is tried again by itself."
    )
    assert str(locked) == f"The history {path} cannot be written: It is locked.␛. {WATCH_GOES_ON}"
    plain = problem_text(path, sqlite3.OperationalError("no such table: X"))
    assert str(plain) == f"The history {path} cannot be written: no such table: X. {WATCH_GOES_ON}"


def test_a_damaged_file_keeps_its_beginning_of_the_name(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    names = set()
    for _ in range(3):
        path.write_text("damaged")
        Path(f"{path}-wal").write_text("beside it")
        name = set_aside(path, identity_of(path))
        assert name is not None and name.startswith("history.sqlite.damaged-2")
        assert (tmp_path / name).read_text() == "damaged"
        assert (tmp_path / f"{name}-wal").read_text() == "beside it"
        names.add(name)
    assert len(names) == 3 and not path.exists()
