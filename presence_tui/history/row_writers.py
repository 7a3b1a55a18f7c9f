"""Writes entries as rows. All functions run in the writer's thread, inside its transaction."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import Any, Final

from presence_tui.domain.changes import Change
from presence_tui.domain.enums import Cause, Source, State
from presence_tui.domain.missed_events import MissedEvents
from presence_tui.history.schema import MINUTE_S
from presence_tui.history.write_queue import (
    ConversationsEntry,
    CoverageEntry,
    LinkEntry,
    PersonEntry,
    UnrecordedEntry,
)

# Plain values of enum members, for which SQLite would search its adapters.
_PLAIN: Final[Mapping[Any, str | None]] = {
    None: None,
    **{member: member.value for words in (Cause, Source, State) for member in words},
}
_BIT: Final[Mapping[bool | None, int | None]] = {None: None, False: 0, True: 1}

INSERT_CHANGES: Final = """
INSERT INTO changes
(run, at_s, cause, key, name, before, after, flag_before, flag, last_active_s, source, epoch, seq,
first_told, held_s)
"""
_ROWS_AT_ONCE: Final = 40
"""Rows per statement: SQLite releases the GIL for each, and a busy loop is slow to return it."""
_UPSERT_PERSON: Final = """
INSERT INTO people (account, key, name, handle, guest, flag, last_active_s, told_s, rosters, were_in)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
name = excluded.name, handle = excluded.handle, guest = excluded.guest, flag = excluded.flag,
last_active_s = excluded.last_active_s, told_s = excluded.told_s, rosters = excluded.rosters,
were_in = CASE WHEN rosters = excluded.rosters THEN were_in
ELSE json_patch(were_in, excluded.rosters) END
WHERE coalesce(excluded.told_s, 0) >= coalesce(told_s, 0)  -- another run may have heard more
"""

Write = Callable[[sqlite3.Connection, int, int | None, Sequence[Any]], None]
"""Writes entries of one kind: connection, run, account (``None`` if unknown), entries."""


def begin_run(connection: sqlite3.Connection, gateway: str, account: int | None, began_s: float) -> int:
    """Insert a new run and return its id."""
    cursor = connection.execute(
        "INSERT INTO runs (gateway, account, began_s, seen_s) VALUES (?, ?, ?, ?)",
        (gateway, account, began_s, began_s),
    )
    assert cursor.lastrowid is not None, "a row was inserted"
    return cursor.lastrowid


def set_account(connection: sqlite3.Connection, gateway: str, key: str, hint: str) -> int:
    """Insert or update an account and return its id."""
    row = connection.execute(
        "INSERT INTO accounts (gateway, key, hint) VALUES (?, ?, ?) "
        "ON CONFLICT DO UPDATE SET hint = excluded.hint RETURNING id",
        (gateway, key, hint),
    ).fetchone()
    found: int = row[0]
    return found


def update_run(connection: sqlite3.Connection, run: int, now_s: float, *, ended: bool = False) -> None:
    """Update the time the run was last alive, and its end."""
    ended_s = now_s if ended else None
    connection.execute("UPDATE runs SET seen_s = ?, ended_s = ? WHERE id = ?", (now_s, ended_s, run))


def _changes(connection: sqlite3.Connection, run: int, _: int | None, changes: Sequence[Change]) -> None:
    _insert_many(connection, INSERT_CHANGES, (_row(run, change) for change in changes))
    minutes = {(change.key, int(change.at_s // MINUTE_S)) for change in changes}
    _insert_many(connection, "INSERT OR IGNORE INTO minutes", minutes)


def _insert_many(connection: sqlite3.Connection, insert: str, rows: Iterable[Sequence[object]]) -> None:
    """Insert rows of equal length in few statements. ``insert`` is the statement up to its values."""
    left = iter(rows)
    while part := list(islice(left, _ROWS_AT_ONCE)):
        connection.execute(insert + _values(len(part), len(part[0])), list(chain.from_iterable(part)))


@lru_cache(maxsize=2 * _ROWS_AT_ONCE)
def _values(rows: int, columns: int) -> str:
    row = f"({', '.join('?' * columns)})"
    return f" VALUES {', '.join([row] * rows)}"


def _row(run: int, change: Change) -> tuple[object, ...]:
    """Values in the order of the columns."""
    (at_s, cause, key, name, before, after, flag_before, flag, last_active_s, source, epoch, seq,
     first_told, held_s, _) = change  # fmt: skip
    return (
        run, at_s, _PLAIN[cause], key, name, _PLAIN[before], _PLAIN[after], _BIT[flag_before], _BIT[flag],
        last_active_s, _PLAIN[source], epoch, seq, _BIT[first_told], held_s,
    )  # fmt: skip


def _links(connection: sqlite3.Connection, run: int, _: int | None, links: Sequence[LinkEntry]) -> None:
    connection.executemany(
        "INSERT INTO links (run, at_s, state, reason, epoch) VALUES (?, ?, ?, ?, ?)",
        [(run, *link) for link in links],
    )


def _spans(connection: sqlite3.Connection, run: int, _: int | None, spans: Sequence[CoverageEntry]) -> None:
    connection.executemany("INSERT OR REPLACE INTO spans VALUES (?, ?, ?)", [(run, *span) for span in spans])


def _losses(
    connection: sqlite3.Connection, run: int, _: int | None, losses: Sequence[UnrecordedEntry]
) -> None:
    connection.executemany("INSERT INTO unrecorded VALUES (?, ?, ?, ?)", [(run, *loss) for loss in losses])


def _missed(connection: sqlite3.Connection, run: int, _: int | None, gaps: Sequence[MissedEvents]) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO missed VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                run,
                gap.since_s,
                gap.until_s,
                gap.at_least,
                *(gap.estimate or (None, None, None)),
                gap.is_recovered,
                gap.replayed,
            )
            for gap in gaps
        ],
    )


def _people(
    connection: sqlite3.Connection, _: int, account: int | None, people: Sequence[PersonEntry]
) -> None:
    connection.executemany(_UPSERT_PERSON, [(account, *person, person.rosters) for person in people])


def _conversations(
    connection: sqlite3.Connection, _: int, account: int | None, lists: Sequence[ConversationsEntry]
) -> None:
    connection.execute("DELETE FROM conversations WHERE account = ?", (account,))
    connection.executemany(
        "INSERT OR IGNORE INTO conversations "
        "(account, place, id, title, identifier, member_count, member_count_capped) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                account,
                place,
                each.id,
                each.title,
                each.identifier,
                each.member_count,
                each.member_count_capped,
            )
            for place, each in enumerate(lists[-1].conversations)
        ],
    )


WRITES: Final[Mapping[type, Write]] = {
    Change: _changes,
    LinkEntry: _links,
    CoverageEntry: _spans,
    UnrecordedEntry: _losses,
    MissedEvents: _missed,
    PersonEntry: _people,
    ConversationsEntry: _conversations,
}
