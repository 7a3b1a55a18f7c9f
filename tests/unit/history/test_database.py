"""The database file is found under any name."""

from contextlib import closing
from pathlib import Path

import pytest

from presence_tui.history.database import open_database, open_for_reading


@pytest.mark.parametrize("folder", ["a#b", "a?mode=memory", "a%23b", "é b"])
def test_a_file_is_read_whatever_its_path_contains(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / "history.sqlite"
    with closing(open_database(path)) as connection:
        connection.execute("CREATE TABLE of_this_file (number)")
    with closing(open_for_reading(path)) as connection:
        assert connection.execute("SELECT count(*) FROM of_this_file").fetchone() == (0,)
    assert [each.name for each in tmp_path.iterdir()] == [folder]
