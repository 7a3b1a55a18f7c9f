"""Killed processes and full disks: written entries stay, errors are reported."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from presence_tui.history.database import check_integrity
from presence_tui.history.history import SAVE_PEOPLE_S
from presence_tui.history.writer import BATCH_S
from tests.integration.cli.command_line import ROOT
from tests.unit.history.history_fixtures import rows, seqs, writing


@contextmanager
def suffering(path: Path, how: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.integration.history.history_crash_child", str(path), how]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def next_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("lines", [1, 7, 30])
def test_a_killed_process_loses_no_written_rows(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "history.sqlite"
    with suffering(path, "steady") as process:
        for _ in range(lines):
            written = int(next_line(process))
        process.kill()
        process.wait()
    assert not check_integrity(path, lambda: False)
    kept = seqs(path)
    assert kept == list(range(len(kept))), "no row is missing in between"
    assert len(kept) > written
    assert rows(path, "SELECT ended_s FROM runs") == [None]
    with writing(path):
        pass
    assert seqs(path) == kept, "the next run continues the same file"


def test_what_is_not_yet_written_is_of_the_last_second() -> None:
    """Changes are collected in the writer only; participants also before it."""
    assert BATCH_S + SAVE_PEOPLE_S < 1


def test_a_full_disk_is_reported_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    with suffering(path, "full") as process:
        sentence, posted = next_line(process), int(next_line(process))
        process.wait()
    assert "The watch goes on" in sentence and "tried again by itself" in sentence
    assert seqs(path) == list(range(posted))
    assert not check_integrity(path, lambda: False)
