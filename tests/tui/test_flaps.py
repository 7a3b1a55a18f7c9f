"""Flaps on the screen: a list that follows, and leads to the participant."""

import pytest
from textual.widgets import OptionList

from presence_tui.flaps.report import FlapCause
from presence_tui.text.flaps_texts import cause_word
from presence_tui.text.language import Language
from presence_tui.tui.glyphs import ASCII
from presence_tui.tui.screens.participant_lists import FlapsDialog
from presence_tui.tui.screens.watch_screen import WatchScreen
from tests.tui.app_harness import WIDE, AppHarness, every_size, running_app
from tests.tui.flap_scenes import deploy, flap, own_reconnect, show_flaps, tell
from tests.tui.test_tiny import TINY


def is_listed(harness: AppHarness) -> bool:
    return isinstance(harness.app.screen, FlapsDialog)


async def test_somebody_who_flaps_has_a_cause_and_figures() -> None:
    async with running_app(WIDE) as harness:
        flap(harness, "Ada Okafor", 57, 3, times=10)
        await harness.press("F")
        assert "● Ada Okafor · tab in the background, once a minute (99% sure)" in harness.said
        assert "10 returns · score 5.8 · shortest stay 57 s, median 57 s · away 3.0 s" in harness.said
        assert "1 participant · 10 returns" in harness.said
        assert "recorded for 10 min" in harness.said
        assert "enter goes there · esc closes" in harness.said


async def test_nobody_flaps_yet() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("F")
        assert "Nobody has returned within two minutes; recorded for 0 s" in harness.said
        await harness.press("enter")
        assert is_listed(harness), "there is nobody to go to"


async def test_enter_goes_to_the_participant() -> None:
    async with running_app(WIDE) as harness:
        flap(harness, "Ada Okafor", 57, 3)
        flap(harness, "Rosa Lind", 57, 3)
        await harness.press("F", "down", "enter")
        assert isinstance(harness.app.screen, WatchScreen)
        assert harness.selected == "Ada Okafor"
        await harness.press("F", "enter")
        assert harness.selected == "Rosa Lind"


async def test_from_another_view_it_goes_to_the_participants() -> None:
    async with running_app(WIDE) as harness:
        flap(harness, "Ada Okafor", 57, 3)
        await harness.press("2", "F", "enter")
        assert harness.lines()[0].text.startswith(" Harbour crew")
        assert harness.selected == "Ada Okafor"


@pytest.mark.parametrize("key", ["escape", "q", "F"])
async def test_it_is_closed_by_its_keys(key: str) -> None:
    async with running_app(WIDE) as harness:
        await harness.press("F")
        assert is_listed(harness)
        await harness.press(key)
        assert not is_listed(harness)


async def test_many_at_once_are_one_line_and_lead_nowhere() -> None:
    async with running_app(WIDE) as harness:
        deploy(harness)
        own_reconnect(harness)
        await harness.press("F")
        assert "6 at once: a deploy" in harness.said
        assert "6 changed with our own reconnect" in harness.said
        await harness.press("home", "down", "enter")
        assert is_listed(harness)


async def test_the_list_follows_and_the_cursor_stays_on_its_participant() -> None:
    async with running_app(WIDE) as harness:
        flap(harness, "Ada Okafor", 57, 3, times=2)
        flap(harness, "Bo Chen", 57, 3, times=3)
        await harness.press("F", "down")
        for _ in range(3):
            await harness.wait(20)
            tell(harness, "Ada Okafor", False)
            await harness.wait(3)
            tell(harness, "Ada Okafor", True)
        await harness.wait(1)
        assert "5 returns" in harness.said
        await harness.press("enter")
        assert harness.selected == "Ada Okafor"


async def test_somebody_who_comes_into_the_list_moves_no_cursor() -> None:
    async with running_app(WIDE) as harness:
        await harness.press("F")
        flap(harness, "Ada Okafor", 57, 3)
        await harness.wait(1)
        assert "Ada Okafor · tab in the background" in harness.said
        await harness.press("down", "enter")
        assert harness.selected == "Ada Okafor"


async def test_figures_that_change_are_drawn_anew() -> None:
    async with running_app(WIDE) as harness:
        flap(harness, "Ada Okafor", 57, 3, times=1)
        await harness.press("F")
        assert "score 1.0" in harness.said
        await harness.wait(300)
        assert "score 0.5" in harness.said and "score 1.0" not in harness.said


async def test_before_the_monitor_runs_nothing_opens() -> None:
    async with running_app(WIDE, live=False) as harness:
        await harness.press("F")
        assert is_listed(harness) is (harness.service.flaps is not None)


async def test_more_than_anybody_reads_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("presence_tui.tui.screens.participant_lists.MOST_FLAPPING", 1)
    async with running_app(WIDE) as harness:
        for name in ("Ada Okafor", "Bo Chen", "Rosa Lind"):
            flap(harness, name, 57, 3)
        await harness.press("F")
        assert harness.app.screen.query_one(OptionList).option_count == 2
        assert "2 more" in harness.said


@pytest.mark.parametrize("code", ["en", "fr"])
@every_size
async def test_every_row_can_be_read_at_every_size(size: tuple[int, int], code: str) -> None:
    async with running_app(size, language=code) as harness:
        await show_flaps(harness)
        await harness.press("home")
        seen = ""
        for _ in range(16):
            lines = harness.lines_of(harness.app.screen.query_one("#flaps"))
            seen += " ".join(" ".join(line.text.split()).strip("│▁▂▃▄▅▆▇█ ") for line in lines)
            await harness.press("down")
        causes = (
            FlapCause.BACKGROUND_TAB,
            FlapCause.PING_TIMEOUT,
            FlapCause.UNCLEAR,
            FlapCause.DEPLOY,
        )
        for cause in causes:
            assert cause_word(cause, Language(code)) in seen, cause
        for name in ("Ada Okafor", "Bo Chen", "Rosa Lind", "Ngozi Eze"):
            assert name in seen


async def test_it_survives_a_terminal_of_a_few_columns() -> None:
    async with running_app(WIDE) as harness:
        await show_flaps(harness)
        for size in TINY:
            await harness.resize(*size)
        await harness.resize(*WIDE)
        assert "6 at once: a deploy" in harness.said


async def test_ascii_marks_are_ascii() -> None:
    async with running_app(WIDE, glyphs=ASCII) as harness:
        flap(harness, "Ada Okafor", 57, 3)
        own_reconnect(harness)
        await harness.press("F")
        dialog = harness.app.screen.query_one("#flaps")
        text = "".join(line.text for line in harness.lines_of(dialog))
        for name in ("Léa", "João"):
            text = text.replace(name, "")
        assert text.replace("·", ".").isascii()
