"""From 60×15 to 300×80."""

import pytest
from rich.cells import cell_len

from presence_tui.domain.enums import Source
from presence_tui.domain.translatable import phrase
from presence_tui.tui.app import WHY_IN_ONE_ROW
from presence_tui.tui.commands import commands
from presence_tui.tui.language import LANGUAGES, Language
from presence_tui.tui.widgets.title_bar import TitleBar
from presence_tui.wire.messages import PresenceRow
from tests.tui.app_harness import (
    ONLINE_NAMES,
    SIZES,
    SMALLEST,
    UNKNOWN_NAME,
    USUAL,
    AppHarness,
    key_of,
    on_stage,
)

AWKWARD_NAMES = (
    "Wide 漢字かな交じり文の名前は幅が二倍になります",
    "e\u0301x\u0323\u0308" * 20,
    "🧑\u200d🚀 " * 12,
    "🇫🇷🇨🇭👍🏽❤️1️⃣ " * 6,
    "هذا اسم من اليمين إلى اليسار طويل جدا في الحقيقة",
    "नमस्ते क्षत्रिय हिन्दी नाम बहुत लंबा है यहाँ",
)


def assert_whole(stage: AppHarness, size: tuple[int, int]) -> None:
    """The picture is exactly as large as the screen."""
    lines = stage.lines()
    assert len(lines) == size[1]
    assert {cell_len(line.text) for line in lines} == {size[0]}, stage.text


@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
async def test_everything_has_its_place(size: tuple[int, int]) -> None:
    width, height = size
    async with on_stage(size) as stage:
        sidebar = stage.screen.query_one("#conversations")
        online, offline = stage.online.region, stage.offline.region
        assert sidebar.display == (width >= 100)
        assert (online.x == offline.x) == (width < 70), "panels stack below 70 columns"
        assert (online.y == offline.y) == (width >= 70)
        assert abs(online.width - offline.width) <= 1
        assert stage.online.size.height >= 2 and stage.offline.size.height >= 2
        assert stage.online.size.width >= 30, "there is room for the word of the state"
        assert len(stage.rows(stage.online)) == min(8, stage.online.size.height)
        assert stage.lines()[-1].text.startswith(" r Refresh  / Filter")
        assert " LIVE " in stage.lines()[0].text
        assert stage.title_of(stage.online) == "Online (8)"
        assert stage.title_of(stage.offline) == "Offline (16)"
        assert stage.screen.query_one(TitleBar).region.height == 1
        if height >= 24:
            assert stage.screen.query_one("#activity").size.height >= 4
        for name in AWKWARD_NAMES:
            await stage.event(name, True)
        stage.store.apply_typing(key_of("Ada Okafor"))
        await stage.press("j", "slash", "e")
        assert_whole(stage, size)
        await stage.press("escape", "question_mark")
        assert_whole(stage, size)
        if size == SMALLEST:
            for key in ("l", "i", "c"):
                await stage.press("escape", key)
                assert_whole(stage, size)


async def test_the_title_ends_where_the_panels_end() -> None:
    async with on_stage(SMALLEST) as stage:
        title = stage.lines()[0].text
        assert title.startswith(" Harbour crew") and title.endswith("websocket ")


async def test_a_resize_folds_and_unfolds_and_keeps_the_cursor() -> None:
    async with on_stage((130, 40)) as stage:
        sidebar = stage.screen.query_one("#conversations")
        await stage.press("tab", "end")
        assert stage.selected == UNKNOWN_NAME
        for size in ((99, 24), (69, 15), (70, 24), (100, 30)):
            await stage.resize(*size)
            assert_whole(stage, size)
            assert sidebar.display == (size[0] >= 100)
            assert stage.selected == UNKNOWN_NAME
            await stage.press("k", "j")
            assert UNKNOWN_NAME in "".join(row.text for row in stage.rows(stage.offline)), size


async def test_smaller_than_promised_it_still_runs() -> None:
    async with on_stage((20, 5)) as stage:
        await stage.press("j", "question_mark", "escape", "slash", "a", "escape")
        for size in ((1, 1), (10, 60), SMALLEST):
            await stage.resize(*size)
            await stage.event("Bo Chen", size == (1, 1))
        assert "Online (7)" in stage.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_footer_cuts_no_label_and_shows_first_what_is_needed_most(language: str) -> None:
    known = [command for command in commands(Language(language)) if command.in_footer]
    async with on_stage(SMALLEST, language=language) as stage:
        for width in (60, 69, 80, 96, 150, 80, 20):
            await stage.resize(width, 15)
            entries = [f"{command.key_shown} {command.label}" for command in known]
            footer = stage.lines()[-1].text
            assert cell_len(footer) == width
            shown = [entry for entry in entries if f" {entry} " in f"{footer} "]
            assert footer.split() == " ".join(shown).split(), "nothing is cut"
            if width >= 60:
                assert shown[:5] == entries[:5], "from refresh to quit"
            if width >= 150:
                assert shown == entries
        await stage.resize(80, 24)
        assert f" c {known[5].label}" in stage.lines()[-1].text, "where the sidebar is folded"
        await stage.resize(sum(cell_len(f" {entry} ") for entry in entries) - 1, 24)
        assert stage.lines()[-1].text.endswith(entries[-1]), "to the last cell"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_why_line_has_one_row_where_a_usual_one_fits_and_else_two(language: str) -> None:
    width = WHY_IN_ONE_ROW[language]
    async with on_stage((width, 30), language=language) as stage:
        await stage.event("Goran Petrović", True, last_active_s=stage.clock.wall_s - 50)
        await stage.wait(50)
        now = stage.clock.stamp()
        stage.store.apply_answers([PresenceRow(key_of("Goran Petrović"), True, None)], Source.RUNTIME, now)
        await stage.wait(40)
        why = stage.screen.query_one("#why")
        for columns, rows in ((width, 1), (width - 1, 2), (300, 1), (100, 2), (80, 2)):
            await stage.resize(columns, 30)
            await stage.press("home")
            heights = set()
            for _ in ONLINE_NAMES:
                heights.add(why.size.height)
                await stage.press("j")
            assert heights == {rows}, "it does not depend on who is selected"
            assert_whole(stage, (columns, 30))
            await stage.press("k")
            if columns == width:
                assert stage.selected == "Goran Petrović"
                said = stage.lines()[why.region.y].text
                assert "40 s" in said.replace("\N{NO-BREAK SPACE}", " ") and "flag" in said


@pytest.mark.parametrize("size", [USUAL, SMALLEST], ids="{0[0]}x{0[1]}".format)
async def test_a_long_activity_line_ends_with_an_ellipsis_beside_the_scrollbar(size: tuple[int, int]) -> None:
    async with on_stage(size) as stage:
        feed = stage.screen.query_one("#activity")
        for place in range(9):
            stage.watch.noticed.tell(phrase("{n} " + "a long story " * 9, n=place))
            await stage.settle()
            bar = 1 if size == USUAL and feed.show_vertical_scrollbar else 0
            cells = size[0] - bar
            assert stage.lines()[feed.region.y].text[:cells].rstrip().endswith("…"), "one line has no bar"
        assert feed.show_vertical_scrollbar


async def test_the_title_of_a_panel_says_whether_the_keys_go_there() -> None:
    async with on_stage() as stage:

        def lit() -> list[bool]:
            line = stage.lines()[stage.online.region.y - 1]
            names = ("Online (8)", "Offline (16)")
            return [line.style_of(f" {name} ").color == in_focus for name in names]

        in_focus = stage.line_with("Online (8)").style_of("Online (8)").color
        assert lit() == [True, False]
        await stage.press("tab")
        assert lit() == [False, True]
        await stage.press("slash")
        assert lit() == [False, False]
        await stage.press("escape")
        assert lit() == [False, True], "back to where the cursor is"


async def test_a_key_in_the_footer_is_pressed_by_a_click() -> None:
    async with on_stage((100, 30)) as stage:
        await stage.click(" Help")
        assert "esc closes" in stage.text
        await stage.press("escape")
        label, end = "Refresh", stage.lines()[-1].text.rstrip()
        plain = stage.line_with(" r Refresh").style_of(label)
        await stage.pilot.hover(offset=(4, 29))
        await stage.settle()
        assert stage.line_with(" r Refresh").style_of(label) != plain, "what would be clicked is lit"
        await stage.pilot.hover(offset=(len(end) + 1, 29))
        await stage.settle()
        assert stage.line_with(" r Refresh").style_of(label) == plain
        await stage.pilot.click(offset=(len(end) + 1, 29))
        await stage.settle()
        assert stage.lines()[-1].text.rstrip() == end


async def test_the_footer_offers_no_key_that_is_text_where_the_cursor_is() -> None:
    async with on_stage() as stage:
        await stage.press("slash")
        assert stage.lines()[-1].text.strip() == ""
        await stage.press("slash", "escape")
        assert stage.lines()[-1].text.startswith(" r Refresh  / Filter  enter Why")
