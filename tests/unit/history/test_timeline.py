"""The recorded timeline, in order of time."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from presence_tui.domain.enums import Cause, State
from presence_tui.domain.missed_events import Estimate, MissedEvents
from presence_tui.domain.participants import Conversation
from presence_tui.history.coverage import FRESH_S
from presence_tui.history.database import open_database
from presence_tui.history.timeline import (
    ChangeLine,
    GapLine,
    LinkLine,
    TimelineLine,
    UnknownConversation,
    timeline,
)
from presence_tui.history.write_queue import (
    AccountEntry,
    ConversationsEntry,
    CoverageEntry,
    Entry,
    LinkEntry,
    PersonEntry,
)
from tests.unit.clock import START_S
from tests.unit.history.history_fixtures import GATEWAY, ME, change, writing

NOW_S = START_S + 10_000


def keep(path: Path, *entries: Entry, gateway: str = GATEWAY, account: str = ME) -> None:
    with writing(path, gateway=gateway) as writer:
        writer.post([AccountEntry(account, account), *entries])


def listed(
    path: Path, *, gateway: str | None = None, conversation: str | None = None, since_s: float = 0.0
) -> list[TimelineLine]:
    with closing(open_database(path)) as connection:
        return list(
            timeline(connection, gateway=gateway, conversation=conversation, since_s=since_s, now_s=NOW_S)
        )


def changes(found: list[TimelineLine]) -> list[tuple[str, bool | None, float]]:
    return [(line.key, line.flag, line.at_s - START_S) for line in found if isinstance(line, ChangeLine)]


def test_everything_comes_in_the_order_of_time(path: Path) -> None:
    lost = LinkEntry(START_S + 50, "reconnecting", "The connection was lost.", 1)
    watched = CoverageEntry(START_S, START_S + 45), CoverageEntry(START_S + 100, NOW_S)
    keep(path, *watched, change(10), LinkEntry(START_S, "live", "", 1), lost, change(110, False))
    found = listed(path)
    assert [type(line) for line in found] == [LinkLine, ChangeLine, GapLine, LinkLine, ChangeLine]
    gap = found[2]
    assert isinstance(gap, GapLine)
    assert (gap.at_s, gap.until_s) == (START_S + 45, START_S + 100)
    assert gap.reason == "The connection was lost."
    assert gap.missed is None


@pytest.mark.parametrize(
    "missed",
    [
        MissedEvents(START_S + 45, START_S + 99.9, 2, Estimate(3.5, 1, 8)),
        MissedEvents(START_S + 44, START_S + 100, 0, None, True, 7),
    ],
)
def test_a_gap_says_what_it_has_hidden(path: Path, missed: MissedEvents) -> None:
    watched = CoverageEntry(START_S, START_S + 45), CoverageEntry(START_S + 100, NOW_S)
    elsewhere = MissedEvents(START_S + 200, START_S + 201, 99)
    keep(path, *watched, elsewhere, missed)
    (gap,) = [line for line in listed(path) if isinstance(line, GapLine)]
    assert gap.missed == missed


def test_a_gap_that_lasts_has_hidden_nothing_yet(path: Path) -> None:
    keep(path, CoverageEntry(START_S, START_S + 45), MissedEvents(START_S + 45, START_S + 46, 3))
    (gap,) = [line for line in listed(path) if isinstance(line, GapLine)]
    assert (gap.until_s, gap.missed) == (None, None)


def test_a_change_is_told_with_all_that_is_kept_of_it(path: Path) -> None:
    keep(path, change(10, last_active_s=START_S + 9, held_s=7.5))
    (line,) = listed(path)
    assert isinstance(line, ChangeLine)
    assert line.account.key == ME
    assert line[2:] == (
        "moved", "u-ada", "Ada Okafor", "", "offline", "online", True, START_S + 9, "event", 1,
        False, 7.5
    )  # fmt: skip


def test_of_a_change_that_nobody_saw_most_is_unknown(path: Path) -> None:
    keep(
        path,
        change(10, flag=False, flag_before=True),
        change(20, flag=None, flag_before=None, source=None, cause=Cause.EXPIRED, name="", epoch=3),
    )
    seen, unseen = listed(path)
    assert seen[2:] == (
        "moved", "u-ada", "Ada Okafor", "", "online", "offline", False, None, "event", 1, True, None
    )  # fmt: skip
    assert unseen[2:] == (
        "expired", "u-ada", "", "", "online", "offline", None, None, None, 3, None, None
    )  # fmt: skip


@pytest.mark.parametrize("stored", ["'soon'", "x'00'", "9e999", "-5"])
def test_a_length_that_cannot_be_is_unknown(path: Path, stored: str) -> None:
    keep(path, change(10, held_s=7.5))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"UPDATE changes SET held_s = {stored}")
        connection.commit()
    (line,) = listed(path)
    assert isinstance(line, ChangeLine)
    assert line.held_s is None


def test_two_runs_that_watch_at_once_tell_it_once(path: Path) -> None:
    keep(path, change(10), change(11, False), change(12))
    keep(path, change(10.2), change(11.2, False), change(12.2))
    assert changes(listed(path)) == [("u-ada", True, 10), ("u-ada", False, 11), ("u-ada", True, 12)]


def test_two_runs_that_watch_at_once_tell_everything_else(path: Path) -> None:
    told = change(10)
    others = [
        change(10.5, key="u-bo"),
        change(10.5, cause=Cause.RECONCILED),
        change(10.5, before=State.AWAY),
        change(10.5, after=State.AWAY),
        change(10.5, flag_before=None),
        change(10.5, flag=None),
        change(11.25),
    ]
    keep(path, told)
    keep(path, *others)
    assert len(changes(listed(path))) == 1 + len(others)
    keep(path, change(10.5), change(12.25))
    assert len(changes(listed(path))) == 1 + len(others), "within a second, and exactly a second later"


def test_one_run_tells_every_flap(path: Path) -> None:
    keep(path, change(10), change(10.1, False), change(10.2), change(10.3, False))
    assert len(changes(listed(path))) == 4


def test_what_another_account_heard_is_its_own(path: Path) -> None:
    keep(path, change(10))
    keep(path, change(10.1), account="u-you")
    assert len(changes(listed(path))) == 2


def test_only_of_a_gateway_and_only_since(path: Path) -> None:
    keep(path, change(10), change(500))
    keep(path, change(20), gateway="https://other.example")
    assert [at for _, _, at in changes(listed(path))] == [10, 20, 500]
    assert [at for _, _, at in changes(listed(path, gateway=GATEWAY))] == [10, 500]
    assert [at for _, _, at in changes(listed(path, since_s=START_S + 15))] == [20, 500]


@pytest.mark.parametrize("wanted", ["c-1", "harbour", "HARBOUR crew"])
def test_only_of_those_who_are_or_were_members(path: Path, wanted: str) -> None:
    ada = PersonEntry("u-ada", "Ada", "", False, True, None, START_S, '{"c-1":"admin"}')
    keep(
        path,
        ConversationsEntry((Conversation("c-1", "Harbour crew", "harbour"), Conversation("c-2", "Light"))),
        ada,
        ada._replace(key="u-bo", rosters='{"c-2":""}'),
        ada._replace(rosters='{"c-2":""}'),
        change(10),
        change(20, key="u-bo"),
    )
    assert [key for key, _, _ in changes(listed(path, conversation=wanted))] == ["u-ada"]
    assert [key for key, _, _ in changes(listed(path, conversation="light"))] == ["u-ada", "u-bo"]


def test_those_who_are_no_members_hide_nobody_after_them(path: Path) -> None:
    ada = PersonEntry("u-ada", "Ada", "", False, True, None, START_S, '{"c-1":""}')
    keep(path, ada, change(10, key="u-bo"), change(20), change(30, key="u-bo"), change(40, False))
    assert changes(listed(path, conversation="c-1")) == [("u-ada", True, 20), ("u-ada", False, 40)]


def test_who_was_recorded_by_handle_or_key_has_the_name_known_since(path: Path) -> None:
    ada = PersonEntry("u-ada", "Ada Okafor", "ada.o", False, True, None, START_S, '{"c-1":""}')
    keep(
        path,
        ada,
        ada._replace(key="u-bo", name="", handle="bo"),
        *(change(number, key="u-ada", name=name) for number, name in enumerate(("ada.o", "u-ada", "Ada O."))),
        change(10, key="u-bo", name="bo"),
        change(11, key="u-cy", name="u-cy"),
    )
    names = [(line.name, line.handle) for line in listed(path) if isinstance(line, ChangeLine)]
    assert names == [("Ada Okafor", "ada.o")] * 2 + [("Ada O.", "ada.o"), ("", "bo"), ("", "")]


def test_of_a_conversation_that_nobody_knows_nothing_is_kept(path: Path) -> None:
    keep(path, change(10))
    with pytest.raises(UnknownConversation):
        listed(path, conversation="nowhere")


def test_a_gap_in_which_nothing_ran_says_that_nobody_watched(path: Path) -> None:
    keep(path, CoverageEntry(START_S, START_S + 45))
    keep(path, CoverageEntry(START_S + 100, START_S + 200))
    gaps = [line for line in listed(path) if isinstance(line, GapLine)]
    assert [(gap.at_s - START_S, gap.until_s, gap.reason) for gap in gaps] == [
        (45, START_S + 100, "nobody watched"),
        (200, None, "nobody watched"),
    ]


def test_while_somebody_watches_there_is_no_gap_at_the_end(path: Path) -> None:
    keep(path, CoverageEntry(START_S, NOW_S - FRESH_S + 1))
    assert listed(path) == []


def test_gaps_before_the_time_asked_for_begin_with_it(path: Path) -> None:
    keep(path, CoverageEntry(START_S, START_S + 45), CoverageEntry(START_S + 100, NOW_S))
    (gap,) = listed(path, since_s=START_S + 60)
    assert (gap.at_s, gap.until_s) == (START_S + 60, START_S + 100)  # type: ignore[union-attr]


def test_a_link_that_never_got_anywhere_has_no_account(path: Path) -> None:
    with writing(path) as writer:
        writer.post([LinkEntry(START_S, "signed-out", "The token has expired.", 0)])
    (line,) = listed(path)
    assert isinstance(line, LinkLine)
    assert (line.account.gateway, line.account.key, line.state) == (GATEWAY, "", "signed-out")


def test_changes_are_chosen_by_key_name_and_handle(path: Path) -> None:
    keep(path, change(10), change(20, key="u-ben", name="Ben"))
    asked: list[tuple[str, str, str]] = []

    def is_ben(key: str, name: str, handle: str) -> bool:
        asked.append((key, name, handle))
        return key == "u-ben"

    with closing(open_database(path)) as connection:
        found = list(
            timeline(connection, gateway=None, conversation=None, since_s=0.0, now_s=NOW_S, is_meant=is_ben)
        )
    assert asked == [("u-ada", "Ada Okafor", ""), ("u-ben", "Ben", "")]
    assert changes(found) == [("u-ben", True, 20)]
