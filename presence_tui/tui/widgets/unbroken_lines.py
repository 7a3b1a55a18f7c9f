"""Wraps texts so that no line ends between a number and its unit, nor at a no-break space."""

import re
from typing import Final

from rich.console import Console
from rich.text import Text
from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

from presence_tui.text.numbers import NO_BREAK

_UNBROKEN: Final = re.compile(
    rf"{NO_BREAK}|(?<=\d) (?=(?:s|min|h|d|j|mo|mois|y|ans?|ms|µs|[KMG]iB|[KMG]io|kB|B|o)\b)"
)
"""Spaces at which no line ends: before a unit, and those of the catalogue."""
_SOLID: Final = "\ue000"
"""Stands for such a space while lines are wrapped: Rich also wraps at no-break spaces."""


def unbroken_lines(text: Text, console: Console, cells: int) -> list[Text]:
    """The lines of a text, as wide as ``cells`` at most."""
    solid = text.copy()
    solid.plain = _UNBROKEN.sub(_SOLID, text.plain)
    lines = list(solid.wrap(console, cells))
    for line in lines:
        line.plain = line.plain.replace(_SOLID, NO_BREAK)
    return lines


class _UnbrokenText(Visual):
    def __init__(self, text: Text, console: Console) -> None:
        self._text = text
        self._console = console
        self._wrapped: tuple[int, Content] | None = None

    def _within(self, width: int) -> Content:
        if self._wrapped is None or self._wrapped[0] != width:
            lines = Text("\n").join(unbroken_lines(self._text, self._console, max(1, width)))
            self._wrapped = width, Content.from_rich_text(lines, console=self._console)
        return self._wrapped[1]

    def render_strips(
        self, width: int, height: int | None, style: Style, options: RenderOptions
    ) -> list[Strip]:
        return self._within(width).render_strips(width, height, style, options)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        content = Content.from_rich_text(self._text, console=self._console)
        return content.get_optimal_width(rules, container_width)

    def get_height(self, rules: RulesMap, width: int) -> int:
        return self._within(width).get_height(rules, width)


def unbroken(text: Text, console: Console) -> Visual:
    """A text to be wrapped so by whatever widget shows it."""
    return _UnbrokenText(text, console)
