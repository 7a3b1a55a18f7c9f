"""State files: atomic, and never fatal."""

import os
import stat
from pathlib import Path

import msgspec
import pytest

from presence_tui.storage.state_files import StateFile


class Books(msgspec.Struct):
    books: list[str] = []


def test_what_is_kept_comes_back_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "shelf.json"
    file = StateFile(path, Books)
    assert file.load() == (Books(), None)
    assert file.change(lambda kept: Books([*kept.books, "Émile"])) is None
    assert StateFile(path, Books).change(lambda kept: Books([*kept.books, "Emma"])) is None
    assert file.load() == (Books(["Émile", "Emma"]), None)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"books": 3}', b"\xff\xfe", b"[]", b'{"x":' + b"[" * 100_000]
)
def test_a_damaged_file_is_set_aside_and_reported_once(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "shelf.json"
    path.write_bytes(content)
    file = StateFile(path, Books)
    kept, trouble = file.load()
    assert kept == Books()
    assert str(trouble).endswith("is damaged; it was set aside as shelf.damaged.")
    assert file.load() == (Books(), None)
    assert (tmp_path / "shelf.damaged").read_bytes() == content


def test_a_damaged_one_is_set_aside_before_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "shelf.json"
    path.write_bytes(b"{")
    file = StateFile(path, Books)
    assert "set aside" in str(file.change(lambda kept: Books(["Emma"])))
    assert file.load() == (Books(["Emma"]), None)


def test_an_unreadable_or_unwritable_file_is_reported_and_kept(tmp_path: Path) -> None:
    in_the_way = tmp_path / "folder"
    in_the_way.mkdir()
    (in_the_way / "a").touch()
    kept, trouble = StateFile(in_the_way, Books).load()
    assert (kept, "cannot be read: Is a directory" in str(trouble)) == (Books(), True)
    below_a_file = StateFile(in_the_way / "a" / "shelf.json", Books)
    assert "cannot be written: " in str(below_a_file.change(lambda kept: kept))
    assert [each.name for each in in_the_way.iterdir()] == ["a"]


def test_a_pipe_in_place_of_one_is_told_and_holds_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "shelf.json"
    os.mkfifo(path)
    kept, trouble = StateFile(path, Books).load()
    assert (kept, "cannot be read: it is not a regular file" in str(trouble)) == (Books(), True)


def test_one_is_locked_through_no_link(tmp_path: Path) -> None:
    (tmp_path / "shelf.lock").symlink_to(tmp_path / "target")
    trouble = StateFile(tmp_path / "shelf.json", Books).change(lambda kept: kept)
    assert "cannot be written: it is a symbolic link" in str(trouble)
    assert not (tmp_path / "target").exists()
