"""A pause: what is shown stands still and says so, and nothing is lost meanwhile."""

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
    on_stage,
)
from tests.tui.test_panels import names_in


def picture(stage: AppHarness) -> list[str]:
    """What both panels say."""
    return [row.text for panel in (stage.online, stage.offline) for row in stage.rows(panel)]


async def test_nothing_moves_and_it_says_how_much_has_happened() -> None:
    async with on_stage(WIDE) as stage:
        await stage.press("space")
        before, activity = picture(stage), stage.line_with("live, epoch").text
        sidebar = stage.line_with("▸ Harbour crew").text[:26]
        assert "PAUSED · 0 changes since" in stage.said and "space goes on" in stage.said

        await stage.event("Bo Chen", False)
        await stage.event("Uma Rao", True)
        await stage.wait(30)
        assert picture(stage) == before
        assert stage.line_with("▸ Harbour crew").text[:26] == sidebar
        assert stage.line_with("live, epoch").text == activity and "Bo Chen left" not in stage.text
        decayed = ["Dmitri", "Élodie Marchand"]
        assert f"PAUSED · {2 + len(decayed)} changes since" in stage.said

        await stage.press("space")
        assert "PAUSED" not in stage.said
        assert "Bo Chen" in names_in(stage.rows(stage.offline))
        assert "Uma Rao came online" in stage.text and "Bo Chen left" in stage.text
        assert stage.store.counts(HARBOUR.id).online == 8


async def test_the_line_of_facets_stands_still_as_well() -> None:
    async with on_stage(WIDE) as stage:
        await stage.press("f", "down", "space", "escape", "space")
        assert "5 of 24 shown" in stage.said
        await stage.event("Uma Rao", True)
        await stage.event("Bo Chen", False)
        await stage.event("Hana Sato", True)
        assert "5 of 24 shown" in stage.said and "Online (8) · 5 shown" in stage.said
        await stage.press("space")
        assert "6 of 24 shown" in stage.said


async def test_the_link_stays_true() -> None:
    async with on_stage(WIDE) as stage:
        await stage.press("space")
        assert "● LIVE" in stage.lines()[0].text
        stage.watch.link.stale(phrase("Nothing was heard."), NOTHING, stage.clock.wall_s)
        await stage.settle()
        await stage.wait(7)
        assert "STALE 7 s" in stage.lines()[0].text and "PAUSED" in stage.said
        assert stage.row_of("Ada Okafor").style_of("online").italic, "dim and not vouched for"


async def test_other_conversations_are_not_counted() -> None:
    async with on_stage(WIDE) as stage:
        stage.store.set_participants([], LIGHTHOUSE.id)
        await stage.press("space")
        stage.store.set_participants([member("Zed", key="u-zed")], LIGHTHOUSE.id)
        await stage.event("Zed", True)
        assert "PAUSED · 0 changes since" in stage.said


async def test_the_cursor_moves_over_what_was_and_the_why_line_says_what_is_now() -> None:
    async with on_stage(WIDE) as stage:
        await stage.press("j", "space")
        await stage.event("Bo Chen", False)
        await stage.press("j")
        assert stage.selected == "Bo Chen"
        assert "online" in stage.row_of("Bo Chen").text
        assert stage.line_with("Now: Bo Chen is offline")
        await stage.press("space")
        assert stage.selected == "Bo Chen" and stage.offline.has_focus


async def test_what_a_person_changes_ends_it() -> None:
    async with on_stage(WIDE) as stage:
        for keys in (["s"], ["slash", "a", "escape"], ["f", "escape"], ["j", "p"], ["3"], ["1"]):
            await stage.press("space")
            assert "PAUSED" in stage.said
            await stage.press(*keys)
            assert "PAUSED" not in stage.said, keys
        await stage.press("space")
        stage.watch.select(LIGHTHOUSE)
        await stage.settle()
        assert "PAUSED" not in stage.said


async def test_a_click_on_the_line_goes_on() -> None:
    async with on_stage(SMALLEST) as stage:
        await stage.press("space")
        await stage.click("PAUSED")
        assert "PAUSED" not in stage.said


async def test_of_a_large_panel_the_rows_around_are_kept_and_no_others_made_up() -> None:
    async with on_stage(WIDE, crew=False) as stage:
        stage.watch.watch(HARBOUR)
        fill_with_many(stage.store, 3_000, 5)
        await stage.settle()
        await stage.press("space", "end")
        assert stage.selected is None or stage.selected.startswith("On 0"), (
            "the cursor stays on what is known"
        )
        stage.panel(Panel.ONLINE).scroll_end(animate=False)
        await stage.settle()
        assert "not kept while paused" in stage.text
        stage.panel(Panel.ONLINE).scroll_home(animate=False)
        await stage.settle()
        assert "On 00000" in stage.text and "not kept while paused" not in stage.text
        await stage.press("space", "end")
        assert stage.selected == "On 02999"


async def test_in_a_text_field_a_space_is_a_space() -> None:
    async with on_stage() as stage:
        await stage.press("slash", "a", "space", "o")
        assert "PAUSED" not in stage.said
        assert names_in(stage.rows(stage.online)) == ["Ada Okafor"]
        assert key_of("Ada Okafor") in stage.store.participants
