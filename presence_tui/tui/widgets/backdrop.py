"""Containers filled by their children, painted at the cost of one line."""

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
