"""The writer thread. Other threads post entries without waiting."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path
from typing import Final

from presence_tui.domain.translatable import Phrase, phrase
from presence_tui.history import row_writers
from presence_tui.history.database import (
    DatabaseDamaged,
    DatabaseUnusable,
    FileIdentity,
    check_integrity,
    identity_of,
    open_database,
    problem_text,
    set_aside,
)
from presence_tui.history.retention import RetentionLimits, prune_step, used_bytes
from presence_tui.history.write_queue import AccountEntry, ConversationsEntry, Entry, PersonEntry, WriteQueue
from presence_tui.store.clock import Clock

_logger = logging.getLogger(__name__)

BATCH_S: Final = 0.4
"""Delay that collects entries before writing: a killed process loses at most this much."""
RETRY_S: Final = 10.0
"""Delay before a retry."""
CHECK_AFTER_S: Final = 2.0
"""Delay of the integrity check, to leave start-up to the screen."""
MOST_WAITING: Final = 250_000
"""Maximum entries in memory while the disk is unwritable."""
_PRUNE_EVERY_S: Final = 3_600.0
_PRUNE_PAUSE_S: Final = 0.2
"""Delay between steps of pruning."""

_OF_AN_ACCOUNT: Final = (PersonEntry, ConversationsEntry)


class Writer:
    """Writes posted entries in batches. A disk error is reported once, and writing retried.

    ``on_error`` is called in the writer's thread with a sentence, and ``on_restarted`` after
    another file was started, which needs all participants.
    """

    def __init__(
        self,
        path: Path,
        gateway: str,
        clock: Clock,
        limits: RetentionLimits,
        *,
        on_error: Callable[[Phrase], None],
        on_restarted: Callable[[], None] = lambda: None,
        batch_s: float = BATCH_S,
        retry_s: float = RETRY_S,
        check_after_s: float = CHECK_AFTER_S,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._path = path
        self._gateway = gateway
        self._clock = clock
        self._limits = limits
        self._on_error = on_error
        self._on_restarted = on_restarted
        self._batch_s = batch_s
        self._retry_s = retry_s
        self._check_after_s = check_after_s
        self._queue = WriteQueue(most_waiting)
        self._opened = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="history", daemon=True)
        self._checker = threading.Thread(target=self._check, name="history-check", daemon=True)

        # Used only by the thread from here on.
        self._connection: sqlite3.Connection | None = None
        self._identity: FileIdentity | None = None
        self._damaged: FileIdentity | None = None
        """The file that the integrity check found damaged."""
        self._run = 0
        self._known: AccountEntry | None = None
        self._account: int | None = None
        self._trouble = ""
        self._prune_due_s = 0.0

    def start(self) -> None:
        """Start the thread, which opens the file."""
        self._thread.start()

    def wait_until_opened(self, limit_s: float) -> bool:
        """Wait until opening succeeded or failed; false if that takes longer."""
        return self._opened.wait(limit_s)

    def post(self, entries: Iterable[Entry]) -> None:
        """Queue entries. Never waits for the disk."""
        if not self._closing.is_set():
            self._queue.post(entries)

    def wait_until_written(self, limit_s: float) -> bool:
        """Wait until all posted entries are written; false if that takes longer."""
        return self._queue.wait_until_written(limit_s)

    def close(self, limit_s: float) -> None:
        """Write pending entries and end the run. Gives up on a disk that hangs after ``limit_s``."""
        self._closing.set()
        self._queue.wake()
        self._thread.join(limit_s)

    # In the thread.

    def _work(self) -> None:
        self._attempt(self._open)
        self._opened.set()
        self._checker.start()
        while not self._closing.is_set():
            self._queue.wait(self._until_pruning_s())
            self._closing.wait(self._batch_s)
            self._attempt(self._write_and_prune)
            if self._trouble:
                self._closing.wait(self._retry_s)
        self._attempt(self._end)
        self._checker.join()

    def _attempt(self, do: Callable[[], None]) -> None:
        """Run an action on the file and handle its errors."""
        try:
            try:
                do()
            except DatabaseDamaged:
                self._start_over()
                do()
        except DatabaseDamaged:
            sentence = phrase(
                "The history was damaged again at once, so nothing is kept for now. Check the disk."
            )
            self._report_problem(DatabaseUnusable(sentence))
        except DatabaseUnusable as problem:
            self._report_problem(problem)

    def _write_and_prune(self) -> None:
        connection = self._connection_now()
        self._write(connection)
        try:
            self._prune(connection)
        except sqlite3.Error as problem:
            raise problem_text(self._path, problem) from problem
        if self._trouble:
            self._trouble = ""
            self._on_error(phrase("The history is written again."))

    def _end(self) -> None:
        connection = self._connection_now()
        self._write(connection, ended=True)
        self._drop_connection()

    def _write(self, connection: sqlite3.Connection, *, ended: bool = False) -> None:
        """Write queued entries in one transaction; on an error it is rolled back and they are queued
        again.
        """
        batch = self._queue.drain()
        before = self._known, self._account, self._run
        try:
            if batch or ended:
                connection.execute("BEGIN IMMEDIATE")
                self._write_entries(connection, batch)
                row_writers.update_run(connection, self._run, self._clock.stamp().wall_s, ended=ended)
                connection.execute("COMMIT")
        except sqlite3.Error as problem:
            self._known, self._account, self._run = before
            self._queue.requeue(batch)
            # Closing the connection rolls back the transaction.
            self._drop_connection()
            raise problem_text(self._path, problem) from problem
        self._queue.done()

    def _write_entries(self, connection: sqlite3.Connection, batch: list[Entry]) -> None:
        for kind, group in groupby(batch, type):
            if kind is AccountEntry:
                for entry in group:
                    assert isinstance(entry, AccountEntry), "it is of its type"
                    self._set_account(connection, entry)
            elif self._account is not None or kind not in _OF_AN_ACCOUNT:
                row_writers.WRITES[kind](connection, self._run, self._account, list(group))

    def _set_account(self, connection: sqlite3.Connection, known: AccountEntry) -> None:
        """Assign the run to an account; if it had another one, end it and begin the next."""
        account = row_writers.set_account(connection, self._gateway, known.key, known.hint)
        if self._account not in (None, account):
            now_s = self._clock.stamp().wall_s
            row_writers.update_run(connection, self._run, now_s, ended=True)
            self._run = row_writers.begin_run(connection, self._gateway, account, now_s)
        connection.execute("UPDATE runs SET account = ? WHERE id = ?", (account, self._run))
        self._known, self._account = known, account

    def _prune(self, connection: sqlite3.Connection) -> None:
        now_s = self._clock.stamp().wall_s
        if now_s >= self._prune_due_s or used_bytes(connection) > self._limits.max_bytes:
            has_more = prune_step(connection, self._limits, now_s)
            self._prune_due_s = now_s if has_more else now_s + _PRUNE_EVERY_S

    def _until_pruning_s(self) -> float:
        due_s = self._prune_due_s - self._clock.stamp().wall_s
        return min(max(due_s, _PRUNE_PAUSE_S), _PRUNE_EVERY_S)

    # Handling of the file.

    def _connection_now(self) -> sqlite3.Connection:
        """The connection to the current file. Raises ``DatabaseDamaged`` and ``DatabaseUnusable``."""
        damaged, self._damaged = self._damaged, None
        if damaged is not None and damaged == self._identity:
            raise DatabaseDamaged
        if self._connection is not None and identity_of(self._path) != self._identity:
            # The file was moved or removed, so writing to it would lose entries.
            self._drop_connection()
        if self._connection is None:
            self._open()
        assert self._connection is not None, "it was opened, or an error was raised"
        return self._connection

    def _open(self) -> None:
        self._drop_connection()
        before, self._identity = self._identity, identity_of(self._path)
        connection = open_database(self._path)
        self._identity = identity_of(self._path)
        try:
            if not self._run or self._identity != before:
                self._begin_run(connection)
        except sqlite3.Error as problem:
            connection.close()
            raise problem_text(self._path, problem) from problem
        self._connection = connection
        if before not in (None, self._identity):
            self._on_restarted()

    def _begin_run(self, connection: sqlite3.Connection) -> None:
        self._account = None
        if self._known is not None:
            self._account = row_writers.set_account(
                connection, self._gateway, self._known.key, self._known.hint
            )
        now_s = self._clock.stamp().wall_s
        self._run = row_writers.begin_run(connection, self._gateway, self._account, now_s)

    def _start_over(self) -> None:
        """Rename the damaged file and start another."""
        self._drop_connection()
        name = set_aside(self._path, self._identity)
        if name is not None:
            sentence = phrase(
                "The history was damaged. It is set aside as {name}; a new one is begun.", name=name
            )
            self._on_error(sentence)
        self._open()

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _report_problem(self, problem: DatabaseUnusable) -> None:
        self._drop_connection()
        _logger.warning("history: %s", problem)
        if self._trouble != problem.sentence.template:
            self._trouble = problem.sentence.template
            self._on_error(problem.sentence)
        if problem.for_good:
            self._closing.set()

    def _check(self) -> None:
        """Check the integrity of the file once, in a separate thread because it is slow."""
        if self._closing.wait(self._check_after_s):
            return
        identity = self._identity
        if identity is not None and check_integrity(self._path, self._closing.is_set):
            self._damaged = identity
            self._queue.wake()
