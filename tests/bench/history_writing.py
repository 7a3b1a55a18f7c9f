"""History writes: changes a second until all of them are on disk.

Ours is the writer of a watch, without its pause, given a thousand changes at a time; the cost of handing them
over in the event loop is shown beside it. The baseline is plain ``executemany`` of prepared rows into the
same tables of another file, a thousand per transaction. Medians.
"""

import tempfile
import time
from pathlib import Path
from random import Random
from statistics import median

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause, Source, State
from presence_tui.domain.translatable import Phrase
from presence_tui.history import row_writers
from presence_tui.history.database import open_database
from presence_tui.history.retention import RetentionLimits
from presence_tui.history.schema import MINUTE_S
from presence_tui.history.writer import Writer
from presence_tui.store.clock import SystemClock
from tests.bench.own_process import in_own_process
from tests.bench.population import key_of, name_of
from tests.bench.report import Result

LEAST_OF_PLAIN = 0.8
LEAST_A_SECOND = 1_000
BATCH = 1_000
PARTICIPANTS = 10_000
LIMIT_S = 120.0
INSERT_MINUTE = "INSERT OR IGNORE INTO minutes VALUES (?, ?)"
INSERT_CHANGE = f"{row_writers.INSERT_CHANGES} VALUES ({', '.join('?' * 15)})"


def measure(changes: int, rounds: int) -> list[Result]:
    """One row, in changes a second."""
    plain = median(in_own_process(plain_changes_a_second, changes) for _ in range(rounds))
    found = [in_own_process(our_changes_a_second, changes) for _ in range(rounds)]
    ours = median(each[0] for each in found)
    posting_us = median(each[1] for each in found)
    return [
        Result(
            name="changes into the history",
            baseline_name="plain executemany, rows ready",
            baseline=plain,
            ours=ours,
            unit="changes/s",
            goal=f"≥ {LEAST_OF_PLAIN}×, ≥ {LEAST_A_SECOND:,} a second",
            met=ours >= max(plain * LEAST_OF_PLAIN, LEAST_A_SECOND),
            notes=(f"handing one over takes {posting_us:.2f} µs of the loop",),
            figures={"posting_us": posting_us},
        )
    ]


def plain_changes_a_second(count: int) -> float:
    rows = [
        (1, at_s, str(cause), key, name, str(before), str(after), int(flag_before or 0), int(flag or 0),
         last_active_s, str(source), epoch, seq, int(first_told), held_s)
        for at_s, cause, key, name, before, after, flag_before, flag, last_active_s, source, epoch, seq,
        first_told, held_s, _ in _changes(count)
    ]  # fmt: skip
    minutes = [(row[3], int(row[1] // MINUTE_S)) for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        connection = open_database(Path(folder) / "history" / "history.sqlite")
        row_writers.begin_run(connection, "gateway", None, 0.0)
        began_s = time.perf_counter()
        for start in range(0, count, BATCH):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(INSERT_CHANGE, rows[start : start + BATCH])
            connection.executemany(
                "INSERT OR IGNORE INTO minutes VALUES (?, ?)", minutes[start : start + BATCH]
            )
            connection.execute("COMMIT")
        taken_s = time.perf_counter() - began_s
        connection.close()
    return count / taken_s


def our_changes_a_second(count: int) -> tuple[float, float]:
    """Changes a second, and microseconds to hand one over."""
    changes = _changes(count)
    troubles: list[Phrase] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history" / "history.sqlite"
        writer = Writer(
            path,
            "gateway",
            SystemClock(),
            RetentionLimits(),
            on_error=troubles.append,
            batch_s=0.0,
            check_after_s=LIMIT_S,
        )
        writer.start()
        assert writer.wait_until_opened(LIMIT_S)
        began_s = time.perf_counter()
        for start in range(0, count, BATCH):
            writer.post(changes[start : start + BATCH])
        posted_s = time.perf_counter() - began_s
        assert writer.wait_until_written(LIMIT_S)
        taken_s = time.perf_counter() - began_s
        writer.close(LIMIT_S)
        kept = open_database(path).execute("SELECT count(*) FROM changes").fetchone()[0]
    assert (kept, troubles) == (count, []), "not every change was written"
    return count / taken_s, posted_s / count * 1_000_000


def _changes(count: int) -> list[Change]:
    random, now_s = Random(7), time.time()
    states = State.OFFLINE, State.ONLINE
    found = []
    for seq in range(count):
        number, flag, at_s = random.randrange(PARTICIPANTS), bool(seq % 2), now_s + seq / 1_000
        before, after = states if flag else states[::-1]
        found.append(
            Change(at_s, Cause.MOVED, key_of(number), name_of(number), before, after, not flag, flag, at_s,
                   Source.EVENT, 1, seq, False, 12.5)
        )  # fmt: skip
    return found
