"""Going from one conversation to another."""

from presence_tui.domain.participants import Conversation
from tests.tui.stage import HARBOUR, LIGHTHOUSE, NIGHT_SHIFT, USUAL, WIDE, member, on_stage


async def test_the_sidebar_lists_counts_and_marks_the_one_watched() -> None:
    async with on_stage(WIDE) as stage:
        await stage.wait(1)
        sidebar = stage.screen.query_one("#conversations")
        lines = [line.text[1 : sidebar.region.right - 1] for line in stage.lines()[2:5]]
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
