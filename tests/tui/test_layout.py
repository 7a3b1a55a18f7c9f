"""Layout from 60×15 to 300×80."""

import pytest
from rich.cells import cell_len
from textual.geometry import Region
from textual.widget import Widget

from presence_tui.domain.enums import Source
from presence_tui.domain.translatable import phrase
from presence_tui.text.language import LANGUAGES, Language
from presence_tui.tui.app import WHY_IN_ONE_ROW
from presence_tui.tui.commands import commands
from presence_tui.tui.views.people_view import ParticipantsView
from presence_tui.tui.widgets.title_bar import TitleBar
from presence_tui.wire.messages import PresenceRow
from tests.tui.app_harness import (
    ONLINE_NAMES,
    SMALLEST,
    UNKNOWN_NAME,
    USUAL,
    AppHarness,
    every_size,
    key_of,
    running_app,
)

pytestmark = pytest.mark.slow

AWKWARD_NAMES = (
    "Wide 漢字かな交じり文の名前は幅が二倍になります",
    "e\u0301x\u0323\u0308" * 20,
    "🧑\u200d🚀 " * 12,
    "🇫🇷🇨🇭👍🏽❤️1️⃣ " * 6,
    "هذا اسم من اليمين إلى اليسار طويل جدا في الحقيقة",
    "नमस्ते क्षत्रिय हिन्दी नाम बहुत लंबा है यहाँ",
)


def assert_whole(harness: AppHarness, size: tuple[int, int]) -> None:
    """The drawn screen has exactly this size."""
    lines = harness.lines()
    assert len(lines) == size[1]
    assert {cell_len(line.text) for line in lines} == {size[0]}, harness.text


@every_size
async def test_everything_has_its_place(size: tuple[int, int]) -> None:
    width, height = size
    async with running_app(size) as harness:
        sidebar = harness.screen.query_one("#conversations")
        online, offline = harness.online.region, harness.offline.region
        assert sidebar.display == (width >= 100)
        assert (online.x == offline.x) == (width < 70), "panels stack below 70 columns"
        assert (online.y == offline.y) == (width >= 70)
        assert abs(online.width - offline.width) <= 1
        assert harness.online.size.height >= 2 and harness.offline.size.height >= 2
        assert harness.online.size.width >= 30, "the state word fits"
        assert len(harness.rows(harness.online)) == min(8, harness.online.size.height)
        assert harness.lines()[-1].text.startswith(" r Refresh  / Filter")
        assert " LIVE " in harness.lines()[0].text
        assert harness.title_of(harness.online) == "Online (8)"
        assert harness.title_of(harness.offline) == "Offline (16)"
        assert harness.screen.query_one(TitleBar).region.height == 1
        if height >= 24:
            assert harness.screen.query_one("#activity").size.height >= 4
        for name in AWKWARD_NAMES:
            await harness.event(name, True)
        harness.store.apply_typing(key_of("Ada Okafor"))
        await harness.press("home", "slash", "e")
        assert_whole(harness, size)
        await harness.press("escape", "question_mark")
        assert_whole(harness, size)
        if size == SMALLEST:
            for key in ("l", "i", "c"):
                await harness.press("escape", key)
                assert_whole(harness, size)


async def test_the_title_ends_where_the_panels_end() -> None:
    async with running_app(SMALLEST) as harness:
        title = harness.lines()[0].text
        assert title.startswith(" Harbour crew") and title.endswith("websocket ")


async def test_a_resize_folds_and_unfolds_and_keeps_the_cursor() -> None:
    async with running_app((130, 40)) as harness:
        sidebar = harness.screen.query_one("#conversations")
        await harness.press("tab", "end")
        assert harness.selected == UNKNOWN_NAME
        for size in ((99, 24), (69, 15), (70, 24), (100, 30)):
            await harness.resize(*size)
            assert_whole(harness, size)
            assert sidebar.display == (size[0] >= 100)
            assert harness.selected == UNKNOWN_NAME
            await harness.press("k", "j")
            assert UNKNOWN_NAME in "".join(row.text for row in harness.rows(harness.offline)), size


async def test_smaller_than_promised_it_still_runs() -> None:
    async with running_app((20, 5)) as harness:
        await harness.press("home", "question_mark", "escape", "slash", "a", "escape")
        for size in ((1, 1), (10, 60), SMALLEST):
            await harness.resize(*size)
            await harness.event("Bo Chen", size == (1, 1))
        assert "Online (7)" in harness.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_footer_cuts_no_label_and_shows_first_what_is_needed_most(language: str) -> None:
    left_out = ParticipantsView.WITHOUT
    known = [each for each in commands(Language(language)) if each.in_footer and each.name not in left_out]
    async with running_app(SMALLEST, language=language) as harness:
        for width in (60, 69, 80, 96, 150, 80, 20):
            await harness.resize(width, 15)
            entries = [f"{command.key_shown} {command.label}" for command in known]
            footer = harness.lines()[-1].text
            assert cell_len(footer) == width
            shown = [entry for entry in entries if f" {entry} " in f"{footer} "]
            assert footer.split() == " ".join(shown).split(), "no entry is cut"
            if width >= 60:
                assert shown[:5] == entries[:5], "the entries from refresh to quit"
            if width >= 150:
                assert shown == entries
        await harness.resize(80, 24)
        assert f" c {known[5].label}" in harness.lines()[-1].text, (
            "the entry is shown if the sidebar is folded"
        )
        await harness.resize(sum(cell_len(f" {entry} ") for entry in entries) - 1, 24)
        assert harness.lines()[-1].text.endswith(entries[-1]), "the footer is used to its last cell"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_why_line_has_one_row_where_a_usual_one_fits_and_else_two(language: str) -> None:
    width = WHY_IN_ONE_ROW[language]
    async with running_app((width, 30), language=language) as harness:
        await harness.event("Goran Petrović", True, last_active_s=harness.clock.wall_s - 50)
        await harness.wait(50)
        now = harness.clock.stamp()
        harness.store.apply_answers([PresenceRow(key_of("Goran Petrović"), True, None)], Source.RUNTIME, now)
        await harness.wait(40)
        why = harness.screen.query_one("#why")
        for columns, rows in ((width, 1), (width - 1, 2), (300, 1), (100, 2), (80, 2)):
            await harness.resize(columns, 30)
            await harness.press("home")
            heights = set()
            for _ in ONLINE_NAMES:
                heights.add(why.size.height)
                await harness.press("j")
            assert heights == {rows}, "the height does not depend on the selection"
            assert_whole(harness, (columns, 30))
            await harness.press("k")
            if columns == width:
                assert harness.selected == "Goran Petrović"
                said = harness.lines()[why.region.y].text
                assert "40 s" in said.replace("\N{NO-BREAK SPACE}", " ") and "flag" in said


@pytest.mark.parametrize("size", [USUAL, SMALLEST], ids="{0[0]}x{0[1]}".format)
async def test_a_long_activity_line_ends_with_an_ellipsis_beside_the_scrollbar(size: tuple[int, int]) -> None:
    async with running_app(size) as harness:
        feed = harness.screen.query_one("#activity")
        for place in range(9):
            harness.monitor.noticed.emit(phrase("{n} " + "a long story " * 9, n=place))
            await harness.settle()
            bar = 1 if size == USUAL and feed.show_vertical_scrollbar else 0
            cells = size[0] - bar
            assert harness.lines()[feed.region.y].text[:cells].rstrip().endswith("…"), (
                "a single line has no scrollbar"
            )
        assert feed.show_vertical_scrollbar


async def test_the_title_of_a_panel_says_whether_the_keys_go_there() -> None:
    async with running_app() as harness:

        def lit() -> list[bool]:
            line = harness.lines()[harness.online.region.y - 1]
            names = ("Online (8)", "Offline (16)")
            return [line.style_of(f" {name} ").color == in_focus for name in names]

        in_focus = harness.line_with("Online (8)").style_of("Online (8)").color
        assert lit() == [True, False]
        await harness.press("tab")
        assert lit() == [False, True]
        await harness.press("slash")
        assert lit() == [False, False]
        await harness.press("escape")
        assert lit() == [False, True], "the highlight returns to the cursor"


async def test_a_key_in_the_footer_is_pressed_by_a_click() -> None:
    async with running_app((100, 30)) as harness:
        await harness.click(" Help")
        assert "esc closes" in harness.text
        await harness.press("escape")
        label, end = "Refresh", harness.lines()[-1].text.rstrip()
        plain = harness.line_with(" r Refresh").style_of(label)
        await harness.pilot.hover(offset=(4, 29))
        await harness.settle()
        assert harness.line_with(" r Refresh").style_of(label) != plain, "the clickable entry is highlighted"
        await harness.pilot.hover(offset=(len(end) + 1, 29))
        await harness.settle()
        assert harness.line_with(" r Refresh").style_of(label) == plain
        await harness.pilot.click(offset=(len(end) + 1, 29))
        await harness.settle()
        assert harness.lines()[-1].text.rstrip() == end


async def test_the_footer_offers_no_key_that_is_text_where_the_cursor_is() -> None:
    async with running_app() as harness:
        await harness.press("slash")
        assert harness.lines()[-1].text.strip() == ""
        await harness.press("slash", "escape")
        assert harness.lines()[-1].text.startswith(" r Refresh  / Filter  enter Why")


@every_size
async def test_nothing_moves_when_a_pause_a_filter_or_facets_come_and_go(size: tuple[int, int]) -> None:
    def regions() -> list[Region]:
        ids = ("#conversations", "#panel-online", "#panel-offline", "#why", "#activity")
        return [harness.screen.query_one(each, Widget).region for each in ids]

    async with running_app(size) as harness:
        before = regions()
        for keys in (["space"], ["space"], ["slash"], ["a"], ["enter"], ["f", "down", "escape"], ["space"]):
            await harness.press(*keys)
            assert regions() == before, keys
        await harness.press("f", "down", "space", "escape", "space")
        assert regions() == before
        line = harness.lines()[1].text
        assert all(part in line for part in ("PAUSED", "/", "f ")), line
        assert ("Participants" in line) == (size[0] >= 120), line
        await harness.press("escape", "escape", "escape")
        assert "1 Participants" in harness.lines()[1].text
