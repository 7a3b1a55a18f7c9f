"""What is said can be read: on every surface of both themes, live and stale."""

import pytest
from rich.color import Color

from presence_tui.domain.phrases import phrase
from presence_tui.tui.themes import DARK, LIGHT
from tests.tui.stage import WIDE, Stage, key_of, on_stage

READABLE = 4.5
DIM_AND_READABLE = 3.0
BORDERS = set("╭╮╰╯│─▔▁▂▃▄▅▆▇█")
LOST = phrase("The connection was lost: {why}.", why=phrase("it ended"))


def luminance(colour: Color) -> float:
    """Relative luminance (WCAG 2)."""
    parts = [part / 255 for part in colour.get_truecolor()]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def hard_to_read(stage: Stage, limit: float, *, without: str = "") -> dict[str, float]:
    """What is on the screen with less contrast, once a pair of colours."""
    found: dict[tuple[Color, Color], tuple[str, float]] = {}
    for line in stage.lines():
        if without and without in line.text:
            continue
        for text, style in line.styles:
            said = text.strip()
            if said and not set(said) <= BORDERS and style.color and style.bgcolor:
                ratio = contrast(style.color, style.bgcolor)
                if ratio < limit:
                    found[style.color, style.bgcolor] = (said, round(ratio, 2))
    return dict(found.values())


@pytest.mark.parametrize("theme", [DARK, LIGHT])
async def test_text_has_the_contrast_that_the_themes_promise(theme: str) -> None:
    async with on_stage(WIDE) as stage:
        stage.app.theme = theme
        stage.store.apply_typing(key_of("Bo Chen"))
        await stage.press("j", "j")
        # The unknown are dim on purpose, and so is everything that is stale.
        live, live_and_dim = (
            hard_to_read(stage, READABLE, without="unknown"),
            hard_to_read(stage, DIM_AND_READABLE),
        )
        stage.watch.link.reconnecting(LOST, LOST, 1, 2.0, stage.clock.wall_s)
        await stage.settle()
        assert (live, live_and_dim, hard_to_read(stage, DIM_AND_READABLE)) == ({}, {}, {})
