"""Pause: the display is frozen and marked as such, and no change is lost."""

from presence_tui.domain.enums import Panel
from presence_tui.domain.translatable import NOTHING, phrase
from tests.tui.app_harness import (
    HARBOUR,
    LIGHTHOUSE,
    SMALLEST,
    WIDE,
    AppHarness,
    fill_with_many,
    key_of,
    member,
    running_app,
)
from tests.tui.test_panels import names_in


def picture(harness: AppHarness) -> list[str]:
    """The lines of both panels."""
    return [row.text for panel in (harness.online, harness.offline) for row in harness.rows(panel)]


async def test_nothing_moves_and_it_says_how_much_has_happened() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("space")
        before, activity = picture(harness), harness.line_with("live, epoch").text
        sidebar = harness.line_with("▸ Harbour crew").text[:26]
        assert "PAUSED · 0 changes since" in harness.said and "space goes on" in harness.said

        await harness.event("Bo Chen", False)
        await harness.event("Uma Rao", True)
        await harness.wait(30)
        assert picture(harness) == before
        assert harness.line_with("▸ Harbour crew").text[:26] == sidebar
        assert harness.line_with("live, epoch").text == activity and "Bo Chen left" not in harness.text
        decayed = ["Dmitri", "Élodie Marchand"]
        assert f"PAUSED · {2 + len(decayed)} changes since" in harness.said

        await harness.press("space")
        assert "PAUSED" not in harness.said
        assert "Bo Chen" in names_in(harness.rows(harness.offline))
        assert "Uma Rao came online" in harness.text and "Bo Chen left" in harness.text
        assert harness.store.counts(HARBOUR.id).online == 8


async def test_the_line_of_facets_stands_still_as_well() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("f", "down", "space", "escape", "space")
        assert "5 of 24 shown" in harness.said
        await harness.event("Uma Rao", True)
        await harness.event("Bo Chen", False)
        await harness.event("Hana Sato", True)
        assert "5 of 24 shown" in harness.said and "Online (8) · 5 shown" in harness.said
        await harness.press("space")
        assert "6 of 24 shown" in harness.said


async def test_the_link_stays_true() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("space")
        assert "● LIVE" in harness.lines()[0].text
        harness.monitor.link.stale(phrase("Nothing was heard."), NOTHING, harness.clock.wall_s)
        await harness.settle()
        await harness.wait(7)
        assert "STALE 7 s" in harness.lines()[0].text and "PAUSED" in harness.said
        assert harness.row_of("Ada Okafor").style_of("online").italic, "stale data is in italics"


async def test_other_conversations_are_not_counted() -> None:
    async with running_app(WIDE) as harness:
        harness.store.set_participants([], LIGHTHOUSE.id)
        await harness.press("space")
        harness.store.set_participants([member("Zed", key="u-zed")], LIGHTHOUSE.id)
        await harness.event("Zed", True)
        assert "PAUSED · 0 changes since" in harness.said


async def test_the_cursor_moves_over_what_was_and_the_why_line_says_what_is_now() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("home", "space")
        await harness.event("Bo Chen", False)
        await harness.press("j")
        assert harness.selected == "Bo Chen"
        assert "online" in harness.row_of("Bo Chen").text
        assert harness.line_with("Now: Bo Chen is offline")
        await harness.press("space")
        assert harness.selected == "Bo Chen" and harness.offline.has_focus


async def test_what_a_person_changes_ends_it() -> None:
    async with running_app(WIDE) as harness:
        for keys in (["s"], ["slash", "a", "escape"], ["f", "escape"], ["j", "p"], ["3"], ["1"]):
            await harness.press("space")
            assert "PAUSED" in harness.said
            await harness.press(*keys)
            assert "PAUSED" not in harness.said, keys
        await harness.press("space")
        harness.monitor.select(LIGHTHOUSE)
        await harness.settle()
        assert "PAUSED" not in harness.said


async def test_a_click_on_the_line_goes_on() -> None:
    async with running_app(SMALLEST) as harness:
        await harness.press("space")
        await harness.click("PAUSED")
        assert "PAUSED" not in harness.said


async def test_of_a_large_panel_the_rows_around_are_kept_and_no_others_made_up() -> None:
    async with running_app(WIDE, crew=False) as harness:
        harness.monitor.watch(HARBOUR)
        fill_with_many(harness.store, 3_000, 5)
        await harness.settle()
        await harness.press("space", "end")
        assert harness.selected is None or harness.selected.startswith("On 0"), (
            "the cursor stays on a known participant"
        )
        harness.panel(Panel.ONLINE).scroll_end(animate=False)
        await harness.settle()
        assert "not kept while paused" in harness.text
        harness.panel(Panel.ONLINE).scroll_home(animate=False)
        await harness.settle()
        assert "On 00000" in harness.text and "not kept while paused" not in harness.text
        await harness.press("space", "end")
        assert harness.selected == "On 02999"


async def test_in_a_text_field_a_space_is_a_space() -> None:
    async with running_app() as harness:
        await harness.press("slash", "a", "space", "o")
        assert "PAUSED" not in harness.said
        assert names_in(harness.rows(harness.online)) == ["Ada Okafor"]
        assert key_of("Ada Okafor") in harness.store.participants
