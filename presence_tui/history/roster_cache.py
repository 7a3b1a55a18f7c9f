"""The cached rosters of the last run, for a start without network."""

import asyncio
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple

from presence_tui.domain.enums import Source
from presence_tui.domain.participants import Conversation, Participant
from presence_tui.history.schema import IS_A_TIME
from presence_tui.store import PresenceStore, Stamp
from presence_tui.store.rosters import NEWCOMERS
from presence_tui.wire.messages import RosterRow
from presence_tui.wire.sanitize import is_safe_id, safe_text

ROWS_A_TURN: Final = 500
"""Rows per iteration of the loop: a few milliseconds, then the screen can draw."""
# Sorted by SQLite, which releases the GIL meanwhile.
_CACHED_MEMBERS: Final = f"""
SELECT people.key, CAST(name AS TEXT), CAST(handle AS TEXT), guest, flag,
       CASE WHEN last_active_s {IS_A_TIME} THEN last_active_s END,
       CASE WHEN told_s {IS_A_TIME} THEN told_s ELSE 0 END AS told,
       place.key AS room, CAST(place.value AS TEXT)
FROM people, json_each(CASE WHEN json_valid(rosters) THEN rosters ELSE '{{}}' END) AS place
WHERE account = :account AND room != :newcomers ORDER BY told, room
"""
_EVER_BEFORE_S: Final = float("-inf")
"""On this run's monotonic clock, so that every answer of this run is newer."""


class CachedMember(NamedTuple):
    """A participant's cached membership of one roster."""

    told_s: float
    conversation_id: str
    row: RosterRow


@dataclass(frozen=True, slots=True)
class CachedRosters:
    """The cached state of an account at the end of the last run."""

    account_key: str
    conversations: list[Conversation]
    members: list[CachedMember]
    as_of_s: float
    """Unix time of the end of coverage."""


def read_cached_rosters(
    connection: sqlite3.Connection, gateway: str, hint: str, now_s: float
) -> CachedRosters | None:
    """Read the rosters of the account with this hint; ``None`` if there are none.

    Texts are sanitized again, because the file may have been edited.
    """
    account = connection.execute(
        "SELECT id, key FROM accounts WHERE gateway = ? AND hint = ? ORDER BY id DESC", (gateway, hint)
    ).fetchone()
    if account is None:
        return None
    number, key = account
    members = list(_cached_members(connection, number))
    watched_s = connection.execute(
        "SELECT max(until_s) FROM spans JOIN runs ON runs.id = run "
        f"WHERE account = ? AND until_s {IS_A_TIME}",
        (number,),
    ).fetchone()[0]
    as_of_s = watched_s or max((member.told_s for member in members), default=None)
    if as_of_s is None:
        return None
    return CachedRosters(key, _conversations(connection, number), members, min(as_of_s, now_s))


def read_conversations(connection: sqlite3.Connection, gateway: str | None) -> list[Conversation]:
    """All conversations of all accounts of a gateway, or of every gateway (``None``), each once.

    Raises ``sqlite3`` errors.
    """
    query = "SELECT id FROM accounts WHERE :gateway IS NULL OR gateway = :gateway ORDER BY id"
    numbers = [number for (number,) in connection.execute(query, {"gateway": gateway})]
    return list({each.id: each for number in numbers for each in _conversations(connection, number)}.values())


async def restore(cached: CachedRosters, store: PresenceStore) -> None:
    """Add cached rosters to the store as evidence of the cache, which never overrides fresher evidence."""
    store.states.hold(cached.as_of_s)
    count = 0
    by_roster = groupby(cached.members, key=lambda member: (member.told_s, member.conversation_id))
    for (told_s, conversation_id), members in by_roster:
        rows = [member.row for member in members]
        for start in range(0, len(rows), ROWS_A_TURN):
            store.set_participants(
                rows[start : start + ROWS_A_TURN],
                conversation_id,
                asked=Stamp(told_s, _EVER_BEFORE_S),
                source=Source.CACHE,
            )
            count += len(rows)
            if count >= ROWS_A_TURN:
                count = 0
                await asyncio.sleep(0)


def _cached_members(connection: sqlite3.Connection, account: int) -> Iterator[CachedMember]:
    rows = connection.execute(_CACHED_MEMBERS, {"account": account, "newcomers": NEWCOMERS})
    for key, name, handle, guest, flag, last_active_s, told_s, conversation_id, role in rows:
        if is_safe_id(key):
            participant = Participant(key, safe_text(name), safe_text(handle), safe_text(role), bool(guest))
            known = None if flag is None else bool(flag)
            yield CachedMember(told_s, conversation_id, RosterRow(participant, known, last_active_s))


def _conversations(connection: sqlite3.Connection, account: int) -> list[Conversation]:
    rows = connection.execute(
        "SELECT id, CAST(title AS TEXT), CAST(identifier AS TEXT), member_count, member_count_capped "
        "FROM conversations "
        "WHERE account = ? ORDER BY place",
        (account,),
    )
    return [
        Conversation(key, safe_text(title), safe_text(identifier), count, bool(capped))
        for key, title, identifier, count, capped in rows
        if is_safe_id(key)
    ]
