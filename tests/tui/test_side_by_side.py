"""Several conversations at once, a column each."""

from presence_tui.domain.enums import Panel
from presence_tui.domain.participants import Conversation
from presence_tui.monitor.refresh import RefreshReport
from presence_tui.transport.errors import AccessDenied
from presence_tui.tui.views.side_by_side import Column
from presence_tui.tui.widgets.roster_panel import RosterPanel
from tests.tui.app_harness import (
    CONVERSATIONS,
    HARBOUR,
    LIGHTHOUSE,
    NIGHT_SHIFT,
    AppHarness,
    member,
    on_stage,
    until,
)

BROAD = (160, 40)


def columns(stage: AppHarness) -> list[Column]:
    return [column for column in stage.screen.query(Column) if column.display]


def panel(column: Column, which: Panel) -> RosterPanel:
    return column.query_one(f"#panel-{which}", RosterPanel)


def titles(stage: AppHarness) -> list[str]:
    line = stage.lines()[2]
    return [line.text[each.region.x : each.region.right].strip() for each in columns(stage)]


async def test_marked_conversations_stand_side_by_side_and_move_live() -> None:
    async with on_stage(BROAD) as stage:
        await stage.press("2", "b", "down", "b")
        assert stage.watch.side_rosters.beside == [HARBOUR, LIGHTHOUSE]
        assert "■ Harbour crew" in stage.said and "□ Night shift" in stage.said
        await stage.press("4")
        assert titles(stage) == ["Harbour crew · 8 online / 24", "Lighthouse"]
        assert stage.lines()[0].text.startswith(" Side by side · 2 conversations")
        harbour, lighthouse = columns(stage)
        assert abs(harbour.region.width - lighthouse.region.width) <= 1
        assert "Asking who is here…" in stage.text
        stage.store.set_participants([member("Ada Okafor"), member("Zoe New")], LIGHTHOUSE.id)
        stage.watch.read_beside(LIGHTHOUSE, RefreshReport(participants=2))
        await stage.settle()
        assert titles(stage) == ["Harbour crew · 8 online / 24", "Lighthouse · 1 online / 2 of 6"]
        assert [stage.title_of(panel(each, Panel.ONLINE)) for each in columns(stage)] == [
            "Online (8)",
            "Online (1)",
        ]
        await stage.event("Ada Okafor", False)
        assert titles(stage) == ["Harbour crew · 7 online / 24", "Lighthouse · 0 online / 2 of 6"]
        for each in columns(stage):
            assert any("Ada Okafor" in row.text for row in stage.rows(panel(each, Panel.OFFLINE)))


async def test_the_cursor_goes_from_column_to_column_and_keeps_its_place() -> None:
    async with on_stage(BROAD) as stage:
        stage.store.set_participants([member("Zoe New")], LIGHTHOUSE.id)
        await stage.press("2", "b", "down", "b", "4")
        harbour, lighthouse = columns(stage)
        assert panel(harbour, Panel.ONLINE).has_focus
        assert stage.selected == "Ada Okafor"
        await stage.press("j", "tab", "tab", "tab")
        assert panel(lighthouse, Panel.OFFLINE).has_focus
        assert stage.selected == "Zoe New"
        await stage.press("enter")
        assert "u-zoenew" in stage.text
        await stage.press("escape", "3", "4")
        assert stage.selected == "Zoe New"
        assert panel(lighthouse, Panel.OFFLINE).has_focus
        await stage.press("shift+tab", "shift+tab", "shift+tab")
        assert panel(harbour, Panel.ONLINE).has_focus and stage.selected == "Ada Okafor"


async def test_filter_and_order_are_those_of_all_columns() -> None:
    async with on_stage(BROAD) as stage:
        stage.store.set_participants([member("Ada Okafor"), member("Bo Chen")], LIGHTHOUSE.id)
        await stage.press("2", "b", "down", "b", "4", "s", "slash", *"ada")
        assert stage.text.count("by state") == 2
        rows = [stage.rows(panel(each, Panel.ONLINE)) for each in columns(stage)]
        assert [[row.text.split()[1] for row in each] for each in rows] == [["Ada"], ["Ada"]]
        stage.watch.watch_beside([*CONVERSATIONS])
        await stage.settle()
        await stage.settle()
        assert stage.text.count("by state") == 3, "a new one is as the others are"


async def test_b_takes_the_column_with_the_cursor_away_again() -> None:
    async with on_stage(BROAD) as stage:
        await stage.press("2", "b", "down", "b", "4", "b")
        assert stage.watch.side_rosters.beside == [LIGHTHOUSE]
        assert [each.conversation for each in columns(stage)] == [LIGHTHOUSE]
        assert len(stage.store._kept._views) == 1
        await stage.press("2")
        await until(stage, lambda: "■" in stage.text)
        await stage.click("■")
        assert stage.watch.side_rosters.beside == []
        assert stage.toasts == [], "it is seen"
        await stage.press("1", "b", "b")
        assert stage.toasts == ["Side by side: Harbour crew", "Side by side: —"]


async def test_nothing_marked_and_no_room_are_each_said_in_a_sentence() -> None:
    async with on_stage(BROAD, keys={"beside": ["f6"]}) as stage:
        await stage.press("4")
        assert "Nothing is side by side yet. Choose conversations in view 2 with f6." in stage.text
        await stage.press("f6")
        assert stage.toasts[-1] == "No conversation is selected."
        await stage.press("1", "f6", "4")
        assert titles(stage) == ["Harbour crew · 8 online / 24"]
        await stage.resize(99, 40)
        assert "Side by side needs a terminal 100 columns wide; this one has 99." in stage.text
        assert not stage.screen.query_one("#columns").display
        await stage.resize(*BROAD)
        assert titles(stage) == ["Harbour crew · 8 online / 24"]


async def test_as_many_columns_as_fit_and_six_at_most() -> None:
    rooms = [Conversation(f"c-{place}", f"Room {place}") for place in range(7)]
    async with on_stage(BROAD) as stage:
        stage.watch.know(rooms)
        await stage.press("2", "home", *("b", "down") * 6, "b")
        assert stage.watch.side_rosters.beside == rooms[:6]
        assert stage.toasts[-1] == "No more than 6 conversations can be side by side."
        await stage.press("4")
        assert len(columns(stage)) == 4
        assert stage.lines()[0].text.startswith(" Side by side · 4 of 6 conversations")
        await stage.resize(300, 80)
        assert len(columns(stage)) == 6


async def test_a_roster_that_cannot_be_read_says_why_in_its_column() -> None:
    async with on_stage(BROAD) as stage:
        stage.watch.watch_beside([LIGHTHOUSE, NIGHT_SHIFT])
        await stage.press("4")
        stage.watch.read_beside(LIGHTHOUSE, RefreshReport(roster_error=AccessDenied("not a member")))
        stage.watch.read_beside(NIGHT_SHIFT, RefreshReport())
        await stage.settle()
        assert "not a member" in stage.text
        assert "Nobody is a member of this conversation." in stage.text
