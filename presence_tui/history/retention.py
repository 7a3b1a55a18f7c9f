"""Retention: deletes entries older than a limit, and the oldest ones if the file is too large.

In steps of a few milliseconds, because other processes write to the same file.
"""

import sqlite3
from dataclasses import dataclass
from typing import Final

from presence_tui.history.schema import MINUTE_S

STEP_ROWS: Final = 2_000
STEP_PAGES: Final = 500
_DAY_S: Final = 86_400
_FORGET_MINUTES: Final = f"""
DELETE FROM minutes WHERE key IN (SELECT key FROM changes WHERE at_s <= :upto_s)
AND minute < CAST(:upto_s / {MINUTE_S} AS INTEGER)
"""
"""Index entries of deleted changes; that of the last, partial minute is deleted with a later step."""


@dataclass(frozen=True, slots=True)
class RetentionLimits:
    """Limits in days and in bytes of the file, whichever is reached first."""

    days: float = 30
    max_bytes: int = 256 * 2**20


def used_bytes(connection: sqlite3.Connection) -> int:
    """Size of the file without free pages."""
    pages: int = connection.execute("PRAGMA page_count").fetchone()[0]
    free: int = connection.execute("PRAGMA freelist_count").fetchone()[0]
    size: int = connection.execute("PRAGMA page_size").fetchone()[0]
    return (pages - free) * size


def prune_step(
    connection: sqlite3.Connection, limits: RetentionLimits, now_s: float, rows: int = STEP_ROWS
) -> bool:
    """Delete a few entries in one transaction. True if there are more to delete."""
    too_old_s = now_s - limits.days * _DAY_S
    too_big = used_bytes(connection) > limits.max_bytes
    connection.execute("BEGIN IMMEDIATE")
    try:
        # The oldest changes, and everything else up to their time.
        step_s: float | None = connection.execute(
            "SELECT max(at_s) FROM (SELECT at_s FROM changes ORDER BY at_s LIMIT ?)", (rows,)
        ).fetchone()[0]
        upto_s = too_old_s if step_s is None else step_s if too_big else min(step_s, too_old_s)
        is_last = step_s is None or (step_s > too_old_s and not too_big)
        connection.execute(_FORGET_MINUTES, {"upto_s": upto_s})
        connection.execute("DELETE FROM changes WHERE at_s <= ?", (upto_s,))
        connection.execute("DELETE FROM links WHERE at_s <= ?", (upto_s,))
        connection.execute("UPDATE horizon SET at_s = max(at_s, ?)", (upto_s,))
        if is_last:
            _forget_runs(connection, too_old_s)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    # Return free pages at the end of the file to the disk.
    connection.execute(f"PRAGMA incremental_vacuum({STEP_PAGES})").fetchall()
    return not is_last


def _forget_runs(connection: sqlite3.Connection, too_old_s: float) -> None:
    """Delete empty runs and their spans, and rosters of accounts without runs."""
    connection.execute("DELETE FROM spans WHERE until_s < ?", (too_old_s,))
    connection.execute("DELETE FROM unrecorded WHERE until_s < ?", (too_old_s,))
    connection.execute("DELETE FROM missed WHERE until_s < ?", (too_old_s,))
    connection.execute(
        "DELETE FROM runs WHERE seen_s < ? AND NOT EXISTS (SELECT 1 FROM changes WHERE run = runs.id) "
        "AND NOT EXISTS (SELECT 1 FROM links WHERE run = runs.id) "
        "AND NOT EXISTS (SELECT 1 FROM spans WHERE run = runs.id) "
        "AND NOT EXISTS (SELECT 1 FROM unrecorded WHERE run = runs.id) "
        "AND NOT EXISTS (SELECT 1 FROM missed WHERE run = runs.id)",
        (too_old_s,),
    )
    unwatched = "account NOT IN (SELECT account FROM runs WHERE account IS NOT NULL)"
    for table in ("people", "conversations"):
        connection.execute(f"DELETE FROM {table} WHERE {unwatched}")
    connection.execute(
        "DELETE FROM accounts WHERE id NOT IN (SELECT account FROM runs WHERE account IS NOT NULL)"
    )
