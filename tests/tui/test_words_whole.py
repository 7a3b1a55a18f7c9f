"""Where there is little room, whole clauses are left out, and a number stays with its unit."""

import re
from itertools import pairwise

import pytest

from tests.tui.app_harness import SMALLEST, USUAL, running_app
from tests.tui.flap_scenes import show_flaps


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_line_of_reasons_is_not_cut_within_a_word(language: str) -> None:
    async with running_app(SMALLEST, language=language) as harness:
        await harness.press("home")
        (line,) = harness.lines_of(harness.screen.query_one("#why"))
        assert "Ada Okafor" in line.text and "…" not in line.text
        await harness.resize(100, 30)
        await harness.settle()
        assert "flag" in " ".join(each.text for each in harness.lines_of(harness.screen.query_one("#why")))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("size", [SMALLEST, USUAL])
@pytest.mark.parametrize("key", ["enter", "m", "l"])
async def test_a_number_is_not_parted_from_its_unit(size: tuple[int, int], language: str, key: str) -> None:
    async with running_app(size, language=language) as harness:
        for seconds in (5, 12, 40, 300):
            await harness.wait(seconds)
            await harness.press("home", key)
            for _ in range(4):
                lines = [line.text.strip("│ ") for line in harness.lines()]
                assert not parted_in(lines)
                await harness.press("pagedown")
            await harness.press("escape")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("columns", [60, 65, 72, 80])
async def test_lists_part_no_number_from_its_unit_either(columns: int, language: str) -> None:
    async with running_app((columns, 40), language=language) as harness:
        await show_flaps(harness)
        lines = [line.text.strip("│▁▂▃▄▅▆▇█ ") for line in harness.lines()]
        assert not parted_in(lines)
        assert any("Ngozi Eze" in line for line in lines)


def parted_in(lines: list[str]) -> list[tuple[str, str]]:
    """Lines of which one ends in a number and the next begins with its unit."""
    return [
        (one, other)
        for one, other in pairwise(lines)
        if re.search(r"\d$", one) and re.match(r"(s|min|h|d|j|ms|µs|%)(\W|$)", other)
    ]
