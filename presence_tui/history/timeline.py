"""The timeline: changes, link transitions and gaps in order of time."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from heapq import merge
from operator import attrgetter
from typing import Final, NamedTuple

from presence_tui.domain.missed_events import Estimate, MissedEvents
from presence_tui.history.coverage import FRESH_S, gaps, read_coverage
from presence_tui.history.schema import IS_A_TIME
from presence_tui.wire.sanitize import MESSAGE_CELLS, safe_text

TWICE_WITHIN_S: Final = 1.0
"""Two runs of the same account record the same change within this time."""

LONGEST_S: Final = 1e9
"""Longest stay or absence that is taken from the file, which may have been edited."""

_ACCOUNTS: Final = """
SELECT runs.gateway, account, coalesce(accounts.key, '') AS key
FROM runs LEFT JOIN accounts ON accounts.id = account
WHERE :gateway IS NULL OR runs.gateway = :gateway
GROUP BY runs.gateway, account ORDER BY min(runs.id)
"""
_CHANGES: Final = f"""
SELECT at_s, run, cause, CAST(changes.key AS TEXT), CAST(changes.name AS TEXT),
       CAST(people.name AS TEXT), CAST(people.handle AS TEXT), before, after, flag_before, changes.flag,
       CASE WHEN changes.last_active_s {IS_A_TIME} THEN changes.last_active_s END, source, epoch,
       CASE WHEN held_s BETWEEN 0 AND {LONGEST_S} THEN held_s END
FROM changes JOIN runs ON runs.id = run
LEFT JOIN people ON people.account = runs.account AND people.key = changes.key
WHERE runs.gateway = ? AND runs.account IS ? AND at_s >= ? AND at_s {IS_A_TIME} ORDER BY at_s
"""
_LINKS: Final = f"""
SELECT at_s, CAST(state AS TEXT), CAST(reason AS TEXT) FROM links JOIN runs ON runs.id = run
WHERE runs.gateway = ? AND account IS ? AND at_s >= ? AND at_s {IS_A_TIME} ORDER BY at_s
"""
_WHY: Final = """
SELECT CAST(reason AS TEXT) FROM links JOIN runs ON runs.id = run
WHERE runs.gateway = ? AND account IS ? AND at_s BETWEEN ? AND ? AND reason != '' ORDER BY at_s LIMIT 1
"""
_MISSED: Final = f"""
SELECT missed.began_s, until_s, CAST(at_least AS INTEGER), CAST(expected AS REAL), CAST(low AS INTEGER),
       CAST(high AS INTEGER), recovered = 1, CAST(replayed AS INTEGER)
FROM missed JOIN runs ON runs.id = run
WHERE gateway = ? AND account IS ? AND missed.began_s < ? AND until_s > ?
      AND missed.began_s {IS_A_TIME} AND until_s {IS_A_TIME}
ORDER BY abs(missed.began_s - ?) LIMIT 1
"""
"""The entry of a gap; its start may differ by a moment."""
_MEMBERS: Final = """
SELECT people.account, people.key FROM people, json_each(people.were_in) AS place
WHERE place.key = ?
"""
_NOT_COVERED: Final = "nobody watched"


class UnknownConversation(LookupError):
    """The history has no such conversation."""


class Account(NamedTuple):
    """The account of a line. ``key`` is empty if it was never known."""

    gateway: str
    number: int | None
    key: str


class ChangeLine(NamedTuple):
    """A change of a participant's presence."""

    at_s: float
    account: Account
    cause: str
    key: str
    name: str
    """Display name as recorded or known later; empty if unknown."""
    handle: str
    before: str
    after: str
    flag: bool | None
    last_active_s: float | None
    source: str | None
    epoch: int
    flag_before: bool | None
    held_s: float | None
    """Seconds for which the earlier flag held; ``None`` if its start was not observed."""


class LinkLine(NamedTuple):
    """A transition of the link."""

    at_s: float
    account: Account
    state: str
    reason: str


class GapLine(NamedTuple):
    """A time without coverage, starting at ``at_s``."""

    at_s: float
    account: Account
    until_s: float | None
    """``None`` if it lasts until now."""
    reason: str
    missed: MissedEvents | None = None
    """The events it has hidden, if a run continued after it, or began from the cached rosters."""


TimelineLine = ChangeLine | LinkLine | GapLine


@lru_cache(maxsize=1_024)
def _word(stored: object) -> str:
    """A sanitized word; cached because the file repeats few words."""
    return safe_text(str(stored))


def timeline(
    connection: sqlite3.Connection,
    *,
    gateway: str | None,
    conversation: str | None,
    since_s: float,
    now_s: float,
    is_meant: Callable[[str, str, str], bool] = lambda key, name, handle: True,
) -> Iterator[TimelineLine]:
    """All lines since a time, of one gateway and conversation, or of all (``None``).

    ``is_meant`` filters changes by key, name and handle. With a conversation, changes are
    those of its present and former members. Raises ``UnknownConversation`` and ``sqlite3``
    errors.
    """
    accounts = [Account(*row) for row in connection.execute(_ACCOUNTS, {"gateway": gateway})]
    members = None if conversation is None else _members(connection, conversation)
    strands: list[Iterable[TimelineLine]] = []
    for account in accounts:
        strands.append(_changes(connection, account, since_s, members, is_meant))
        strands.append(_links(connection, account, since_s))
        strands.append(_gaps(connection, account, since_s, now_s))
    return merge(*strands, key=attrgetter("at_s"))


def _changes(
    connection: sqlite3.Connection,
    account: Account,
    since_s: float,
    members: set[tuple[int, str]] | None,
    is_meant: Callable[[str, str, str], bool],
) -> Iterator[ChangeLine]:
    latest: dict[tuple[object, ...], tuple[float, int]] = {}
    for row in connection.execute(_CHANGES, (account.gateway, account.number, since_s)):
        (
            at_s,
            run,
            cause,
            key,
            recorded_name,
            current_name,
            handle,
            before,
            after,
            flag_before,
            flag,
            *others,
        ) = row
        last_active_s, source, epoch, held_s = others
        if members is not None and (account.number, key) not in members:
            continue
        sign = cause, key, before, after, flag_before, flag
        seen_s, seen_by = latest.get(sign, (float("-inf"), run))
        if seen_by != run and at_s - seen_s <= TWICE_WITHIN_S:
            continue
        latest[sign] = at_s, run
        # The recorded name is the shown one, which may be a handle or a key.
        name = safe_text(current_name or "" if recorded_name in (handle, key) else recorded_name)
        handle = safe_text(handle or "")
        if not is_meant(key, name, handle):
            continue
        yield ChangeLine(
            at_s,
            account,
            _word(cause),
            key,
            name,
            handle,
            _word(before),
            _word(after),
            None if flag is None else bool(flag),
            last_active_s,
            None if source is None else _word(source),
            epoch,
            None if flag_before is None else bool(flag_before),
            held_s,
        )


def _links(connection: sqlite3.Connection, account: Account, since_s: float) -> Iterator[LinkLine]:
    for at_s, state, reason in connection.execute(_LINKS, (account.gateway, account.number, since_s)):
        yield LinkLine(at_s, account, _word(state), safe_text(reason, MESSAGE_CELLS))


def _gaps(
    connection: sqlite3.Connection, account: Account, since_s: float, now_s: float
) -> Iterator[GapLine]:
    """Gaps from the first coverage until now."""
    of_account = "run IN (SELECT id FROM runs WHERE gateway = ? AND account IS ?)"
    coverage = read_coverage(connection, of_account, (account.gateway, account.number))
    if not coverage:
        return
    for began_s, until_s in gaps(coverage, max(since_s, coverage[0].began_s), now_s):
        lasts = until_s >= now_s
        if lasts and until_s - began_s <= FRESH_S:
            # A monitor may be running, because coverage is only extended at intervals.
            continue
        why = connection.execute(_WHY, (account.gateway, account.number, began_s, until_s)).fetchone()
        yield GapLine(
            began_s,
            account,
            None if lasts else until_s,
            safe_text(why[0], MESSAGE_CELLS) if why else _NOT_COVERED,
            None if lasts else _missed(connection, account, began_s, until_s),
        )


def _missed(
    connection: sqlite3.Connection, account: Account, began_s: float, until_s: float
) -> MissedEvents | None:
    found = connection.execute(
        _MISSED, (account.gateway, account.number, until_s, began_s, began_s)
    ).fetchone()
    if found is None:
        return None
    since_s, back_s, at_least, *estimate, is_recovered, replayed = found
    known = None if None in estimate else Estimate(*estimate)
    return MissedEvents(since_s, back_s, at_least, known, bool(is_recovered), replayed)


def _members(connection: sqlite3.Connection, conversation: str) -> set[tuple[int, str]]:
    """Account and key of all present and former members of a conversation, by id, identifier or title."""
    conversations = connection.execute("SELECT id, identifier, title FROM conversations").fetchall()
    ids = {
        key
        for key, identifier, title in conversations
        if conversation in (key, identifier) or conversation.casefold() == title.casefold()
    }
    found = {
        (account, key)
        for wanted in ids or {conversation}
        for account, key in connection.execute(_MEMBERS, (wanted,))
    }
    if not found:
        raise UnknownConversation
    return found
