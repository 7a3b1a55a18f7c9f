"""Contrast of all text: in each of our themes, on every surface, live and stale, and in dialogs."""

import pytest
from coloraide import Color as Colour
from rich.color import Color, ColorSystem
from rich.style import Style

from presence_tui.domain.enums import Verdict
from presence_tui.domain.translatable import phrase
from presence_tui.tui.themes import CONTRAST, FOREIGN_THEMES, THEMES
from tests.tui.app_harness import WIDE, AppHarness, Line, key_of, running_app, until
from tests.tui.audit_reports import show_findings
from tests.tui.flap_scenes import show_flaps
from tests.tui.sixteen_colours import seen

pytestmark = pytest.mark.slow

READABLE = 4.5
"""WCAG 2, success criterion 1.4.3, level AA."""
READABLE_BY_MORE = 7.0
"""WCAG 2, success criterion 1.4.6, level AAA."""
BORDERS = set("╭╮╰╯│─▔▁▂▃▄▅▆▇█▌▐")
LOST = phrase("The connection was lost: {why}.", why=phrase("it ended"))
OWN_THEMES = [theme.name for theme in THEMES]
OTHER_THEMES = sorted(FOREIGN_THEMES)


def contrast(one: Color, other: Color) -> float:
    return Colour(seen(one)).contrast(seen(other), method="wcag21")


def hard_to_read(
    lines: list[Line], theme: str, system: ColorSystem = ColorSystem.TRUECOLOR
) -> dict[str, float]:
    """Texts with less contrast than the theme promises, one per pair of colours; dimmed text always fails."""
    limit = READABLE_BY_MORE if theme == CONTRAST and system is ColorSystem.TRUECOLOR else READABLE
    found: dict[tuple[Color, Color], tuple[str, float]] = {}
    for line in lines:
        for text, style in line.styles:
            said = text.strip()
            if said and not set(said) <= BORDERS:
                front, back = colours(style, system)
                ratio = 0.0 if style.dim else contrast(front, back)
                if ratio < limit:
                    found[front, back] = (said, round(ratio, 2))
    return dict(found.values())


def colours(style: Style, system: ColorSystem) -> tuple[Color, Color]:
    assert style.color is not None and style.bgcolor is not None
    return style.color.downgrade(system), style.bgcolor.downgrade(system)


async def act(harness: AppHarness, theme: str) -> None:
    """Show a typing participant, the cursor and a toast."""
    harness.app.theme = theme
    harness.store.apply_typing(key_of("Bo Chen"))
    await harness.press("home", "j", "u")
    assert harness.toasts


@pytest.mark.parametrize("theme", [*OWN_THEMES, *OTHER_THEMES])
async def test_text_has_the_contrast_that_the_theme_promises(theme: str) -> None:
    async with running_app(WIDE) as harness:
        await act(harness, theme)
        live = hard_to_read(harness.lines(), theme)
        harness.monitor.link.reconnecting(LOST, LOST, 1, 2.0, harness.clock.wall_s)
        await harness.settle()
        stale = hard_to_read(harness.lines(), theme)
        await harness.press("slash", "b")
        filtering = hard_to_read(harness.lines(), theme)
        assert (live, stale, filtering) == ({}, {}, {})


@pytest.mark.parametrize("theme", OWN_THEMES)
@pytest.mark.parametrize(
    "keys",
    [
        ("question_mark",),
        ("l",),
        ("m",),
        ("enter",),
        ("C",),
        ("C", "end", "enter"),
        ("C", "end", "enter", *"abc", "tab", "d", "tab", "e", "enter"),
        ("C", "x"),
    ],
    ids="-".join,
)
async def test_dialogs_can_be_read_as_well(theme: str, keys: tuple[str, ...]) -> None:
    async with running_app(WIDE) as harness:
        harness.app.theme = theme
        await harness.press("home", *keys)
        await until(harness, lambda: len(harness.app.screen_stack) > 1)
        assert hard_to_read(harness.lines_of(harness.app.screen.query_one(".dialog")), theme) == {}


@pytest.mark.parametrize("theme", [*OWN_THEMES, *OTHER_THEMES])
async def test_findings_can_be_read_as_well(theme: str) -> None:
    async with running_app(WIDE) as harness:
        harness.app.theme = theme
        await show_findings(harness)
        assert hard_to_read(harness.lines_of(harness.app.screen.query_one(".dialog")), theme) == {}


@pytest.mark.parametrize("theme", [*OWN_THEMES, *OTHER_THEMES])
async def test_flaps_can_be_read_as_well(theme: str) -> None:
    async with running_app(WIDE) as harness:
        harness.app.theme = theme
        await show_flaps(harness)
        assert hard_to_read(harness.lines_of(harness.app.screen.query_one(".dialog")), theme) == {}


@pytest.mark.parametrize("theme", [*OWN_THEMES, *OTHER_THEMES])
async def test_packets_can_be_read_with_each_verdict(theme: str) -> None:
    async with running_app(WIDE) as harness:
        harness.app.theme = theme
        for epoch in (3, 4):
            for verdict in Verdict:
                harness.monitor.packets.add(0.0, epoch, '42["user:status",{"userId":"x"}]', verdict)
        await harness.press("5", "asterisk", "home")
        assert hard_to_read(harness.lines(), theme) == {}
        await harness.press("end", "slash", *"~v la")
        assert hard_to_read(harness.lines(), theme) == {}


@pytest.mark.parametrize("theme", OWN_THEMES)
async def test_in_256_colours_it_can_be_read_as_well(theme: str) -> None:
    """A terminal without true colour gets the nearest of 256 colours."""
    async with running_app(WIDE) as harness:
        await act(harness, theme)
        assert hard_to_read(harness.lines(), theme, ColorSystem.EIGHT_BIT) == {}
