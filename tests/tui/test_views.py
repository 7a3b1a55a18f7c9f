"""From one view to another: by key, mouse and palette, each as it was left."""

from random import Random

import pytest

from presence_tui.domain.enums import Panel, Source
from presence_tui.store import PresenceStore
from presence_tui.tui.views.names import ViewName
from presence_tui.tui.views.side_by_side import Column
from presence_tui.tui.widgets.roster_panel import RosterPanel
from presence_tui.wire.messages import PresenceRow, Status
from tests.tui.app_harness import (
    HARBOUR,
    LIGHTHOUSE,
    NIGHT_SHIFT,
    OFFLINE_NAMES,
    ONLINE_NAMES,
    ROOMY,
    SMALLEST,
    USUAL,
    WIDE,
    AppHarness,
    fill_with_crew,
    key_of,
    member,
    on_stage,
    until,
)

TALL = (96, 60)
"""Shows the whole crew with its panels above each other."""


def panel_of(stage: AppHarness, name: ViewName, panel: Panel) -> RosterPanel:
    return stage.screen.query_one(f"#{name}-view #panel-{panel}", RosterPanel)


def tabs_line(stage: AppHarness) -> str:
    return " ".join(stage.lines()[1].text.split())


async def test_tabs_name_every_view_with_its_key_and_mark_the_one_seen() -> None:
    async with on_stage(SMALLEST) as stage:
        for name in ViewName:
            assert name.value.split("-")[0] in tabs_line(stage).lower()
        assert stage.lines()[1].style_of("Participants").bold
        assert not stage.lines()[1].style_of("Contacts").bold
        await stage.press("3")
        assert stage.lines()[1].style_of("Contacts").bold
        assert not stage.lines()[1].style_of("Participants").bold


async def test_keys_of_a_persons_own_stand_on_the_tabs() -> None:
    async with on_stage(WIDE, keys={"view_contacts": ["f3"], "view_participants": []}) as stage:
        assert tabs_line(stage).startswith("Participants")
        assert "f3 Contacts" in tabs_line(stage)
        await stage.press("f3")
        assert stage.lines()[0].text.startswith(" Contacts")


async def test_a_view_is_chosen_by_mouse_and_by_the_palette() -> None:
    async with on_stage(ROOMY) as stage:
        await stage.click("Contacts")
        assert stage.lines()[0].text.startswith(" Contacts")
        await stage.click("Participants")
        assert stage.lines()[0].text.startswith(" Harbour crew")
        await stage.press("ctrl+p", *"contacts")
        await until(stage, lambda: "where they were seen" in stage.text)
        await stage.press("enter")
        await until(stage, lambda: stage.lines()[0].text.startswith(" Contacts"))


async def test_each_view_keeps_cursor_scrolling_filter_and_order() -> None:
    async with on_stage(USUAL) as stage:
        await stage.press("s", "slash", "n", "enter", "tab", "end", "k")
        assert stage.offline.has_focus
        there = (stage.selected, stage.offline.scroll_offset, stage.said.splitlines()[2:])
        await stage.press("3")
        assert stage.selected == "Ada Okafor"
        contacts = panel_of(stage, ViewName.CONTACTS, Panel.ONLINE)
        assert contacts.has_focus
        assert "by name" in stage.text and "esc clears" not in stage.text
        await stage.press("j", "s", "slash", "c", "h")
        assert stage.selected == "Bo Chen"
        other = (stage.selected, stage.said.splitlines()[2:-1])
        await stage.press("enter", "1")
        assert (stage.selected, stage.offline.scroll_offset, stage.said.splitlines()[2:]) == there
        assert stage.screen.query_one("#filter", expect_type=None).value == "n"  # type: ignore[attr-defined]
        assert stage.offline.has_focus
        await stage.press("3", "slash")
        assert (stage.selected, stage.said.splitlines()[2:-1]) == other


async def test_a_view_that_comes_back_is_as_the_store_is_now() -> None:
    async with on_stage(TALL) as stage:
        await stage.press("3", "1")
        await stage.event("Ada Okafor", False)
        await stage.event("Zoe New", True)
        assert stage.title_of(stage.online) == "Online (8)"
        await stage.press("3")
        contacts = panel_of(stage, ViewName.CONTACTS, Panel.ONLINE)
        assert stage.title_of(contacts) == "Online (8)"
        assert any("Zoe New" in row.text for row in stage.rows(contacts))
        await stage.event("Zoe New", False)
        await stage.press("1")
        assert stage.title_of(stage.online) == "Online (7)"
        assert not any("Zoe New" in row.text for row in stage.rows(stage.online))


async def test_who_is_not_seen_costs_nothing() -> None:
    async with on_stage(ROOMY) as stage:
        for key in ("3", "1", "3"):
            await stage.press(key)
            assert len(stage.store._kept._views) == 1


async def test_esc_goes_back_to_the_participants_when_there_is_nothing_else_to_leave() -> None:
    async with on_stage(ROOMY) as stage:
        await stage.press("3", "slash", "a", "enter", "escape")
        assert stage.lines()[0].text.startswith(" Contacts")
        await stage.press("escape")
        assert stage.lines()[0].text.startswith(" Harbour crew")
        await stage.press("escape")
        assert stage.lines()[0].text.startswith(" Harbour crew")


async def test_another_conversation_is_seen_in_the_participants() -> None:
    async with on_stage(WIDE) as stage:
        await stage.press("3", "c", "down", "enter")
        assert stage.watch.selected == [LIGHTHOUSE]
        assert stage.lines()[0].text.startswith(" Lighthouse")


async def test_contacts_lists_everyone_once_and_where_they_were_seen() -> None:
    async with on_stage(TALL) as stage:
        stage.store.set_participants([member("Ada Okafor"), member("Zoe New")], LIGHTHOUSE.id)
        stage.store.set_participants([member("Ada Okafor")], "c-not-mine")
        await stage.event("Nobody Placed", True)
        await stage.press("3")
        online, offline = (panel_of(stage, ViewName.CONTACTS, panel) for panel in Panel)
        rows = [" ".join(row.text.split()) for panel in (online, offline) for row in stage.rows(panel)]
        assert "● Ada Okafor Harbour crew, Lighthouse online 5 s" in rows
        assert "● Nobody Placed — online 0 s" in rows
        assert sum("Ada Okafor" in row for row in rows) == 1
        assert stage.lines()[0].text.startswith(" Contacts · 26 participants · 2 of 3 conversations  ")
        await stage.resize(130, 60)
        said = stage.lines()[0].text
        assert said.startswith(" Contacts · 26 participants · 2 of 3 conversations · 1 listed in part  ")
        assert stage.title_of(online) == "Online (9)"
        assert stage.title_of(offline) == "Offline (17)"
        await stage.press("end")
        await stage.click("Bo Chen")
        assert stage.selected == "Bo Chen"
        await stage.press("enter")
        assert key_of("Bo Chen") in stage.text


async def test_contacts_says_how_many_more_conversations_there_are_than_fit() -> None:
    async with on_stage(SMALLEST) as stage:
        for conversation in stage.watch.conversations[1:]:
            stage.store.set_participants([member("Ada Okafor")], conversation.id)
        await stage.press("3")
        row = stage.rows(panel_of(stage, ViewName.CONTACTS, Panel.ONLINE))[0].text
        assert "Harbour crew +2 " in row
        await stage.resize(*WIDE)
        row = stage.rows(panel_of(stage, ViewName.CONTACTS, Panel.ONLINE))[0].text
        assert "Harbour crew, Lighthouse +1" in row


async def test_contacts_says_when_nobody_is_known() -> None:
    async with on_stage(ROOMY, crew=False) as stage:
        await stage.press("3")
        assert "Nobody is known yet." in stage.text
        assert stage.lines()[0].text.startswith(" Contacts  ")
        stage.watch.know([HARBOUR])
        fill_with_crew(stage.store)
        await stage.settle()
        assert "Ada Okafor" in stage.text


@pytest.mark.parametrize("seed", range(3))
async def test_all_views_agree_whatever_happens(seed: int) -> None:
    """Each says what a count of everybody, one by one, says."""
    random, rooms = Random(seed), [HARBOUR, LIGHTHOUSE, NIGHT_SHIFT]
    names = [*ONLINE_NAMES, *OFFLINE_NAMES[:4], "Newcomer One", "Newcomer Two"]
    async with on_stage((200, 60)) as stage:
        stage.watch.watch_beside(rooms)
        for _ in range(3):
            for _ in range(40):
                await _something_happens(stage.store, random, names, [room.id for room in rooms])
            stage.clock.advance(random.choice([0.0, 1.0, 61.0, 200.0]))
            stage.store.advance()
            for room in rooms:
                stage.watch.watch(room)
                await stage.press("1")
                assert [stage.title_of(panel) for panel in (stage.online, stage.offline)] == titles(
                    stage, room.id
                )
                assert_states(stage, stage.online, stage.offline)
            await stage.press("2")
            for room in rooms:
                counts = stage.store.counts(room.id)
                if stage.store.rosters.knows(room.id):
                    line = stage.line_with(f"■ {room.title}").text
                    assert f" {counts.online} / {counts.total}" in line
            await stage.press("3")
            panels = [panel_of(stage, ViewName.CONTACTS, panel) for panel in Panel]
            assert [stage.title_of(panel) for panel in panels] == titles(stage, None)
            assert_states(stage, *panels)
            await stage.press("4")
            for column in stage.screen.query(Column):
                panels = [column.query_one(f"#panel-{panel}", RosterPanel) for panel in Panel]
                assert [stage.title_of(panel) for panel in panels] == titles(stage, column.conversation.id)
                assert_states(stage, *panels)


async def _something_happens(
    store: PresenceStore, random: Random, names: list[str], rooms: list[str]
) -> None:
    name, room = random.choice(names), random.choice(rooms)
    match random.randrange(6):
        case 0:
            store.set_participants([member(name)], room)
        case 1:
            store.remove_participant(key_of(name), room)
        case 2:
            now = store.clock.stamp()
            store.apply_answers([PresenceRow(key_of(name), random.random() < 0.5)], Source.RUNTIME, now)
        case _:
            store.apply_status(Status(key_of(name), random.random() < 0.5, name))


def titles(stage: AppHarness, conversation_id: str | None) -> list[str]:
    """The titles of both panels, by looking at everybody."""
    records = stage.store.participants.values()
    listed = [each for each in records if stage.store.rosters.lists(conversation_id, each)]
    online = sum(each.flag is True for each in listed)
    return [f"Online ({online})", f"Offline ({len(listed) - online})"]


def assert_states(stage: AppHarness, *panels: RosterPanel) -> None:
    """Every row in sight shows the state that the store has."""
    for panel in panels:
        for row in filter(lambda row: row.text.strip(), stage.rows(panel)):
            named = [each for each in stage.store.participants.values() if each.shown_name in row.text]
            assert any(f" {each.state} " in row.text for each in named) or "Nobody" in row.text, row.text
