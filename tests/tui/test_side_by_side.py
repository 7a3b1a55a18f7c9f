"""The Side by side view: several conversations, one per column."""

import pytest

from presence_tui.domain.enums import Panel
from presence_tui.domain.participants import Conversation
from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.transport.errors import AccessDenied
from presence_tui.tui.views.side_by_side import Column
from presence_tui.tui.widgets.roster_panel import RosterPanel
from tests.tui.app_harness import (
    CONVERSATIONS,
    HARBOUR,
    LIGHTHOUSE,
    NIGHT_SHIFT,
    AppHarness,
    every_size,
    member,
    running_app,
    until,
)

BROAD = (160, 40)


def columns(harness: AppHarness) -> list[Column]:
    return [column for column in harness.screen.query(Column) if column.display]


def panel(column: Column, which: Panel) -> RosterPanel:
    return column.query_one(f"#panel-{which}", RosterPanel)


def titles(harness: AppHarness) -> list[str]:
    line = harness.lines()[2]
    return [line.text[each.region.x : each.region.right].strip() for each in columns(harness)]


async def test_marked_conversations_stand_side_by_side_and_move_live() -> None:
    async with running_app(BROAD) as harness:
        await harness.press("2", "b", "down", "b")
        assert harness.monitor.secondary_rosters.beside == [HARBOUR, LIGHTHOUSE]
        assert "■ Harbour crew" in harness.said and "□ Night shift" in harness.said
        await harness.press("4")
        assert titles(harness) == ["Harbour crew · 8 online / 24", "Lighthouse"]
        assert harness.lines()[0].text.startswith(" Side by side · 2 conversations")
        harbour, lighthouse = columns(harness)
        assert abs(harbour.region.width - lighthouse.region.width) <= 1
        assert "Asking who is here…" in harness.text
        harness.store.set_participants([member("Ada Okafor"), member("Zoe New")], LIGHTHOUSE.id)
        harness.monitor.read_beside(LIGHTHOUSE, RefreshReport(participants=2))
        await harness.settle()
        assert titles(harness) == ["Harbour crew · 8 online / 24", "Lighthouse · 1 of 2 listed, 6 members"]
        assert [harness.title_of(panel(each, Panel.ONLINE)) for each in columns(harness)] == [
            "Online (8)",
            "Online (1)",
        ]
        await harness.event("Ada Okafor", False)
        assert titles(harness) == ["Harbour crew · 7 online / 24", "Lighthouse · 0 of 2 listed, 6 members"]
        for each in columns(harness):
            assert any("Ada Okafor" in row.text for row in harness.rows(panel(each, Panel.OFFLINE)))


async def test_the_cursor_goes_from_column_to_column_and_keeps_its_place() -> None:
    async with running_app(BROAD) as harness:
        harness.store.set_participants([member("Zoe New")], LIGHTHOUSE.id)
        await harness.press("2", "b", "down", "b", "4")
        harbour, lighthouse = columns(harness)
        assert panel(harbour, Panel.ONLINE).has_focus
        assert harness.selected == "Ada Okafor"
        await harness.press("home", "tab", "tab", "tab")
        assert panel(lighthouse, Panel.OFFLINE).has_focus
        assert harness.selected == "Zoe New"
        await harness.press("enter")
        assert "u-zoenew" in harness.text
        await harness.press("escape", "3", "4")
        assert harness.selected == "Zoe New"
        assert panel(lighthouse, Panel.OFFLINE).has_focus
        await harness.press("shift+tab", "shift+tab", "shift+tab")
        assert panel(harbour, Panel.ONLINE).has_focus and harness.selected == "Ada Okafor"


async def test_the_first_column_is_selected_while_none_has_the_focus() -> None:
    async with running_app(BROAD) as harness:
        await harness.press("4")
        harness.monitor.watch_beside([HARBOUR])
        harness.screen.draw()
        await harness.settle()
        harness.screen.draw()
        assert "Ada Okafor is online" in harness.text


async def test_filter_and_order_are_those_of_all_columns() -> None:
    async with running_app(BROAD) as harness:
        harness.store.set_participants([member("Ada Okafor"), member("Bo Chen")], LIGHTHOUSE.id)
        await harness.press("2", "b", "down", "b", "4", "s", "slash", *"ada")
        assert harness.text.count("by state") == 2
        rows = [harness.rows(panel(each, Panel.ONLINE)) for each in columns(harness)]
        assert [[row.text.split()[1] for row in each] for each in rows] == [["Ada"], ["Ada"]]
        harness.monitor.watch_beside([*CONVERSATIONS])
        await harness.settle()
        await harness.settle()
        assert harness.text.count("by state") == 3, "a new column has the same order as the others"


async def test_b_offers_the_column_with_the_cursor_to_be_taken_away_again() -> None:
    async with running_app(BROAD) as harness:
        await harness.press("2", "b", "down", "b", "4", "b", "enter")
        assert harness.monitor.secondary_rosters.beside == [LIGHTHOUSE]
        assert [each.conversation for each in columns(harness)] == [LIGHTHOUSE]
        assert len(harness.store.indexes._indexes) == 1
        await harness.press("2")
        await until(harness, lambda: "■" in harness.text)
        await harness.click("■")
        assert harness.monitor.secondary_rosters.beside == []
        assert harness.toasts == [], "visible changes cause no toast"
        await harness.press("1", "b")
        assert harness.toasts == ["Side by side: Harbour crew"]
        await harness.press("b")
        assert harness.toasts == ["Harbour crew is no longer side by side. Nothing else is."]


async def test_nothing_marked_and_no_room_are_each_said_in_a_sentence() -> None:
    async with running_app(BROAD, keys={"beside": ["f6"]}) as harness:
        await harness.press("4")
        assert "Nothing is side by side yet. f6 chooses a conversation; view 2 has them all." in harness.text
        await harness.press("1", "f6", "4")
        assert titles(harness) == ["Harbour crew · 8 online / 24"]
        await harness.resize(99, 40)
        assert "Side by side needs a terminal 100 columns wide; this one has 99." in harness.text
        assert not harness.screen.query_one("#columns").display
        await harness.resize(*BROAD)
        assert titles(harness) == ["Harbour crew · 8 online / 24"]


async def test_b_in_the_empty_view_chooses_a_conversation() -> None:
    async with running_app(BROAD) as harness:
        await harness.press("4", "b", "escape")
        assert harness.monitor.secondary_rosters.beside == [] and harness.toasts == []
        await harness.press("b", "down", "enter")
        assert harness.monitor.secondary_rosters.beside == [LIGHTHOUSE]
        assert [each.conversation for each in columns(harness)] == [LIGHTHOUSE]
        assert harness.toasts == [], "the column itself is seen"


async def test_b_in_the_view_adds_another_conversation() -> None:
    async with running_app(BROAD) as harness:
        await harness.press("4", "b", "enter", "b")
        assert "■ Harbour crew" in harness.said and "□ Lighthouse" in harness.said
        assert "enter adds or removes" in harness.said
        await harness.press("down", "enter")
        assert harness.monitor.secondary_rosters.beside == [HARBOUR, LIGHTHOUSE]
        await harness.press("b", "escape")
        assert harness.monitor.secondary_rosters.beside == [HARBOUR, LIGHTHOUSE]


@every_size
@pytest.mark.parametrize(("language", "hint"), [("en", "esc closes ─"), ("fr", "esc ferme ─")])
async def test_what_the_keys_of_the_list_do_is_said_whole(
    size: tuple[int, int], language: str, hint: str
) -> None:
    async with running_app(size, language=language) as harness:
        await harness.press("4", "b")
        assert hint in harness.text


@pytest.mark.parametrize("tabs", [0, 2])
async def test_b_begins_at_the_column_with_the_cursor(tabs: int) -> None:
    async with running_app(BROAD) as harness:
        await harness.press("2", "b", "down", "b", "4", *["tab"] * tabs)
        selected_id = harness.screen._views.seen.selected_conversation_id
        assert selected_id == (LIGHTHOUSE.id if tabs else HARBOUR.id)
        await harness.press("b", "enter")
        assert [each.id for each in harness.monitor.secondary_rosters.beside] == [
            each.id for each in (HARBOUR, LIGHTHOUSE) if each.id != selected_id
        ]


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_an_empty_view_without_room_says_so_before_anything_is_chosen(language: str) -> None:
    async with running_app((80, 24), language=language) as harness:
        await harness.press("4")
        assert "100" in harness.said and "80." in harness.said
        assert "b ch" not in harness.said


async def test_nobody_in_a_column_that_does_not_fit_is_explained() -> None:
    async with running_app(BROAD) as harness:
        await harness.press("2", "b", "4")
        assert "Ada Okafor is online" in harness.text
        await harness.resize(99, 40)
        assert "Ada Okafor is" not in harness.text and harness.screen.selected_key is None
        assert "Choose somebody" not in harness.text
        await harness.resize(*BROAD)
        assert "Ada Okafor is online" in harness.text


async def test_b_tells_what_it_did_where_no_column_fits() -> None:
    async with running_app((90, 40)) as harness:
        await harness.press("4", "b", "enter")
        assert harness.toasts == ["Side by side: Harbour crew"]
        await harness.press("b", "enter")
        assert harness.toasts == ["Harbour crew is no longer side by side. Nothing else is."]


async def test_as_many_columns_as_fit_and_six_at_most() -> None:
    rooms = [Conversation(f"c-{place}", f"Room {place}") for place in range(7)]
    async with running_app(BROAD) as harness:
        harness.monitor.set_conversations(rooms)
        await harness.press("2", "home", *("b", "down") * 6, "b")
        assert harness.monitor.secondary_rosters.beside == rooms[:6]
        assert harness.toasts[-1] == "No more than 6 conversations can be side by side."
        await harness.press("4")
        assert len(columns(harness)) == 4
        assert harness.lines()[0].text.startswith(" Side by side · 4 of 6 conversations")
        await harness.resize(300, 80)
        assert len(columns(harness)) == 6


async def test_a_roster_that_cannot_be_read_says_why_in_its_column() -> None:
    async with running_app(BROAD) as harness:
        harness.monitor.watch_beside([LIGHTHOUSE, NIGHT_SHIFT])
        await harness.press("4")
        harness.monitor.read_beside(LIGHTHOUSE, RefreshReport(roster_error=AccessDenied("not a member")))
        harness.monitor.read_beside(NIGHT_SHIFT, RefreshReport())
        await harness.settle()
        assert "not a member" in harness.text
        assert "Nobody is a member of this conversation." in harness.text
