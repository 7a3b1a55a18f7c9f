"""The database file: opening, permissions, and renaming a damaged one."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from presence_tui.domain.system_reasons import reason_of
from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.history.schema import NewerVersion, known_version, migrate
from presence_tui.storage.private_files import open_own
from presence_tui.storage.state_files import locked
from presence_tui.wire.sanitize import MESSAGE_CELLS, safe_text

BUSY_LIMIT_S: Final = 5.0
"""Time limit for locks of other processes that write to the same file."""

_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_FULL: Final = frozenset({sqlite3.SQLITE_FULL})
_BESIDE: Final = ("", "-wal", "-shm")
"""Suffixes of the files in WAL mode."""
_STEPS_BETWEEN_LOOKS: Final = 100_000
"""Steps of SQLite's virtual machine: some milliseconds."""

_LOCK_NAME: Final = "history.lock"
"""Lock against other processes that create, migrate or rename the file."""

FileIdentity = tuple[int, int]
"""Device and inode, to detect another file under the same name."""


class DatabaseDamaged(Exception):
    """The file is not a database, or is corrupt."""


class DatabaseUnusable(Exception):
    """Writing is not possible now; ``sentence`` says why. A retry may work."""

    def __init__(self, sentence: Phrase, *, for_good: bool = False) -> None:
        self.sentence = sentence
        self.for_good = for_good
        """True if retrying is useless."""
        super().__init__(str(sentence))


def open_database(path: Path) -> sqlite3.Connection:
    """Open the file, create it if missing, and migrate it to the current version.

    Use the connection only in the calling thread. Raises ``DatabaseDamaged`` and ``DatabaseUnusable``.
    """
    try:
        _make_private(path)
        with locked(path.parent / _LOCK_NAME):
            return _connect(path)
    except OSError as problem:
        raise DatabaseUnusable(_cannot_be_written(path, reason_of(problem))) from problem


def open_for_reading(path: Path, busy_limit_s: float = BUSY_LIMIT_S) -> sqlite3.Connection:
    """Open a file already opened by ``open_database``. Raises ``sqlite3`` errors."""
    connection = sqlite3.connect(f"file:{_quoted(path)}?mode=rw", uri=True, timeout=busy_limit_s)
    connection.execute("PRAGMA query_only = 1")
    return connection


def identity_of(path: Path) -> FileIdentity | None:
    """Identity of the file at a path; ``None`` if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def set_aside(path: Path, damaged: FileIdentity | None) -> str | None:
    """Rename a damaged file and return the new name; ``None`` if another process already did.

    Nothing is ever deleted. Raises ``DatabaseUnusable``.
    """
    try:
        with locked(path.parent / _LOCK_NAME):
            if damaged is None or identity_of(path) != damaged:
                return None
            aside = _free_name(path)
            for suffix in _BESIDE:
                with suppress(FileNotFoundError):
                    Path(f"{path}{suffix}").rename(f"{aside}{suffix}")
            return aside.name
    except OSError as problem:
        raise DatabaseUnusable(_cannot_be_written(path, reason_of(problem))) from problem


def problem_text(path: Path, problem: sqlite3.Error) -> DatabaseDamaged | DatabaseUnusable:
    """Convert an SQLite error."""
    # The low byte is the kind of error, the rest its detail.
    code = getattr(problem, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGED:
        return DatabaseDamaged()
    if code in _FULL:
        return DatabaseUnusable(
            phrase(
                "The disk of {path} is full, so the history is not written. The watch goes on. "
                "Free some space; it is tried again by itself.",
                path=_shown(path),
            )
        )
    return DatabaseUnusable(_cannot_be_written(path, str(problem)))


def check_integrity(path: Path, give_up: Callable[[], bool]) -> bool:
    """Check the whole file. True if it is damaged; errors that prevent the check do not count."""
    try:
        with closing(open_for_reading(path)) as connection:
            connection.set_progress_handler(give_up, _STEPS_BETWEEN_LOOKS)
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as problem:
        return isinstance(problem_text(path, problem), DatabaseDamaged)
    return bool(found[0] != "ok")


def _make_private(path: Path) -> None:
    """Make folder and file private before anything is written; SQLite gives its other files the same mode.

    Follows no link, because the mode of its target must not be changed.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = open_own(path, os.O_RDWR)
    try:
        os.fchmod(descriptor, 0o600)
        if not path.parent.is_symlink():
            path.parent.chmod(0o700)
    finally:
        os.close(descriptor)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_LIMIT_S, isolation_level=None)
    try:
        # First, because the file of a newer version must not be changed.
        known_version(connection)
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        # A killed process loses nothing that was committed; only a power failure may.
        connection.execute("PRAGMA synchronous = NORMAL")
        migrate(connection)
    except NewerVersion as newer:
        connection.close()
        raise DatabaseUnusable(
            phrase("The history {path} is of a later version; nothing is kept.", path=_shown(path)),
            for_good=True,
        ) from newer
    except sqlite3.Error as problem:
        connection.close()
        raise problem_text(path, problem) from problem
    return connection


def _free_name(path: Path) -> Path:
    stem = f"{path.name}.damaged-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    names = [stem, *(f"{stem}-{number}" for number in range(2, 1_000))]
    return next(aside for name in names if not (aside := path.with_name(name)).exists())


def _cannot_be_written(path: Path, reason: str | Phrase) -> Phrase:
    return phrase(
        "The history {path} cannot be written: {reason}. The watch goes on; it is tried again by itself.",
        path=_shown(path),
        reason=safe_text(reason, MESSAGE_CELLS).rstrip(".") if isinstance(reason, str) else reason,
    )


def _shown(path: Path) -> str:
    return safe_text(str(path), MESSAGE_CELLS)


def _quoted(path: Path) -> str:
    """Quote a path for a URI."""
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
