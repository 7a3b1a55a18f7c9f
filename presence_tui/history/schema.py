"""The schema, and the migrations from earlier versions.

Times are Unix seconds of this machine's wall clock, except ``last_active_s``, which is by the gateway's.
"""

import sqlite3
from typing import Final

from presence_tui.domain.evidence import LATEST_S

MINUTE_S: Final = 60.0

MIGRATIONS: Final = (
    # Version 1: changes, links, coverage.
    """
    CREATE TABLE accounts (
        id INTEGER PRIMARY KEY,
        gateway TEXT NOT NULL,
        key TEXT NOT NULL,   -- presence key
        hint TEXT NOT NULL,  -- what its credential says of its owner; never the credential
        UNIQUE (gateway, key)
    );
    CREATE TABLE runs (  -- one program, from its start to its end: two may watch the same account
        id INTEGER PRIMARY KEY,
        gateway TEXT NOT NULL,
        account INTEGER REFERENCES accounts,  -- NULL until the gateway has said who we are
        began_s REAL NOT NULL,
        seen_s REAL NOT NULL,
        ended_s REAL  -- NULL while it runs, and for ever if it was killed
    );
    CREATE TABLE changes (
        id INTEGER PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES runs,
        at_s REAL NOT NULL,
        cause TEXT NOT NULL,
        key TEXT NOT NULL,
        name TEXT NOT NULL,
        before TEXT NOT NULL,
        after TEXT NOT NULL,
        flag_before INTEGER,
        flag INTEGER,
        last_active_s REAL,
        source TEXT,
        epoch INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        first_told INTEGER NOT NULL,
        held_s REAL
    );
    CREATE INDEX changes_by_time ON changes (at_s);
    CREATE INDEX changes_by_key ON changes (key, at_s);
    CREATE TABLE links (
        id INTEGER PRIMARY KEY,
        run INTEGER NOT NULL REFERENCES runs,
        at_s REAL NOT NULL,
        state TEXT NOT NULL,
        reason TEXT NOT NULL,
        epoch INTEGER NOT NULL
    );
    CREATE INDEX links_by_time ON links (at_s);
    CREATE TABLE spans (  -- watched without a break; what lies between them is a gap
        run INTEGER NOT NULL REFERENCES runs,
        began_s REAL NOT NULL,
        until_s REAL NOT NULL,
        PRIMARY KEY (run, began_s)
    );
    CREATE TABLE horizon (at_s REAL NOT NULL);  -- what happened up to then has been forgotten
    INSERT INTO horizon VALUES (0);
    CREATE TABLE unrecorded (  -- watched, but the disk took nothing and memory had an end
        run INTEGER NOT NULL REFERENCES runs,
        began_s REAL NOT NULL,
        until_s REAL NOT NULL,
        changes INTEGER NOT NULL
    );
    """,
    # 2: the cached rosters, for a start without network.
    """
    CREATE TABLE conversations (
        account INTEGER NOT NULL REFERENCES accounts,
        id TEXT NOT NULL,
        place INTEGER NOT NULL,  -- in the order of the gateway's list
        title TEXT NOT NULL,
        identifier TEXT NOT NULL,
        member_count INTEGER NOT NULL,
        member_count_capped INTEGER NOT NULL,
        PRIMARY KEY (account, id)
    );
    CREATE TABLE people (
        account INTEGER NOT NULL REFERENCES accounts,
        key TEXT NOT NULL,
        name TEXT NOT NULL,
        handle TEXT NOT NULL,
        guest INTEGER NOT NULL,
        flag INTEGER,
        last_active_s REAL,
        told_s REAL,             -- when somebody last spoke of the flag; NULL if nobody ever did
        rosters TEXT NOT NULL,   -- JSON: id of a conversation to the role in it
        were_in TEXT NOT NULL,   -- the same with those left since
        PRIMARY KEY (account, key)
    ) WITHOUT ROWID;
    """,
    # 3: changes of a participant are found by the minutes in which they happened. An index entry per change
    # would be written at a random place of the file: four fifths of all writing, and most of the disk space.
    f"""
    CREATE TABLE minutes (
        key TEXT NOT NULL,
        minute INTEGER NOT NULL,  -- since 1970
        PRIMARY KEY (key, minute)
    ) WITHOUT ROWID;
    INSERT INTO minutes SELECT DISTINCT key, CAST(at_s / {MINUTE_S} AS INTEGER) FROM changes;
    DROP INDEX changes_by_key;
    """,
    # 4: what a gap in a run has hidden.
    """
    CREATE TABLE missed (
        run INTEGER NOT NULL REFERENCES runs,
        began_s REAL NOT NULL,
        until_s REAL NOT NULL,
        at_least INTEGER NOT NULL,    -- flags that the resync corrected
        expected REAL,                -- rate before it × its length; NULL if unknown or recovered
        low INTEGER,
        high INTEGER,
        recovered INTEGER NOT NULL,
        replayed INTEGER NOT NULL,
        PRIMARY KEY (run, began_s)
    );
    """,
)
VERSION: Final = len(MIGRATIONS)

IS_A_TIME: Final = f"BETWEEN 0 AND {LATEST_S}"
"""An SQL condition for valid times in a column. The file may have been edited, and others cannot be shown.

It excludes text and blobs, which SQLite sorts after every number.
"""

CHANGES_OF_KEY: Final = f"""
minutes CROSS JOIN changes ON changes.key = minutes.key
AND at_s >= minute * {MINUTE_S} AND at_s < (minute + 1) * {MINUTE_S}
"""
"""A FROM clause: changes by their minute. Fast with the condition ``minutes.key = ?``."""


class NewerVersion(Exception):
    """The file was written by a newer version of this program."""


def migrate(connection: sqlite3.Connection) -> None:
    """Migrate a file to the current version, each step in its own transaction.

    Raises ``NewerVersion`` and ``sqlite3`` errors.
    """
    version = known_version(connection)
    for reached, script in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {reached}; COMMIT;")


def known_version(connection: sqlite3.Connection) -> int:
    """The version of a file, 0 for an empty one. Raises ``NewerVersion`` for an unknown one."""
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > VERSION:
        raise NewerVersion
    return found
