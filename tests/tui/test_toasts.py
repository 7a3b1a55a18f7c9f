"""Toasts cover neither frames nor keys nor the newest activity, and go when they are no longer true."""

from collections import Counter

import pytest

from presence_tui.domain.enums import Outcome
from presence_tui.tui.controllers.alerts import ALERT_S
from tests.tui.app_harness import Line, every_size, fill_with_crew, running_app

LONG = "The conversation cannot be read now: the gateway asks for a pause. Shown is kept, as of 12:03."
DIALOGS = {"help": ["question_mark"], "link": ["l"], "why": ["j", "enter"], "export": ["x"], "rules": ["W"]}


@pytest.mark.parametrize("language", ["en", "fr"])
@every_size
async def test_a_toast_covers_neither_footer_nor_frame_nor_the_newest_activity(
    size: tuple[int, int], language: str
) -> None:
    async with running_app(size, language=language) as harness:
        before = harness.lines()
        newest = harness.lines_of(harness.screen.query_one("#activity"))[0].text
        harness.screen.notify("The row was sent.", timeout=6, markup=False)
        await harness.settle()
        after = harness.lines()
        assert harness.lines_of(harness.screen.query_one("#activity"))[0].text == newest
        assert after[-2].text.endswith("The row was sent. ")
        assert after[-1].text == before[-1].text
        assert _corners(after) == _corners(before)


@every_size
async def test_toasts_of_any_number_and_length_cover_no_frame_and_no_key(size: tuple[int, int]) -> None:
    async with running_app(size) as harness:
        before = harness.lines()
        for severity in ("information", "warning", "error"):
            harness.screen.notify(LONG, severity=severity, timeout=60, markup=False)
        await harness.settle()
        after = harness.lines()
        assert "12:03." in after[-2].text
        assert _corners(after) == _corners(before)
        assert after[-1].text == before[-1].text


@pytest.mark.parametrize("dialog", DIALOGS)
@every_size
async def test_a_dialog_stays_whole_beside_a_toast(size: tuple[int, int], dialog: str) -> None:
    async with running_app(size) as harness:
        await harness.press(*DIALOGS[dialog])
        harness.screen.notify("The page was sent.", timeout=6, markup=False)
        await harness.settle()
        opened = harness.app.screen.query_one(".dialog").region
        lines = [line.text for line in harness.lines()]
        assert lines[-1].endswith("The page was sent. ")
        assert opened.bottom <= size[1] - 1
        inside = [line[opened.x : opened.right] for line in lines[opened.y : opened.bottom]]
        assert inside[0][0] == "╭" and inside[-1][0] == "╰" and inside[-1][-1] == "╯"
        assert "The page was sent." not in "".join(inside)


@every_size
@pytest.mark.parametrize("keys", [["question_mark"], ["j", "enter"], ["w"]], ids="".join)
async def test_a_toast_is_shown_once_when_a_dialog_opens(size: tuple[int, int], keys: list[str]) -> None:
    async with running_app(size) as harness:
        harness.screen.notify("Sent it.", timeout=60, markup=False)
        await harness.settle()
        before = harness.text
        await harness.press(*keys)
        assert harness.text.count("Sent it.") == 1
        await harness.press("escape")
        assert harness.text.count("Sent it.") == 1
        assert harness.lines()[-2].text.endswith("Sent it. ")
        assert before.count("Sent it.") == 1


async def test_a_toast_is_shown_once_above_two_dialogs() -> None:
    async with running_app((120, 40)) as harness:
        harness.screen.notify("Sent it.", timeout=60, markup=False)
        await harness.press("enter", "x")
        assert harness.text.count("Sent it.") == 1
        await harness.press("escape")
        assert harness.text.count("Sent it.") == 1


async def test_a_newer_sentence_takes_the_place_of_an_older_one() -> None:
    async with running_app() as harness:
        await harness.press("u", "u", "y")
        assert len(harness.toasts) == 1


@every_size
async def test_each_of_several_sentences_in_turn_is_shown_whole(size: tuple[int, int]) -> None:
    async with running_app(size) as harness:
        for _ in range(3):
            await harness.press("u")
            words = " ".join(line.text.strip(" ▌") for line in harness.lines()[-5:-1])
            assert harness.toasts[0] in words


async def test_an_alert_and_a_trouble_stay() -> None:
    async with running_app() as harness:
        harness.screen.notify("Ada is back", timeout=ALERT_S, markup=False)
        harness.screen.notify("The disk is full", severity="warning", timeout=6, markup=False)
        await harness.press("u", "u")
        assert harness.toasts[:2] == ["Ada is back", "The disk is full"]
        assert len(harness.toasts) == 3
        assert [harness.lines()[-3].text.rstrip(), harness.lines()[-2].text.rstrip()] != ["", ""]


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ("y", "Nobody is selected"),
        ("enter", "Nobody is selected"),
        ("p", "Nobody is selected"),
        ("Y", "nothing to copy here"),
    ],
)
async def test_that_nobody_is_selected_is_said_until_somebody_is(keys: str, sentence: str) -> None:
    async with running_app(crew=False) as harness:
        await harness.press(keys)
        assert sentence in harness.toasts[0]
        harness.screen.draw()
        assert harness.toasts
        fill_with_crew(harness.store)
        await harness.settle()
        await harness.press("j")
        assert not harness.toasts


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        (["2", "x"], "nobody to export"),
        (["2", "f"], "here are none"),
        (["5", "s"], "Packets are in the order"),
        (["1", "asterisk"], "Marks are for packets"),
    ],
    ids=lambda each: "".join(each)[:9],
)
async def test_what_is_said_of_a_view_is_not_said_in_another(keys: list[str], sentence: str) -> None:
    async with running_app() as harness:
        harness.monitor.packets.add(harness.clock.wall_s, 4, '42["nothing"]', Outcome.UNKNOWN)
        await harness.press(*keys)
        assert sentence in harness.toasts[0]
        harness.screen.draw()
        assert harness.toasts
        await harness.press("5" if keys[0] == "1" else "1", "j")
        assert not harness.toasts


async def test_no_conversation_is_selected_until_one_is() -> None:
    async with running_app() as harness:
        await harness.press("4")
        harness.screen._views.toggle_beside(None)
        await harness.settle()
        harness.screen.draw()
        assert harness.toasts == ["No conversation is selected."]
        await harness.press("1", "j")
        assert not harness.toasts


def _corners(lines: list[Line]) -> Counter[str]:
    return Counter(character for line in lines for character in line.text if character in "╭╮╰╯")
