"""The table of participants: names within limits, what told them, and which are put in another place."""

import pytest

from presence_tui.domain.enums import Source, State
from presence_tui.domain.limits import Bounds, LimitCounters
from presence_tui.domain.participants import Participant
from presence_tui.store import Origin
from presence_tui.store.participant_table import ParticipantTable, admitted
from presence_tui.store.records import Record, sort_key

ROSTER = Origin(Source.ROSTER, 5.0, "c-1")
EVENT = Origin(Source.EVENT, 9.0)
BOUNDS = Bounds(name_cells=10, roster=3)


@pytest.fixture
def table() -> ParticipantTable:
    return ParticipantTable(BOUNDS, LimitCounters(), State.OFFLINE)


def counted(table: ParticipantTable) -> LimitCounters:
    return table._limit_counters


def test_a_new_record_has_what_was_told(table: ParticipantTable) -> None:
    assert table.ensure("a", name="Ada", handle="ada", origin=EVENT) == Record(
        "a",
        "Ada",
        "ada",
        sort_key=sort_key("a", "Ada", "ada"),
        state=State.OFFLINE,
        name_origin=EVENT,
        handle_origin=EVENT,
    )
    assert table.ensure("b", origin=EVENT) == Record("b", sort_key="b\0\0b", state=State.OFFLINE)
    assert table.drain_renamed() == {}


def test_a_name_that_stays_moves_nobody(table: ParticipantTable) -> None:
    ada = table.ensure("a", name="Ada", handle="ada", origin=ROSTER)
    table.rename(ada, name="Ada", handle="ada", origin=EVENT)
    table.rename(ada, origin=EVENT)
    table.ensure("a", name="Ada", origin=EVENT)
    assert table.drain_renamed() == {}
    assert (ada.name_origin, ada.handle_origin) == (ROSTER, ROSTER)
    before = ada.sort_key
    table.ensure("a", name="Ada O.", handle="ada", origin=EVENT)
    assert (ada.name_origin, ada.handle_origin) == (EVENT, ROSTER)
    table.rename(ada, handle="ada.o", origin=EVENT)
    assert (ada.name, ada.handle, ada.handle_origin) == ("Ada O.", "ada.o", EVENT)
    assert ada.sort_key == sort_key("a", "Ada O.", "ada.o")
    assert table.drain_renamed() == {"a": before}, "the first of the keys since the last time"
    assert table.drain_renamed() == {}


def test_names_are_cut_and_counted_once(table: ParticipantTable) -> None:
    long, wide = "n" * 11, "宽" * 6
    ada = table.ensure("a", name=long, handle=wide)
    assert (ada.name, ada.handle) == ("n" * 9 + "…", "宽" * 4 + "…")
    assert counted(table) == LimitCounters(cut_names=2, widest_name=12)
    table.rename(ada, name=long, handle=wide)
    assert counted(table) == LimitCounters(cut_names=2, widest_name=12), "the same ones"
    assert table.drain_renamed() == {}
    table.rename(ada, name="m" * 15, handle="h" * 10)
    assert (ada.name, ada.handle) == ("m" * 9 + "…", "h" * 10)
    assert counted(table) == LimitCounters(cut_names=3, widest_name=15)


def test_the_name_of_the_account_is_cut_beside_that_of_the_roster(table: ParticipantTable) -> None:
    (ada,) = table.add_members([Participant("a", "Ada")], "c-1", 5.0)
    for _ in range(2):
        table.name_account(ada, "a" * 12, EVENT)
        assert (ada.name, ada.account_name, ada.name_origin) == ("Ada", "a" * 9 + "…", ROSTER)
        assert counted(table) == LimitCounters(cut_names=1, widest_name=12)
    table.name_account(ada, "", EVENT)
    assert ada.account_name == "a" * 9 + "…"
    table.name_account(ada, "Ada", EVENT)
    assert ada.account_name == ""
    ben = table.ensure("b")
    table.name_account(ben, "Ben", EVENT)
    assert (ben.name, ben.account_name, ben.name_origin) == ("Ben", "", EVENT)


def test_members_are_added_with_all_that_a_roster_tells(table: ParticipantTable) -> None:
    listed = [
        Participant("a", "Ada", "ada", "admin", False, "fr"),
        Participant("g", "", "gus", "", True, "fr"),
    ]
    ada, gus = table.add_members(listed, "c-1", 5.0)
    assert (ada.named_in, ada.name_origin, ada.handle_origin, ada.guest) == ("c-1", ROSTER, ROSTER, False)
    assert (gus.named_in, gus.name_origin, gus.handle_origin, gus.guest) == ("", None, ROSTER, True)
    assert table.languages == {"a": ("fr", ROSTER), "g": ("fr", ROSTER)}
    assert [table.rosters.role("c-1", key) for key in "ag"] == ["admin", ""]
    later = Origin(Source.ROSTER, 7.0, "c-2")
    table.add_members([Participant("a", "Ada", "ada"), Participant("g", "Gus", "")], "c-2", 7.0)
    assert (ada.named_in, ada.name_origin, ada.handle_origin) == ("c-2", later, later)
    assert (gus.name, gus.named_in, gus.handle_origin, gus.guest) == ("Gus", "c-2", ROSTER, True)
    assert ada.conversations == gus.conversations == ("c-1", "c-2")


def test_strangers_are_met_while_there_is_room(table: ParticipantTable) -> None:
    met = [table.newcomer(key) for key in "abcd"]
    assert [record and record.key for record in met] == ["a", "b", "c", None]
    assert (table.strangers_met, counted(table)) == (3, LimitCounters(left_out=1))


@pytest.mark.parametrize(
    ("rows", "held", "most", "found"),
    [
        ("abc", "", 3, "abc"),
        ("abcd", "", 3, "abc"),
        ("abca", "", 3, "abca"),
        ("dacb", "ab", 3, "dab"),
        ("dadb", "ab", 3, "dadb"),
        ("abcd", "abc", 3, "abc"),
        ("abcd", "wxyz", 3, ""),
        ("", "abc", 3, ""),
    ],
)
def test_rows_of_held_keys_and_others_while_there_is_room(
    rows: str, held: str, most: int, found: str
) -> None:
    assert "".join(admitted(rows, str, held, most)) == found
