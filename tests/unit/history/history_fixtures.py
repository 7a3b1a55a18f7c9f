"""Histories in temporary files, written without pauses and read back as rows."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause, Source, State
from presence_tui.domain.translatable import Phrase
from presence_tui.history.retention import RetentionLimits
from presence_tui.history.writer import Writer
from tests.unit.clock import START_S, FakeClock

GATEWAY = "https://gate.example"
ME = "u-me"
PATIENCE_S = 20.0
"""Time limit for expected results; passing tests never wait this long."""


def change(number: float, flag: bool | None = True, *, cause: Cause = Cause.MOVED, **fields: Any) -> Change:
    """An arrival or departure, this many seconds after the start."""
    states = (State.OFFLINE, State.ONLINE) if flag else (State.ONLINE, State.OFFLINE)
    errors: dict[str, Any] = {
        "at_s": START_S + number,
        "cause": cause,
        "key": "u-ada",
        "name": "Ada Okafor",
        "before": states[0],
        "after": states[1],
        "flag_before": None if flag is None else not flag,
        "flag": flag,
        "last_active_s": None,
        "source": Source.EVENT,
        "epoch": 1,
        "seq": number,
    }
    return Change(**{**errors, **fields})


class ErrorRecorder:
    """Records the errors of a writer."""

    def __init__(self) -> None:
        self.phrases: list[Phrase] = []
        self.begun_anew = 0

    @property
    def sentences(self) -> list[str]:
        return [str(phrase) for phrase in self.phrases]

    def anew(self) -> None:
        self.begun_anew += 1


@contextmanager
def writing(path: Path, errors: ErrorRecorder | None = None, **options: Any) -> Iterator[Writer]:
    """A writer that is closed at the end of the block."""
    errors = errors or ErrorRecorder()
    settings: dict[str, Any] = {
        "gateway": GATEWAY,
        "clock": FakeClock(),
        "limits": RetentionLimits(),
        "batch_s": 0.0,
        "retry_s": 0.01,
        "check_after_s": 0.0,
    }
    writer = Writer(path, on_error=errors.phrases.append, on_restarted=errors.anew, **{**settings, **options})
    writer.start()
    try:
        yield writer
    finally:
        writer.close(PATIENCE_S)


def rows(path: Path, query: str, *values: object) -> list[Any]:
    """Rows of a query; single columns as plain values."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(query, values).fetchall()
    return [row[0] if len(row) == 1 else row for row in found]


def seqs(path: Path) -> list[int]:
    """Sequence numbers of the stored changes."""
    return rows(path, "SELECT seq FROM changes ORDER BY id")
