"""Pictures can be made at every usual size and show what is there."""

from xml.etree import ElementTree

import pytest

from tests.tui.stage import SMALLEST, USUAL, WIDE, on_stage


@pytest.mark.parametrize(("size", "names"), [(USUAL, 8), (WIDE, 24), (SMALLEST, 2)])
async def test_a_picture_shows_names_titles_and_the_link(size: tuple[int, int], names: int) -> None:
    async with on_stage(size) as stage:
        await stage.press("j")
        picture = stage.app.export_screenshot()
        ElementTree.fromstring(picture)
        said = picture.replace("&#160;", " ")
        shown = [
            row.text[3:9].strip() for panel in (stage.online, stage.offline) for row in stage.rows(panel)
        ]
        assert len(shown) >= names
        for name in shown:
            assert name in said, name
        for part in ("Online (8)", "Offline (16)", "LIVE", "Harbour", "Ada Okafor is online", "Refresh"):
            assert part in said, part
