"""Wraps texts so that no line ends between a number and its unit, nor at a no-break space."""

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text
from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

from presence_tui.text.unbroken import restored, solid


def unbroken_lines(text: Text, console: Console, cells: int) -> list[Text]:
    """The lines of a text, as wide as ``cells`` at most. Wrapped ones keep the indentation of their first."""
    lines: list[Text] = []
    for paragraph in text.split("\n", allow_blank=True):
        indentation = len(paragraph.plain) - len(paragraph.plain.lstrip(" "))
        if cell_len(paragraph.plain) <= cells or indentation * 2 > cells:
            indentation = 0
        indent, rest = paragraph[:indentation], paragraph[indentation:]
        rest.plain = solid(rest.plain)
        for line in rest.wrap(console, cells - indentation):
            line.plain = restored(line.plain.rstrip())
            lines.append(indent + line)
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
