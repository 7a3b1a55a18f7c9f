"""Files for their owner alone: there whole or not at all."""

import stat
from pathlib import Path

import pytest

from presence_tui.transport.private_files import NotPrivate, read_private, write_private


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
