"""Switching between conversations."""

import pytest

from presence_tui.domain.participants import Conversation
from presence_tui.monitor.roster_refresh import RefreshReport
from presence_tui.wire.messages import Status
from tests.tui.app_harness import (
    HARBOUR,
    LIGHTHOUSE,
    NIGHT_SHIFT,
    SMALLEST,
    USUAL,
    WIDE,
    key_of,
    member,
    running_app,
)


async def test_the_sidebar_lists_counts_and_marks_the_one_watched() -> None:
    async with running_app(WIDE) as harness:
        await harness.wait(1)
        sidebar = harness.screen.query_one("#conversations")
        lines = [line.text[1 : sidebar.region.right - 1] for line in harness.lines()[3:6]]
        assert [line.split() for line in lines] == [
            ["▸", "Harbour", "crew", "8/24"],
            ["Lighthouse", "6"],
            ["Night", "shift", "199+"],
        ]


async def test_c_goes_to_the_sidebar_and_enter_chooses() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("home", "c")
        assert harness.screen.query_one("#conversations").has_focus
        await harness.press("down", "enter")
        assert harness.monitor.selected == [LIGHTHOUSE]
        assert harness.online.has_focus
        assert harness.selected is None
        assert harness.lines()[0].text.startswith(" Lighthouse")
        assert harness.title_of(harness.online) == "Online (0)"
        harness.store.set_participants([member("Ada Okafor"), member("Zoe New")], LIGHTHOUSE.id)
        await harness.settle()
        assert harness.title_of(harness.online) == "Online (1)"
        assert "Zoe New" in harness.text


async def test_j_and_k_move_in_the_sidebar_as_everywhere() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("c", "j", "j", "k", "enter")
        assert harness.monitor.selected == [LIGHTHOUSE]


async def test_esc_leaves_the_sidebar_and_a_click_chooses() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("c", "escape")
        assert harness.online.has_focus
        await harness.press("c", "enter")
        assert harness.monitor.selected == [], "the watched conversation is not read again"
        assert harness.online.has_focus
        await harness.click("Night shift")
        assert harness.monitor.selected == [NIGHT_SHIFT]


async def test_c_opens_a_picker_where_there_is_no_room_for_the_sidebar() -> None:
    async with running_app(USUAL) as harness:
        await harness.press("c")
        assert "╭─ Conversations ─" in harness.text
        assert "▸ Harbour crew" in harness.text
        await harness.press("j", "j", "k", "enter")
        assert harness.monitor.selected == [LIGHTHOUSE]
        await harness.press("c", "escape")
        await harness.press("c", "q")
        assert harness.app.is_running
        assert harness.monitor.selected == [LIGHTHOUSE]


@pytest.mark.parametrize("title_cells", [0, 30, 45, 60, 120])
@pytest.mark.parametrize("size", [USUAL, SMALLEST], ids="{0[0]}x{0[1]}".format)
async def test_the_picker_is_as_wide_as_its_titles_or_as_the_screen(
    size: tuple[int, int], title_cells: int
) -> None:
    title = "漢" * (title_cells // 2 - 1) + "end"
    long = [Conversation(f"c-{place}", title, member_count=7) for place in range(30)]
    async with running_app(size) as harness:
        harness.monitor.set_conversations([HARBOUR, *long])
        await harness.press("c")
        picker = harness.app.screen.query_one("#picker")
        region, lines = picker.region, [line.text for line in harness.lines_of(picker)]
        fits = title_cells + 12 <= size[0]
        assert ("end" in harness.text) == fits
        assert ("…" in "".join(lines)) == (not fits)
        assert lines[-1].endswith("─ esc closes ─╯")
        assert region.width == size[0] or (region.x >= 3 and region.right <= size[0] - 3)
        assert not any(line.strip("│ ") == "7" for line in lines), "no line is wrapped"
        await harness.press("end", "enter")
        assert harness.monitor.selected == [long[-1]]


async def test_the_picker_follows_a_resize() -> None:
    async with running_app(USUAL) as harness:
        harness.monitor.set_conversations(
            [HARBOUR, Conversation("c-long", "A title of forty cells, no more, no less", "")]
        )
        await harness.press("c")
        assert "no less" in harness.text
        await harness.resize(40, 15)
        assert "no less" not in harness.text and "A title of forty" in harness.text
        await harness.resize(*USUAL)
        assert "no less" in harness.text


async def test_another_conversation_starts_at_its_top() -> None:
    async with running_app(USUAL) as harness:
        await harness.press("tab", "end")
        assert harness.offline.scroll_offset.y > 0
        harness.monitor.select(Conversation("c-new", "New one"))
        await harness.settle()
        assert harness.offline.scroll_offset.y == 0
        harness.monitor.select(HARBOUR)
        await harness.settle()
        assert "Ingrid Solberg" in harness.rows(harness.offline)[0].text


async def test_a_list_that_is_cut_says_so_in_the_same_figures_everywhere() -> None:
    async with running_app(WIDE) as harness:
        members = [member(f"P {place:03}") for place in range(99)]
        harness.store.set_participants(members, NIGHT_SHIFT.id)
        for one in members[:3]:
            harness.store.apply_status(Status(one.key, True))
        await harness.wait(1)
        assert "3/99 (199+)" in harness.line_with("Night").text
        await harness.press("2")
        assert "3 / 99 (199+)" in harness.said
        await harness.press("end")
        assert "Night shift: 3 of 99 listed, 199+ members · enter opens it" in harness.said
        await harness.press("1")
        harness.monitor.watch(NIGHT_SHIFT)
        harness.monitor.resync(RefreshReport(participants=99, total=199, total_capped=True))
        await harness.settle()
        assert "3 of 99 listed, 199+ members" in harness.lines()[0].text


async def test_who_left_a_roster_that_was_read_whole_is_no_member_that_is_not_listed() -> None:
    async with running_app(WIDE) as harness:
        harness.store.members.set_roster_read(HARBOUR.id, harness.clock.stamp(), is_whole=True)
        harness.store.members.remove(key_of("Ada Okafor"), HARBOUR.id)
        await harness.wait(1)
        assert "7/23" in harness.text and "7/23 (" not in harness.text
        harness.store.members.set_roster_read(HARBOUR.id, harness.clock.stamp(), is_whole=False)
        await harness.wait(1)
        assert "7/23 (24)" in harness.text
