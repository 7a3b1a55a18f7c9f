"""Files are written completely or not at all, are private, and never overwrite another file unasked."""

import errno
import os
import stat
from pathlib import Path

import pytest

from presence_tui.tui.exports.new_file import file_name, why_not, write_new


def names_in(folder: Path) -> list[str]:
    """Names of all files in a folder, hidden ones included."""
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_is_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "crew.csv"
    write_new(path, b"ada")

    assert path.read_bytes() == b"ada"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert names_in(tmp_path) == ["crew.csv"]


def test_what_is_there_stays_until_it_is_to_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "crew.csv"
    path.write_bytes(b"before")

    with pytest.raises(FileExistsError):
        write_new(path, b"ada")
    assert path.read_bytes() == b"before"

    write_new(path, b"ada", replace=True)
    assert path.read_bytes() == b"ada"
    assert names_in(tmp_path) == ["crew.csv"]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    aim = tmp_path / "precious"
    aim.write_bytes(b"before")
    link = tmp_path / "crew.csv"
    link.symlink_to(aim)

    with pytest.raises(FileExistsError):
        write_new(link, b"ada")
    write_new(link, b"ada", replace=True)
    assert (aim.read_bytes(), link.read_bytes(), link.is_symlink()) == (b"before", b"ada", False)


@pytest.mark.parametrize("taken", [False, True])
def test_a_disk_without_links_serves_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: bool
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    path = tmp_path / "crew.csv"
    if taken:
        path.write_bytes(b"before")
        with pytest.raises(FileExistsError):
            write_new(path, b"ada")
    else:
        write_new(path, b"ada")
    assert path.read_bytes() == (b"before" if taken else b"ada")
    assert names_in(tmp_path) == ["crew.csv"]


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("step", ["fsync", "link", "rename"])
def test_where_it_fails_nothing_is_left_and_what_was_there_is_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, replace: bool
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    if step == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr(Path, "hardlink_to", fail if step == "link" else refuse)
        monkeypatch.setattr(Path, "replace", fail)
    path = tmp_path / "crew.csv"
    if replace:
        path.write_bytes(b"before")

    with pytest.raises(OSError, match="no space"):
        write_new(path, b"ada", replace=replace)
    assert names_in(tmp_path) == (["crew.csv"] if replace else [])
    assert not replace or path.read_bytes() == b"before"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("missing/crew.csv", "There is no folder {folder}/missing; choose one that is there."),
        ("file/crew.csv", "There is no folder {folder}/file; choose one that is there."),
        ("folder", "{folder}/folder is a folder; name a file."),
        ("x" * 300, "The name is too long; choose a shorter one."),
    ],
)
def test_what_goes_wrong_is_a_sentence_with_a_way_on(tmp_path: Path, path: str, said: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    whole = tmp_path / path

    with pytest.raises(OSError) as raised:
        write_new(whole, b"ada", replace=True)
    assert str(why_not(whole, raised.value)) == said.format(folder=tmp_path)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "The disk of /tmp is full; nothing was written. Choose another."),
        (errno.EDQUOT, "The disk of /tmp is full; nothing was written. Choose another."),
        (errno.EACCES, "You may not write in /tmp; choose another folder."),
        (errno.EROFS, "You may not write in /tmp; choose another folder."),
        (errno.EIO, "/tmp/␛[2J.csv cannot be written: it broke."),
    ],
)
def test_hostile_folders_and_broken_disks(number: int, said: str) -> None:
    assert str(why_not(Path("/tmp/\x1b[2J.csv"), OSError(number, "it broke"))) == said


@pytest.mark.parametrize(
    ("subject", "begins"),
    [
        ("Harbour crew", "harbour-crew-2"),
        ("../../etc/passwd", "etc-passwd-2"),
        ("Équipe n° 1 | «x»", "equipe-n-1-x-2"),
        ("港", "presence-2"),
        ("", "presence-2"),
        ("a" * 100, "a" * 48 + "-2"),
    ],
)
def test_names_of_files_say_what_is_in_them_and_name_no_folder(subject: str, begins: str) -> None:
    name = file_name(subject, 1_795_428_942.0)

    assert name.startswith(begins)
    assert "/" not in name and "." not in name
