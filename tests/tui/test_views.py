"""Switching views by key, mouse and palette; each view keeps its state."""

from random import Random

import pytest
from textual.widgets import Input

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
    running_app,
    until,
)

TALL = (96, 60)
"""Shows the whole crew with the panels stacked."""


def panel_of(harness: AppHarness, name: ViewName, panel: Panel) -> RosterPanel:
    return harness.screen.query_one(f"#{name}-view #panel-{panel}", RosterPanel)


def tabs_line(harness: AppHarness) -> str:
    return " ".join(harness.lines()[1].text.split())


async def test_tabs_name_every_view_with_its_key_and_mark_the_one_seen() -> None:
    async with running_app(SMALLEST) as harness:
        assert tabs_line(harness).split() == [
            "1",
            "Participants",
            "2",
            "Conversations",
            "3",
            "Contacts",
            "4",
            "5",
            "Packets",
        ]
        assert tabs_line(harness).count("…") == 0, "a tab without room keeps its key alone"
        assert harness.lines()[1].style_of("Part").bold
        assert not harness.lines()[1].style_of("Cont").bold
        await harness.press("3")
        assert harness.lines()[1].style_of("Cont").bold
        assert not harness.lines()[1].style_of("Part").bold


async def test_keys_of_a_persons_own_stand_on_the_tabs() -> None:
    async with running_app(WIDE, keys={"view_contacts": ["f3"], "view_participants": []}) as harness:
        assert tabs_line(harness).startswith("Participants")
        assert "f3 Contacts" in tabs_line(harness)
        await harness.press("f3")
        assert harness.lines()[0].text.startswith(" Contacts")


async def test_a_view_is_chosen_by_mouse_and_by_the_palette() -> None:
    async with running_app(ROOMY) as harness:
        await harness.click("Contacts")
        assert harness.lines()[0].text.startswith(" Contacts")
        await harness.click("Participants")
        assert harness.lines()[0].text.startswith(" Harbour crew")
        await harness.press("ctrl+p", *"contacts")
        await until(harness, lambda: "where they were seen" in harness.text)
        await harness.press("enter")
        await until(harness, lambda: harness.lines()[0].text.startswith(" Contacts"))


async def test_each_view_keeps_cursor_scrolling_filter_and_order() -> None:
    async with running_app(USUAL) as harness:
        await harness.press("s", "slash", "n", "enter", "tab", "end", "k")
        assert harness.offline.has_focus
        there = (harness.selected, harness.offline.scroll_offset, harness.said.splitlines()[2:])
        await harness.press("3")
        assert harness.selected == "Ada Okafor"
        contacts = panel_of(harness, ViewName.CONTACTS, Panel.ONLINE)
        assert contacts.has_focus
        assert "by name" in harness.text and "esc clears" not in harness.text
        await harness.press("j", "s", "slash", "c", "h")
        assert harness.selected == "Bo Chen"
        other = (harness.selected, harness.said.splitlines()[2:-1])
        await harness.press("enter", "1")
        assert (harness.selected, harness.offline.scroll_offset, harness.said.splitlines()[2:]) == there
        assert harness.screen.query_one("#filter", Input).value == "n"
        assert harness.offline.has_focus
        await harness.press("3", "slash")
        assert (harness.selected, harness.said.splitlines()[2:-1]) == other


async def test_a_view_that_comes_back_is_as_the_store_is_now() -> None:
    async with running_app(TALL) as harness:
        await harness.press("3", "1")
        await harness.event("Ada Okafor", False)
        await harness.event("Zoe New", True)
        assert harness.title_of(harness.online) == "Online (7)"
        await harness.press("3")
        contacts = panel_of(harness, ViewName.CONTACTS, Panel.ONLINE)
        assert harness.title_of(contacts) == "Online (8)"
        assert any("Zoe New" in row.text for row in harness.rows(contacts))
        await harness.event("Zoe New", False)
        await harness.press("1")
        assert harness.title_of(harness.online) == "Online (7)"
        assert not any("Zoe New" in row.text for row in harness.rows(harness.online))


async def test_who_is_not_seen_costs_nothing() -> None:
    async with running_app(ROOMY) as harness:
        for key in ("3", "1", "3"):
            await harness.press(key)
            assert len(harness.store.indexes._indexes) == 1


async def test_esc_goes_back_to_the_participants_when_there_is_nothing_else_to_leave() -> None:
    async with running_app(ROOMY) as harness:
        await harness.press("3", "slash", "a", "enter", "escape")
        assert harness.lines()[0].text.startswith(" Contacts")
        await harness.press("escape")
        assert harness.lines()[0].text.startswith(" Harbour crew")
        await harness.press("escape")
        assert harness.lines()[0].text.startswith(" Harbour crew")


async def test_another_conversation_is_seen_in_the_participants() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("3", "c", "down", "enter")
        assert harness.monitor.selected == [LIGHTHOUSE]
        assert harness.lines()[0].text.startswith(" Lighthouse")


async def test_contacts_lists_everyone_once_and_where_they_were_seen() -> None:
    async with running_app(TALL) as harness:
        harness.store.set_participants([member("Ada Okafor"), member("Zoe New")], LIGHTHOUSE.id)
        harness.store.set_participants([member("Ada Okafor")], "c-not-mine")
        await harness.event("Nobody Placed", True)
        await harness.press("3")
        online, offline = (panel_of(harness, ViewName.CONTACTS, panel) for panel in Panel)
        rows = [" ".join(row.text.split()) for panel in (online, offline) for row in harness.rows(panel)]
        assert "● Ada Okafor Harbour crew, Lighthouse online 5 s" in rows
        assert "● Nobody Placed — online 0 s" in rows
        assert sum("Ada Okafor" in row for row in rows) == 1
        assert harness.lines()[0].text.startswith(" Contacts · 26 participants · 2 of 3 conversations  ")
        await harness.resize(130, 60)
        said = harness.lines()[0].text
        assert said.startswith(" Contacts · 26 participants · 2 of 3 conversations · 1 listed in part  ")
        assert harness.title_of(online) == "Online (9)"
        assert harness.title_of(offline) == "Offline (17)"
        await harness.press("end")
        await harness.click("Bo Chen")
        assert harness.selected == "Bo Chen"
        await harness.press("enter")
        assert key_of("Bo Chen") in harness.text


async def test_contacts_says_how_many_more_conversations_there_are_than_fit() -> None:
    async with running_app(SMALLEST) as harness:
        for conversation in harness.monitor.conversations[1:]:
            harness.store.set_participants([member("Ada Okafor")], conversation.id)
        await harness.press("3")
        row = harness.rows(panel_of(harness, ViewName.CONTACTS, Panel.ONLINE))[0].text
        assert "Harbour crew +2 " in row
        await harness.resize(*WIDE)
        row = harness.rows(panel_of(harness, ViewName.CONTACTS, Panel.ONLINE))[0].text
        assert "Harbour crew, Lighthouse +1" in row


async def test_contacts_says_when_nobody_is_known() -> None:
    async with running_app(ROOMY, crew=False) as harness:
        await harness.press("3")
        assert "Nobody is known yet." in harness.text
        assert harness.lines()[0].text.startswith(" Contacts  ")
        harness.monitor.set_conversations([HARBOUR])
        fill_with_crew(harness.store)
        await harness.settle()
        assert "Ada Okafor" in harness.text


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
async def test_all_views_agree_whatever_happens(seed: int) -> None:
    """Compare the counts of each view with a count over all participants."""
    random, rooms = Random(seed), [HARBOUR, LIGHTHOUSE, NIGHT_SHIFT]
    names = [*ONLINE_NAMES, *OFFLINE_NAMES[:4], "Newcomer One", "Newcomer Two"]
    async with running_app((200, 60)) as harness:
        harness.monitor.watch_beside(rooms)
        for _ in range(3):
            for _ in range(40):
                await _something_happens(harness.store, random, names, [room.id for room in rooms])
            harness.clock.advance(random.choice([0.0, 1.0, 61.0, 200.0]))
            harness.store.states.advance()
            for room in rooms:
                harness.monitor.watch(room)
                await harness.press("1")
                assert [harness.title_of(panel) for panel in (harness.online, harness.offline)] == titles(
                    harness, room.id
                )
                assert_states(harness, harness.online, harness.offline)
            await harness.press("2")
            for room in rooms:
                counts = harness.store.counts(room.id)
                if harness.store.rosters.knows(room.id):
                    line = harness.line_with(f"■ {room.title}").text
                    assert f" {counts.online} / {counts.total}" in line
            await harness.press("3")
            panels = [panel_of(harness, ViewName.CONTACTS, panel) for panel in Panel]
            assert [harness.title_of(panel) for panel in panels] == titles(harness, None)
            assert_states(harness, *panels)
            await harness.press("4")
            for column in harness.screen.query(Column):
                panels = [column.query_one(f"#panel-{panel}", RosterPanel) for panel in Panel]
                assert [harness.title_of(panel) for panel in panels] == titles(
                    harness, column.conversation.id
                )
                assert_states(harness, *panels)


async def _something_happens(
    store: PresenceStore, random: Random, names: list[str], rooms: list[str]
) -> None:
    name, room = random.choice(names), random.choice(rooms)
    match random.randrange(6):
        case 0:
            store.set_participants([member(name)], room)
        case 1:
            store.members.remove(key_of(name), room)
        case 2:
            now = store.clock.stamp()
            store.apply_answers([PresenceRow(key_of(name), random.random() < 0.5)], Source.RUNTIME, now)
        case _:
            store.apply_status(Status(key_of(name), random.random() < 0.5, name))


def titles(harness: AppHarness, conversation_id: str | None) -> list[str]:
    """The expected titles of both panels, from all participants."""
    records = harness.store.participants.values()
    listed = [each for each in records if harness.store.rosters.is_member(conversation_id, each)]
    online = sum(each.flag is True for each in listed)
    return [f"Online ({online})", f"Offline ({len(listed) - online})"]


def assert_states(harness: AppHarness, *panels: RosterPanel) -> None:
    """Every visible row shows the state in the store."""
    for panel in panels:
        for row in filter(lambda row: row.text.strip(), harness.rows(panel)):
            named = [each for each in harness.store.participants.values() if each.shown_name in row.text]
            assert any(f" {each.state} " in row.text for each in named) or _says_nobody(row.text), row.text


def _says_nobody(text: str) -> bool:
    return "Nobody" in text or "Asking who is here" in text
