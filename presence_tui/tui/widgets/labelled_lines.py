"""Rows of a bold label and a text, drawn line by line.

Not a Rich table: Textual lays out a dialog three times, and would build the table each time. Texts are
wrapped so that no line ends between a number and its unit, nor at a no-break space.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.content import Content
from textual.css.styles import RulesMap
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.style import Style as VisualStyle
from textual.visual import RenderOptions, Visual
from textual.widget import Widget

from presence_tui.text.language import restored, solid

LABEL_CELLS = 22
_GAP = 2
_MARGIN = 1
"""Between the texts and a scrollbar."""
_BOLD = Style(bold=True)

Line = tuple[str, str]
"""Label and text of one line of the terminal."""


@dataclass(frozen=True)
class Labelled:
    """Rows of label and text; an empty row is an empty line."""

    rows: Sequence[tuple[str, str]]
    label_cells: int = LABEL_CELLS


class LabelledLines(Widget):
    """Shows rows, with texts wrapped between words, and never read as markup."""

    DEFAULT_CSS = "LabelledLines { width: 1fr; height: auto; }"

    def __init__(self, labelled: Labelled) -> None:
        super().__init__()
        self._labelled = labelled
        self._wrapped: tuple[Labelled, int] | None = None
        self._lines: list[Line] = []

    def show(self, labelled: Labelled) -> None:
        """Show other rows. Only changed lines are painted."""
        before = self._lines_within(self.size.width)
        self._labelled = labelled
        now = self._lines_within(self.size.width)
        if len(now) != len(before):
            self.refresh(layout=True)
            return
        for y, (line_before, line_now) in enumerate(zip(before, now, strict=True)):
            if line_before != line_now:
                self.refresh(Region(0, y, self.size.width, 1))

    def height_of(self, labelled: Labelled) -> int:
        """Lines that other rows would take in the present width."""
        return len(self._wrap_all(labelled, self.size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines_within(width))

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        lines = self._lines_within(width)
        if y >= len(lines):
            return Strip.blank(width, base)
        label, text = lines[y]
        label_cells = self._labelled.label_cells
        segments = [
            Segment(set_cell_size(label, label_cells) + " " * _GAP, base + _BOLD),
            Segment(text, base),
        ]
        return Strip(segments).adjust_cell_length(width, base)

    def _lines_within(self, width: int) -> list[Line]:
        if self._wrapped != (self._labelled, width):
            self._wrapped = self._labelled, width
            self._lines = self._wrap_all(self._labelled, width)
        return self._lines

    def _wrap_all(self, labelled: Labelled, width: int) -> list[Line]:
        room = max(1, width - labelled.label_cells - _GAP - _MARGIN)
        return [line for label, text in labelled.rows for line in self._wrap(label, text, room)]

    def _wrap(self, label: str, text: str, room: int) -> Iterator[Line]:
        if cell_len(text) <= room and "\n" not in text:
            yield label, text
            return
        for line in unbroken_lines(Text(text), self.app.console, room):
            yield label, line.plain
            label = ""


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
        self, width: int, height: int | None, style: VisualStyle, options: RenderOptions
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
