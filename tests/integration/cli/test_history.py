"""``history``: recorded events in three formats, and a sentence if there are none."""

import asyncio
import csv
import io
import json
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from presence_tui.cli.exit_codes import CliError, ExitCode
from presence_tui.cli.history_command import MISSED_FIELDS, since_s
from presence_tui.domain.missed_events import Estimate, MissedEvents
from presence_tui.domain.participants import Conversation
from presence_tui.history.write_queue import (
    AccountEntry,
    ConversationsEntry,
    CoverageEntry,
    LinkEntry,
    PersonEntry,
)
from tests.integration.cli.command_line import CommandLine
from tests.unit.clock import utc_s
from tests.unit.history.history_fixtures import GATEWAY, ME, change, writing

HOSTILE = "\x1b]0;own\x07Ada"


def path_of(shell: CommandLine) -> Path:
    return shell.home / "data" / "presence-tui" / "history.sqlite"


def record(shell: CommandLine) -> float:
    """Ada came an hour ago, and left half an hour ago in a gap; Bo is in another conversation."""
    now_s = time.time()
    ada = PersonEntry("u-ada", "Ada", "", False, False, None, now_s, '{"c-1":"admin"}')
    with writing(path_of(shell)) as writer:
        writer.post(
            [
                AccountEntry(ME, ME),
                ConversationsEntry((Conversation("c-1", "Harbour crew", "harbour"),)),
                ada,
                ada._replace(key="u-bo", name="Bo", rosters='{"c-2":""}'),
                CoverageEntry(now_s - 4_000, now_s - 2_000),
                CoverageEntry(now_s - 1_800, now_s),
                change(0, at_s=now_s - 3_600),
                change(1, False, at_s=now_s - 1_799, name=HOSTILE),
                change(2, at_s=now_s - 900, key="u-bo", name="Bo"),
                LinkEntry(now_s - 1_990, "reconnecting", "The connection was lost.", 1),
                MissedEvents(now_s - 2_000, now_s - 1_800, 2, Estimate(3.44, 1, 8)),
            ]
        )
    return now_s


async def lines(shell: CommandLine, *arguments: str) -> list[dict[str, Any]]:
    ended = await shell.run("history", "-f", "json", *arguments)
    assert (ended.code, ended.err) == (ExitCode.OK, ""), ended
    found: list[dict[str, Any]] = json.loads(ended.out)
    return found


async def test_three_formats_tell_the_same(shell: CommandLine) -> None:
    record(shell)
    told, table, comma = await asyncio.gather(
        lines(shell), shell.run("history"), shell.run("history", "--format", "csv")
    )
    assert [line["kind"] for line in told] == ["change", "gap", "link", "change", "change"]
    assert [line["user_id"] for line in told if line["kind"] == "change"] == ["u-ada", "u-ada", "u-bo"]
    assert {line["gateway"] for line in told} == {GATEWAY}
    assert told[1]["reason"] == "The connection was lost."
    missed = {name: value for name, value in told[1].items() if name in MISSED_FIELDS}
    assert list(missed.values()) == [False, 0, 2, 3.4, 1, 8]
    assert "Missed: at least 2" in " ".join(table.out.replace("│", " ").split())
    in_csv = list(csv.DictReader(io.StringIO(comma.out)))
    assert [line["at"] for line in in_csv] == [line["at"] for line in told]
    assert "offline → online" in table.out and "reconnecting" in table.out
    for said in (table.out, comma.out, json.dumps(told, ensure_ascii=False)):
        assert "\x1b]0" not in said and "\x07" not in said


async def test_csv_holds_no_formula_and_is_utf8_in_any_locale(shell: CommandLine) -> None:
    formula, now_s = "=cmd|'/C calc'!A0", time.time()
    with writing(path_of(shell)) as writer:
        writer.post(
            [
                AccountEntry(ME, ME),
                CoverageEntry(now_s - 9, now_s),
                change(0, at_s=now_s - 5, name=formula),
                change(1, at_s=now_s - 3, name="佐藤 花"),
                LinkEntry(now_s - 2, "reconnecting", formula, 1),
            ]
        )
    ended = await shell.run("history", "-f", "csv", PYTHONIOENCODING="ascii")
    assert ended.code == ExitCode.OK, ended
    told = list(csv.DictReader(io.StringIO(ended.out)))
    assert [row["name"] or row["reason"] for row in told] == [f"'{formula}", "佐藤 花", f"'{formula}"]


async def test_since_and_conversation_and_gateway_choose(shell: CommandLine) -> None:
    record(shell)
    since, of_harbour, elsewhere = await asyncio.gather(
        lines(shell, "--since", "20min"),
        lines(shell, "Harbour Crew"),
        shell.run("history", "--gateway", "https://other.example"),
    )
    assert [line["kind"] for line in since] == ["change"]
    assert {line["user_id"] for line in of_harbour if line["kind"] == "change"} == {"u-ada"}
    assert (elsewhere.code, elsewhere.out) == (ExitCode.OK, "")
    assert "Nothing was recorded of https://other.example since 1d" in elsewhere.err


async def test_names_and_handles_are_fields_of_their_own(shell: CommandLine) -> None:
    """Before the first roster, a participant was shown and recorded by handle."""
    now_s = time.time()
    ada = PersonEntry("u-ada", "Ada Okafor", "ada", False, True, None, now_s, '{"c-1":"admin"}')
    nobody = ada._replace(key="u-x", name="", handle="ix")
    with writing(path_of(shell)) as writer:
        writer.post(
            [
                AccountEntry(ME, ME),
                ada,
                nobody,
                change(0, at_s=now_s - 9, name="ada"),
                change(1, False, at_s=now_s - 8, name="Ada Okafor"),
                change(2, at_s=now_s - 7, key="u-x", name="ix"),
                change(3, at_s=now_s - 6, key="u-y", name="u-y"),
            ]
        )
    told = [(line["user_id"], line["name"], line["handle"]) for line in await lines(shell)]
    assert told == [
        ("u-ada", "Ada Okafor", "ada"),
        ("u-ada", "Ada Okafor", "ada"),
        ("u-x", "", "ix"),
        ("u-y", "", ""),
    ]
    for who in ("@ada", "ada okafor", "u-ada"):
        assert {line["user_id"] for line in await lines(shell, "--who", who)} == {"u-ada"}


async def test_who_is_asked_about_leaves_gaps_and_the_link(shell: CommandLine) -> None:
    record(shell)
    told = await lines(shell, "--who", "bo")
    assert [line["kind"] for line in told] == ["gap", "link", "change"]


@pytest.mark.parametrize("layout", ["table", "json", "csv"])
async def test_a_name_that_nobody_in_the_history_has_is_said(shell: CommandLine, layout: str) -> None:
    record(shell)
    ended = await shell.run("history", "--since", "all", "-f", layout, "--who", "okaf", "--who", "bo")
    assert ended.code == ExitCode.OK
    assert ended.err == "Nobody in the history is called okaf. Give whole names, handles or ids.\n"
    known = await shell.run("history", "--since", "all", "-f", layout, "--who", "bo")
    assert known.err == ""


async def test_a_missing_history_is_reported(shell: CommandLine) -> None:
    ended = await shell.run("history")
    sentence = ended.sentence(ExitCode.FAILED)
    assert sentence.startswith("There is no history yet") and "The demo is not recorded." in sentence
    record(shell)
    unknown, no_time, no_format = await asyncio.gather(
        shell.run("history", "nowhere"),
        shell.run("history", "--since", "yesterday"),
        shell.run("history", "-f", "xml"),
    )
    assert "'nowhere'" in unknown.sentence(ExitCode.DENIED)
    assert "'yesterday' is no time" in no_time.sentence(ExitCode.USAGE)
    assert "'xml'" in no_format.sentence(ExitCode.USAGE)


async def test_a_damaged_file_is_reported_and_kept(shell: CommandLine) -> None:
    path = path_of(shell)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database" * 500)
    ended = await shell.run("history")
    assert "is damaged" in ended.sentence(ExitCode.FAILED)
    assert path.read_bytes() == b"no database" * 500


async def test_a_pipe_or_a_link_in_place_of_the_file_is_a_sentence(shell: CommandLine) -> None:
    path = path_of(shell)
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    assert "it is not a regular file" in (await shell.run("history")).sentence(ExitCode.FAILED)
    path.unlink()
    target = shell.home / "target"
    target.write_bytes(b"somebody else's" * 100)
    target.chmod(0o644)
    path.symlink_to(target)
    assert "it is a symbolic link" in (await shell.run("history")).sentence(ExitCode.FAILED)
    assert (target.stat().st_mode & 0o777, target.read_bytes()) == (0o644, b"somebody else's" * 100)


ABSURD: dict[str, tuple[str, object]] = {
    "a time beyond all calendars": ("at_s", 1e20),
    "a time before all calendars": ("at_s", -1e20),
    "a time without end": ("at_s", float("inf")),
    "a time that is a text": ("at_s", "yesterday"),
    "a time that is a blob": ("at_s", b"\xff"),
    "a sign of life beyond all calendars": ("last_active_s", 1e20),
    "a sign of life that is a text": ("last_active_s", "soon"),
    "a name that is a number": ("name", 7),
    "a name that is a blob": ("name", b"Ada"),
}


@pytest.mark.parametrize("absurdity", ABSURD)
async def test_an_absurd_row_is_no_reason_to_stop(shell: CommandLine, absurdity: str) -> None:
    column, value = ABSURD[absurdity]
    record(shell)
    with closing(sqlite3.connect(path_of(shell))) as connection, connection:
        connection.execute(f"UPDATE changes SET {column} = ? WHERE key = 'u-bo'", (value,))
        connection.execute("INSERT INTO links SELECT NULL, run, 1e20, state, reason, epoch FROM links")
        connection.execute("INSERT INTO spans SELECT run, -1e20, 1e20 FROM spans LIMIT 1")
    for ended in await asyncio.gather(
        *(
            shell.run("history", "--since=all", "-f", layout, COLUMNS="200")
            for layout in ("table", "json", "csv")
        )
    ):
        assert (ended.code, ended.err) == (ExitCode.OK, ""), ended
        assert ended.out.count("The connection was lost.") == 2, "once as a gap, once as a link transition"
        assert "Ada" in ended.out


NOW_S = 1_787_390_000.0


@pytest.mark.parametrize(
    ("text", "ago_s"), [("90s", 90), ("5min", 300), ("6h", 21_600), ("2 d", 172_800), ("1w", 604_800)]
)
def test_spans_are_ago(text: str, ago_s: float) -> None:
    assert since_s(text, NOW_S) == NOW_S - ago_s


def test_dates_and_times_are_moments() -> None:
    assert since_s("2026-08-22T08:33:20+00:00", NOW_S) == 1_787_387_600
    assert since_s("2026-08-22", NOW_S) < since_s("2026-08-22T10:15", NOW_S)
    assert since_s("all", NOW_S) == 0


@pytest.mark.parametrize("text", ["", "yesterday", "5 fortnights", "-3h", "2026-13-01", "0001-01-01", "\x1b"])
def test_what_is_no_time_is_a_sentence(text: str) -> None:
    with pytest.raises(CliError, match="is no time"):
        since_s(text, NOW_S)


async def test_the_table_has_offsets_in_the_repeated_hour(shell: CommandLine) -> None:
    first_s, second_s = utc_s("2026-10-25T00:59:30"), utc_s("2026-10-25T01:00:10")
    with writing(path_of(shell)) as writer:
        writer.post(
            [AccountEntry(ME, ME), PersonEntry("u-ada", "Ada", "", False, False, None, first_s, "{}")]
        )
        writer.post([CoverageEntry(first_s - 60, first_s), CoverageEntry(second_s + 7_200, second_s + 7_300)])
        writer.post([change(1, at_s=first_s - 10), change(2, False, at_s=second_s + 7_210)])
        writer.post([LinkEntry(first_s, "reconnecting", "The connection was lost.", 1)])
    table, comma = await asyncio.gather(
        shell.run("history", "--since", "2026-10-25", TZ="Europe/Paris"),
        shell.run("history", "--since", "all", "--format", "csv", TZ="Europe/Paris"),
    )
    assert "│ 2026-10-25 02:59:20 +02:00 │" in table.out, table
    assert "2026-10-25 04:00:20 " in table.out and "04:00:20 +" not in table.out
    assert "2026-10-25T00:59:20.000Z" in comma.out and "+02:00" not in comma.out
