"""Toasts: one line that covers no row."""

import pytest

from presence_tui.tui.controllers.alerts import ALERT_S
from tests.tui.app_harness import SIZES, running_app


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("size", SIZES, ids="{0[0]}x{0[1]}".format)
async def test_a_toast_is_one_line_over_the_footer(size: tuple[int, int], language: str) -> None:
    async with running_app(size, language=language) as harness:
        before = harness.said.splitlines()
        harness.screen.notify("The row was sent.", timeout=6, markup=False)
        await harness.settle()
        said = harness.said.splitlines()
        changed = {y for y, (one, other) in enumerate(zip(before, said, strict=True)) if one != other}
        assert len(said) - 1 in changed
        activity = harness.screen.query_one("#activity").region
        assert not changed & set(range(activity.y, activity.bottom)), changed
        assert said[-1].endswith(harness.toasts[-1])


async def test_a_newer_sentence_takes_the_place_of_an_older_one() -> None:
    async with running_app() as harness:
        await harness.press("u", "u", "y")
        assert len(harness.toasts) == 1


async def test_an_alert_and_a_trouble_stay() -> None:
    async with running_app() as harness:
        harness.screen.notify("Ada is back", timeout=ALERT_S, markup=False)
        harness.screen.notify("The disk is full", severity="warning", timeout=6, markup=False)
        await harness.press("u", "u")
        assert harness.toasts[:2] == ["Ada is back", "The disk is full"]
        assert len(harness.toasts) == 3
        assert [harness.lines()[-3].text.rstrip(), harness.lines()[-2].text.rstrip()] != ["", ""]
