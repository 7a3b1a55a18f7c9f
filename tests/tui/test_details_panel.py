"""On a wide terminal the page of the selected participant is shown beside the views."""

from presence_tui.tui.app import DETAILS_FROM
from presence_tui.tui.widgets.details_panel import DetailsPanel
from tests.tui.app_harness import AppHarness, member, running_app

HEIGHT = 45


def details(harness: AppHarness) -> str:
    panel = harness.app.screen.query_one(DetailsPanel)
    return "\n".join(" ".join(line.text.split()) for line in harness.lines_of(panel))


async def test_it_stands_there_from_a_width_on() -> None:
    async with running_app((DETAILS_FROM - 1, HEIGHT)) as harness:
        assert "Presence key" not in harness.text
        await harness.resize(DETAILS_FROM, HEIGHT)
        await harness.wait(1)
        assert "Presence key" in details(harness)
        await harness.resize(DETAILS_FROM - 1, HEIGHT)
        assert "Presence key" not in harness.text


async def test_it_follows_the_cursor_and_what_happens() -> None:
    async with running_app((200, HEIGHT)) as harness:
        await harness.press("home")
        assert " Ada Okafor " in details(harness) and "@ada" not in details(harness)
        await harness.press("down")
        said = details(harness)
        assert " Bo Chen " in said and "u-bochen" in said and "Flag online" in said
        await harness.event("Bo Chen", False)
        await harness.wait(1)
        assert "Flag offline" in details(harness)


async def test_without_a_participant_it_is_empty() -> None:
    async with running_app((200, HEIGHT), crew=False) as harness:
        await harness.wait(1)
        assert "Details" in details(harness) and "Presence key" not in details(harness)


async def test_a_long_page_is_scrolled_and_a_name_is_no_markup() -> None:
    async with running_app((200, 20)) as harness:
        harness.store.set_participants([member("[red]Zed[/red]")], "c-harbour")
        await harness.settle()
        await harness.press("tab", "end", "up")
        await harness.wait(1)
        assert "[red]Zed[/red]" in details(harness)
