"""Private files: written atomically, readable only by their owner."""

import os
import stat
from pathlib import Path

import pytest

from presence_tui.storage.private_files import (
    NotPrivate,
    NotRegular,
    open_own,
    open_private,
    read_private,
    read_regular,
    write_private,
)


def test_what_is_written_is_its_owners_alone_and_so_is_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "made" / "secret"
    write_private(path, b"one")
    write_private(path, b"two")
    assert read_private(path) == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_what_others_could_read_before_they_cannot_read_any_more(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"open")
    path.chmod(0o644)
    with pytest.raises(NotPrivate):
        read_private(path)
    write_private(path, b"closed")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"somebody else's")
    path = tmp_path / "secret"
    path.symlink_to(other)
    write_private(path, b"ours")
    assert (other.read_bytes(), path.is_symlink()) == (b"somebody else's", False)


def test_what_was_there_stays_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret"
    write_private(path, b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_private(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_pipe_in_place_of_a_file_is_an_error_and_no_wait(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path, 0o600)
    with pytest.raises(NotRegular, match="not a regular file"):
        read_regular(path, 100)
    with pytest.raises(NotRegular, match="not a regular file"):
        open_private(path, os.O_WRONLY)
    assert read_private(path) == b"", "the pipe has no writer"


def test_a_secret_comes_through_a_pipe_that_somebody_writes_to() -> None:
    """As from a shell: ``--token-file <(pass show gate)``."""
    reading, writing = os.pipe()
    with os.fdopen(reading), os.fdopen(writing, "wb") as secret:
        secret.write(b"one")
        secret.close()
        assert read_private(Path(f"/dev/fd/{reading}")) == b"one"


def test_no_more_than_the_bound_is_read(tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_bytes(b"x" * 1_000)
    assert read_regular(path, 10) == b"x" * 10


def test_what_is_opened_to_be_written_is_private_and_no_link(tmp_path: Path) -> None:
    path, link, loose = tmp_path / "new", tmp_path / "link", tmp_path / "loose"
    os.close(open_private(path, os.O_WRONLY))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    link.symlink_to(path)
    with pytest.raises(NotRegular, match="symbolic link"):
        open_private(link, os.O_WRONLY)
    loose.touch()
    loose.chmod(0o660)
    with pytest.raises(NotPrivate):
        open_private(loose, os.O_WRONLY)
    os.close(open_own(loose, os.O_WRONLY))
