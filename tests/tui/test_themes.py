"""Our themes: states have distinct colours for every kind of colour vision, and each terminal gets a suitable
theme.
"""

from itertools import combinations

import pytest
from coloraide import Color as Colour
from textual.color import Color
from textual.theme import Theme

from presence_tui.domain.enums import State
from presence_tui.tui.terminal_reports import BackgroundReported, can_ask_background, has_light_background
from presence_tui.tui.themes import (
    COLOURBLIND,
    DARK,
    LIGHT,
    SIXTEEN,
    STATE_VARIABLES,
    THEMES,
    fitting_theme,
    theme_names,
)
from tests.tui.app_harness import running_app
from tests.tui.sixteen_colours import seen
from tests.tui.test_terminal_input import messages_of

EYES = ("as seen", "protan", "deutan", "tritan")
"""Simulated by coloraide: protan and deutan after Viénot, Brettel and Mollon (1999), tritan after Brettel,
Viénot and Mollon (1997).
"""
CLEARLY_DIFFERENT = 10.0
"""CIEDE2000. 2.3 is just noticeable side by side; separate small marks need several times that."""
LEAST_DIFFERENT = {COLOURBLIND: 15.0, SIXTEEN: 5.0}
"""Exceptions. No five of the sixteen colours that are readable on black are further apart."""


def colour_of(theme: Theme, state: State) -> Colour:
    return Colour(seen(Color.parse(theme.variables[f"state-{state}"]).rich_color))


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("eyes", EYES)
def test_the_colours_of_states_differ_for_every_eye(theme: Theme, eyes: str) -> None:
    limit = LEAST_DIFFERENT.get(theme.name, CLEARLY_DIFFERENT)
    alike = {}
    for one, other in combinations(State, 2):
        pair = [colour_of(theme, state) for state in (one, other)]
        if eyes != "as seen":
            pair = [colour.filter(eyes) for colour in pair]
        distance = pair[0].delta_e(pair[1], method="2000")
        if distance < limit:
            alike[one, other] = round(distance, 1)
    assert alike == {}


def test_a_theme_of_ours_leaves_nothing_of_ours_out() -> None:
    for theme in THEMES:
        styles = {"cursor-style", "cursor-quiet-style"}
        assert set(STATE_VARIABLES) - styles <= set(theme.variables), theme.name


@pytest.mark.parametrize(
    ("color_system", "theme"), [("truecolor", DARK), ("256", DARK), ("standard", SIXTEEN), (None, DARK)]
)
def test_sixteen_colours_get_a_theme_of_their_own(color_system: str | None, theme: str) -> None:
    assert fitting_theme(color_system) == theme


async def test_in_sixteen_colours_the_cursor_is_drawn_in_reverse() -> None:
    async with running_app() as harness:
        harness.app.theme = SIXTEEN
        await harness.press("home")
        name = harness.selected
        assert name is not None
        assert harness.row_of(name).style_of(name).reverse
        assert not harness.row_of("Hana Sato").style_of("Hana Sato").reverse


async def test_without_colours_there_is_none_and_the_cursor_is_drawn_in_reverse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running_app() as harness:
        await harness.press("home")
        name = harness.selected
        assert name is not None
        for line in harness.lines():
            for _, style in line.styles:
                assert style.color is None or style.color.is_default
                assert style.bgcolor is None or style.bgcolor.is_default
        assert harness.row_of(name).style_of(name).reverse


async def test_the_key_for_brightness_says_why_it_does_nothing_in_sixteen_colours() -> None:
    async with running_app() as harness:
        harness.app.theme = SIXTEEN
        await harness.press("d")
        assert harness.app.theme == SIXTEEN
        assert "sixteen colours" in harness.toasts[-1]


def test_themes_in_colours_that_nobody_knows_are_not_offered() -> None:
    assert not [name for name in theme_names() if name.startswith("ansi")]
    assert "solarized-light" in theme_names()


@pytest.mark.parametrize(
    ("answer", "theme"),
    [
        (b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\", LIGHT),
        (b"\x1b]11;rgb:fd/f6/e3\x07", LIGHT),
        (b"\x1b]11;rgba:0000/2b2b/3636/ffff\x07", DARK),
        (b"\x1b]11;rgb:zz/00/00\x07", DARK),
        (b"\x1b]10;rgb:ffff/ffff/ffff\x07", DARK),
    ],
)
async def test_a_terminal_that_says_it_is_light_gets_the_light_theme(answer: bytes, theme: str) -> None:
    async with running_app() as harness:
        harness.app.follows_background = True
        for message in messages_of(answer):
            harness.app.post_message(message)
        await harness.settle()
        assert harness.app.theme == theme


async def test_a_theme_that_was_asked_for_stays_whatever_the_terminal_says() -> None:
    async with running_app() as harness:
        harness.app.post_message(BackgroundReported(is_light=True))
        await harness.settle()
        assert harness.app.theme == DARK


@pytest.mark.parametrize(
    ("value", "light"), [("0;15", True), ("0;default;7", True), ("15;0", False), ("15;8", False), ("", False)]
)
def test_what_a_variable_says_of_the_background(value: str, light: bool) -> None:
    assert has_light_background({"COLORFGBG": value}) == light
    assert fitting_theme("truecolor", is_light=light) == (LIGHT if light else DARK)


@pytest.mark.parametrize(
    ("environment", "is_asked"),
    [({"TERM": "xterm-256color"}, True), ({"TERM": "linux"}, False), ({"TERM": "screen", "STY": "1"}, False)],
)
def test_a_terminal_is_not_asked_where_the_question_would_be_seen(
    environment: dict[str, str], is_asked: bool
) -> None:
    assert can_ask_background(environment) == is_asked
