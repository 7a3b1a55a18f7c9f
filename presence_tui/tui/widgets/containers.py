"""Containers: rows and columns, painted at the cost of one line, and a border with a title."""

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Backdrop(Widget):
    """A base class for containers without border and padding, whose lines all look the same."""

    def render_lines(self, crop: Region) -> list[Strip]:
        return super().render_lines(Region(crop.x, crop.y, crop.width, min(1, crop.height))) * crop.height


class Columns(Horizontal, Backdrop):
    """A row of children."""


class Rows(Vertical, Backdrop):
    """A column of children."""


class FrameTitle(Widget):
    """The upper edge of a border, with a title on the left and a remark on the right.

    A separate widget, because Textual repaints everything inside a border whose title changes, and the
    titles of panels change with every arrival and departure.
    """

    COMPONENT_CLASSES = {"frame--title", "frame--remark"}  # noqa: RUF012  (as Textual declares it)

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.remark = ""

    def show(self, title: str, remark: str = "") -> None:
        """Set title and remark."""
        if (title, remark) != (self.title, self.remark):
            self.title, self.remark = title, remark
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width, edge = self.size.width, self.rich_style
        remark = f" {self.remark} ─" if self.remark else ""
        title = f" {self.title} "
        if cell_len(title) + cell_len(remark) + 4 > width:
            remark = ""
        title = set_cell_size(title, min(cell_len(title), max(0, width - 4)))
        rule = "─" * max(0, width - 3 - cell_len(title) - cell_len(remark))
        segments = [
            Segment("╭─", edge),
            Segment(title, edge + self.get_component_rich_style("frame--title", partial=True)),
            Segment(rule, edge),
            Segment(remark, edge + self.get_component_rich_style("frame--remark", partial=True)),
            Segment("╮", edge),
        ]
        return Strip(segments).adjust_cell_length(width, edge)


class TitledBox(Rows):
    """A widget below a ``FrameTitle``; the stylesheet draws its other three edges."""

    def __init__(self, inside: Widget) -> None:
        super().__init__(classes="titled-box")
        self._title = FrameTitle()
        self._inside = inside

    @property
    def title(self) -> str:
        return self._title.title

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._inside

    def show_titles(self, title: str, remark: str) -> None:
        """Set title and remark."""
        self._title.show(title, remark)
