"""Going from one conversation to another."""

import pytest

from presence_tui.domain.participants import Conversation
from tests.tui.app_harness import HARBOUR, LIGHTHOUSE, NIGHT_SHIFT, SMALLEST, USUAL, WIDE, member, on_stage


async def test_the_sidebar_lists_counts_and_marks_the_one_watched() -> None:
    async with on_stage(WIDE) as stage:
        await stage.wait(1)
        sidebar = stage.screen.query_one("#conversations")
        lines = [line.text[1 : sidebar.region.right - 1] for line in stage.lines()[3:6]]
        assert [line.split() for line in lines] == [
            ["▸", "Harbour", "crew", "8/24"],
            ["Lighthouse", "6"],
            ["Night", "shift", "199+"],
        ]


async def test_c_goes_to_the_sidebar_and_enter_chooses() -> None:
    async with on_stage(WIDE) as stage:
        await stage.press("j", "c")
        assert stage.screen.query_one("#conversations").has_focus
        await stage.press("down", "enter")
        assert stage.watch.selected == [LIGHTHOUSE]
        assert stage.online.has_focus
        assert stage.selected is None
        assert stage.lines()[0].text.startswith(" Lighthouse")
        assert stage.title_of(stage.online) == "Online (0)"
        stage.store.set_participants([member("Ada Okafor"), member("Zoe New")], LIGHTHOUSE.id)
        await stage.settle()
        assert stage.title_of(stage.online) == "Online (1)"
        assert "Zoe New" in stage.text


async def test_j_and_k_move_in_the_sidebar_as_everywhere() -> None:
    async with on_stage(WIDE) as stage:
        await stage.press("c", "j", "j", "k", "enter")
        assert stage.watch.selected == [LIGHTHOUSE]


async def test_esc_leaves_the_sidebar_and_a_click_chooses() -> None:
    async with on_stage(WIDE) as stage:
        await stage.press("c", "escape")
        assert stage.online.has_focus
        await stage.press("c", "enter")
        assert stage.watch.selected == [], "the one already watched is not read again"
        assert stage.online.has_focus
        await stage.click("Night shift")
        assert stage.watch.selected == [NIGHT_SHIFT]


async def test_c_opens_a_picker_where_there_is_no_room_for_the_sidebar() -> None:
    async with on_stage(USUAL) as stage:
        await stage.press("c")
        assert "╭─ Conversations ─" in stage.text
        assert "▸ Harbour crew" in stage.text
        await stage.press("j", "j", "k", "enter")
        assert stage.watch.selected == [LIGHTHOUSE]
        await stage.press("c", "escape")
        await stage.press("c", "q")
        assert stage.app.is_running
        assert stage.watch.selected == [LIGHTHOUSE]


@pytest.mark.parametrize("title_cells", [0, 30, 45, 60, 120])
@pytest.mark.parametrize("size", [USUAL, SMALLEST], ids="{0[0]}x{0[1]}".format)
async def test_the_picker_is_as_wide_as_its_titles_or_as_the_screen(
    size: tuple[int, int], title_cells: int
) -> None:
    title = "漢" * (title_cells // 2 - 1) + "end"
    long = [Conversation(f"c-{place}", title, member_count=7) for place in range(30)]
    async with on_stage(size) as stage:
        stage.watch.know([HARBOUR, *long])
        await stage.press("c")
        region = stage.app.screen.query_one("#picker").region
        lines = [line.text[region.x : region.right] for line in stage.lines()[region.y : region.bottom]]
        fits = title_cells + 12 <= size[0]
        assert ("end" in stage.text) == fits
        assert ("…" in "".join(lines)) == (not fits)
        assert lines[-1].endswith("─ esc closes ─╯")
        assert region.width == size[0] or (region.x >= 3 and region.right <= size[0] - 3)
        assert not any(line.strip("│ ") == "7" for line in lines), "no line is wrapped"
        await stage.press("end", "enter")
        assert stage.watch.selected == [long[-1]]


async def test_the_picker_follows_a_resize() -> None:
    async with on_stage(USUAL) as stage:
        stage.watch.know([HARBOUR, Conversation("c-long", "A title of forty cells, no more, no less", "")])
        await stage.press("c")
        assert "no less" in stage.text
        await stage.resize(40, 15)
        assert "no less" not in stage.text and "A title of forty" in stage.text
        await stage.resize(*USUAL)
        assert "no less" in stage.text


async def test_another_conversation_starts_at_its_top() -> None:
    async with on_stage(USUAL) as stage:
        await stage.press("tab", "end")
        assert stage.offline.scroll_offset.y > 0
        stage.watch.select(Conversation("c-new", "New one"))
        await stage.settle()
        assert stage.offline.scroll_offset.y == 0
        stage.watch.select(HARBOUR)
        await stage.settle()
        assert "Ingrid Solberg" in stage.rows(stage.offline)[0].text
