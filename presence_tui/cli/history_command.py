"""``history``: prints recorded events as a table, JSON or CSV. Reads the file only, not the gateway."""

import os
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Final

import msgspec

from presence_tui.cli.configuration import Settings, history_path
from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.json_lines import Layout, parse_layout
from presence_tui.cli.language_option import language_in_use, marked, say, say_phrase, say_raw
from presence_tui.cli.output import cell_text, print_sentence, print_table
from presence_tui.cli.participant_names import Person, Who, say_strangers
from presence_tui.cli.targets import address_from, unknown_name
from presence_tui.domain.missed_events import MissedEvents
from presence_tui.history.database import DatabaseDamaged, DatabaseUnusable, open_database
from presence_tui.history.timeline import (
    ChangeLine,
    GapLine,
    LinkLine,
    TimelineLine,
    UnknownConversation,
    timeline,
)
from presence_tui.store.clock import SystemClock
from presence_tui.store.export import write_csv
from presence_tui.text.change_texts import missed_text
from presence_tui.text.language import Language
from presence_tui.text.local_time import DAY_AND_SECONDS, local_time
from presence_tui.wire.sanitize import MESSAGE_CELLS, safe_text
from presence_tui.wire.timestamps import wire_from_seconds

ALL: Final = "all"
_SPAN: Final = re.compile(r"(\d{1,6})\s*(s|min|h|d|w)")
_SECONDS: Final = {"s": 1, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def since_s(text: str, now_s: float) -> float:
    """Unix seconds: ``90min``, ``6h``, ``2d`` (ago), ``2026-11-22``, ``2026-11-22T10:15`` or ``all``.

    Dates without a zone are local. Raises ``CliError``.
    """
    if text == ALL:
        return 0.0
    if span := _SPAN.fullmatch(text):
        return now_s - int(span[1]) * _SECONDS[span[2]]
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError) as problem:
        raise CliError(
            say(
                "{text!r} is no time: write 90min, 6h, 2d, 2026-11-22, 2026-11-22T10:15 or all.",
                text=safe_text(text),
            ),
            ExitCode.USAGE,
        ) from problem


MISSED_FIELDS: Final = (
    "recovered", "replayed", "missed_at_least", "missed_expected", "missed_low", "missed_high",
)  # fmt: skip
FIELDS: Final = (
    "at", "kind", "gateway", "account", "cause", "user_id", "name", "handle", "before", "after", "flag",
    "last_active_at", "source", "epoch", "state", "reason", "until", *MISSED_FIELDS,
)  # fmt: skip
"""Columns of CSV; a JSON object has only the fields of its kind."""


def show(settings: Settings, since: str, layout: str, who: Who) -> None:
    """Print recorded events. Raises ``CliError``."""
    chosen = parse_layout(layout, with_csv=True)
    with recorded(settings, since, who.includes) as found:
        first = next(found, None)
        if first is None:
            say_nothing_recorded(settings, since)
        people: set[Person] = set()
        _PRINTS[chosen](_noting(chain([] if first is None else [first], found), people, who))
        if first is not None:
            say_strangers(who.strangers_among(people), say("the history"))


@contextmanager
def recorded(
    settings: Settings, since: str, is_meant: Callable[[str, str, str], bool] = lambda key, name, handle: True
) -> Iterator[Iterator[TimelineLine]]:
    """The recorded lines since a time, of the gateway and the conversation of the settings. Raises
    ``CliError``.
    """
    now_s = SystemClock().stamp().wall_s
    began_s = since_s(since, now_s)
    path = history_path()
    with closing(_open(path)) as connection:
        try:
            yield timeline(
                connection,
                gateway=_gateway(settings),
                conversation=settings.conversation_asked,
                since_s=began_s,
                now_s=now_s,
                is_meant=is_meant,
            )
        except UnknownConversation as unknown:
            wanted = safe_text(settings.conversation_asked or "")
            raise CliError(
                say("Nothing is kept of a conversation {title!r}.", title=wanted), ExitCode.DENIED
            ) from unknown
        except sqlite3.Error as problem:
            raise CliError(
                say("The history {path} cannot be read: {reason}.", path=path, reason=problem),
                ExitCode.FAILED,
            ) from problem


def _noting(found: Iterator[TimelineLine], people: set[Person], who: Who) -> Iterator[TimelineLine]:
    """The same lines; notes whom they are about, if somebody is asked about."""
    for line in found:
        if who.asked and isinstance(line, ChangeLine):
            people.add((line.key, line.name, line.handle))
        yield line


def _open(path: Path) -> sqlite3.Connection:
    if not os.path.lexists(path):
        raise CliError(
            say(
                "There is no history yet: {path} is written while presence-tui watches a gateway. "
                "The demo is not recorded.",
                path=path,
            ),
            ExitCode.FAILED,
        )
    try:
        return open_database(path)
    except DatabaseDamaged as damaged:
        raise CliError(
            say("The history {path} is damaged; the next watch sets it aside and begins another.", path=path),
            ExitCode.FAILED,
        ) from damaged
    except DatabaseUnusable as problem:
        raise CliError(
            say(
                "The history {path} cannot be read: {reason}.",
                path=path,
                reason=say_phrase(problem.sentence).rstrip("."),
            ),
            ExitCode.FAILED,
        ) from problem


def say_nothing_recorded(settings: Settings, since: str) -> None:
    """Say on stderr that there is nothing to print."""
    print_sentence(unknown_name(settings) or _nothing(_gateway(settings), since))


def _gateway(settings: Settings) -> str | None:
    return address_from(settings.gateway).url if settings.gateway else None


def _nothing(gateway: str | None, since: str) -> str:
    if gateway is None:
        return say(
            "Nothing was recorded since {since}; --since all shows everything that is kept. "
            "The demo is not recorded.",
            since=since,
        )
    return say(
        "Nothing was recorded of {gateway} since {since}; --since all shows everything that is kept.",
        gateway=gateway,
        since=since,
    )


def _fields(line: TimelineLine) -> dict[str, object]:
    """The fields of a line; those of a change are as in ``tail``."""
    fields: dict[str, object] = {"at": wire_from_seconds(line.at_s)}
    whose = {
        "gateway": safe_text(line.account.gateway, MESSAGE_CELLS),
        "account": safe_text(line.account.key) or None,
    }
    match line:
        case ChangeLine():
            active_s = line.last_active_s
            return {
                **fields,
                "kind": "change",
                **whose,
                "cause": line.cause,
                "user_id": line.key,
                "name": line.name,
                "handle": line.handle,
                "before": line.before,
                "after": line.after,
                "flag": line.flag,
                "last_active_at": None if active_s is None else wire_from_seconds(active_s),
                "source": line.source,
                "epoch": line.epoch,
            }
        case LinkLine():
            return {**fields, "kind": "link", **whose, "state": line.state, "reason": line.reason}
        case GapLine():
            until = None if line.until_s is None else wire_from_seconds(line.until_s)
            gap: dict[str, object] = {**fields, "kind": "gap", **whose, "reason": line.reason, "until": until}
            return gap | dict(zip(MISSED_FIELDS, _missed(line.missed), strict=True))


def _missed(missed: MissedEvents | None) -> list[object]:
    """The values of ``MISSED_FIELDS``."""
    if missed is None:
        return [None] * len(MISSED_FIELDS)
    estimate = missed.estimate
    expected = None if estimate is None else round(estimate.expected, 1)
    bounds = [None, None] if estimate is None else [estimate.low, estimate.high]
    return [missed.is_recovered, missed.replayed, missed.at_least, expected, *bounds]


def _print_json(found: Iterator[TimelineLine]) -> None:
    """Write a JSON list while reading, because a history may be long."""
    out = sys.stdout.buffer
    out.write(b"[")
    for number, line in enumerate(found):
        out.write((b",\n" if number else b"\n") + msgspec.json.encode(_fields(line)))
    out.write(b"\n]\n")


def _print_csv(found: Iterator[TimelineLine]) -> None:
    write_csv(sys.stdout.buffer, FIELDS, map(_fields, found))


def _print_table(found: Iterator[TimelineLine]) -> None:
    from rich.table import Table

    table = Table()
    table.add_column(say("at"), no_wrap=True)
    for heading in (say("who"), say("what"), say("why")):
        table.add_column(heading)
    for line in found:
        at = local_time(line.at_s, DAY_AND_SECONDS)
        table.add_row(*map(cell_text, (at, *_words(line))))
    if table.row_count:
        print_table(table)


_NAMES: Final = frozenset(
    {
        *(marked("connecting"), marked("connected"), marked("live"), marked("stale")),
        *(marked("reconnecting"), marked("signed-out")),
        *(marked("moved"), marked("reconciled"), marked("reconnected"), marked("replayed")),
        *(marked("decayed"), marked("expired")),
        *(marked("event"), marked("snapshot"), marked("runtime"), marked("roster")),
        *(marked("typing"), marked("cache")),
    }
)
"""Link states, causes and sources, which JSON and CSV have in English; others stay as they are."""


def _words(line: TimelineLine) -> tuple[str, str, str]:
    match line:
        case ChangeLine():
            return (
                line.name or line.handle or line.key,
                f"{say_raw(line.before)} → {say_raw(line.after)}",
                ", ".join(say_raw(word) for word in (line.cause, line.source) if word),
            )
        case LinkLine():
            return say("link"), say_raw(line.state), line.reason
        case GapLine():
            until = say("now") if line.until_s is None else local_time(line.until_s, DAY_AND_SECONDS)
            missed = "" if line.missed is None else missed_text(line.missed, Language(language_in_use()))
            return say("gap"), say("until {time}", time=until), f"{line.reason} {missed}".rstrip()


_PRINTS: Final[Mapping[Layout, Callable[[Iterator[TimelineLine]], None]]] = {
    Layout.TABLE: _print_table,
    Layout.JSON: _print_json,
    Layout.CSV: _print_csv,
}
