"""Screenshots can be made at every usual size and show the expected content."""

import re
from xml.etree import ElementTree

import pytest

from screenshots.make import FOLDER, IN_BROWSER, pictures
from tests.tui.app_harness import SMALLEST, USUAL, WIDE, running_app

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("size", "names"), [(USUAL, 8), (WIDE, 24), (SMALLEST, 2)])
async def test_a_picture_shows_names_titles_and_the_link(size: tuple[int, int], names: int) -> None:
    async with running_app(size) as harness:
        await harness.press("home")
        picture = harness.app.export_screenshot()
        ElementTree.fromstring(picture)
        said = picture.replace("&#160;", " ")
        shown = [
            row.text[3:9].strip()
            for panel in (harness.online, harness.offline)
            for row in harness.rows(panel)
        ]
        assert len(shown) >= names
        for name in shown:
            assert name in said, name
        for part in ("Online (8)", "Offline (16)", "LIVE", "Harbour", "Ada Okafor is online", "Refresh"):
            assert part in said, part


def test_there_is_every_picture_and_no_other() -> None:
    made = {path.name for path, *_ in pictures()} | {IN_BROWSER.name}
    drawn = {"growth.svg"}
    there = {path.name for path in FOLDER.iterdir() if path.suffix in (".svg", ".png")}
    assert there - made - drawn == set(), "pictures without a scene; remove them"
    assert made - there == set(), "missing pictures; run python screenshots/make.py"


def test_the_gallery_and_the_readme_show_pictures_that_are_there() -> None:
    shown = re.findall(r"\(([^()]+\.(?:svg|png))\)", (FOLDER / "README.md").read_text("utf-8"))
    assert len(shown) > 15
    assert [name for name in shown if not (FOLDER / name).exists()] == []
    readme = (FOLDER.parent / "README.md").read_text("utf-8")
    assert re.findall(r"!\[[^]]+\]\((.+)\)", readme) == ["screenshots/watch-120x40-dark.svg"]


def test_no_picture_fetches_anything_or_tells_where_it_was_made() -> None:
    for path in FOLDER.glob("*.svg"):
        asked = re.findall(r"(?:href|src)\s*=\s*[\"'](?!#)|url\((?!#)[^)]+|@import", path.read_text("utf-8"))
        assert asked == [], (path.name, asked[:3])
        assert str(FOLDER.parent) not in path.read_text("utf-8").replace("&#160;", " "), path.name
