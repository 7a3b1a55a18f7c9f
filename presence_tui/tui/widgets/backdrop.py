"""Containers that are filled by what they hold, and cost no more to paint than one line."""

from textual.containers import Horizontal, Vertical
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Backdrop(Widget):
    """To be derived from, behind a container without frame and padding: all of its lines look the same."""

    def render_lines(self, crop: Region) -> list[Strip]:
        return super().render_lines(Region(crop.x, crop.y, crop.width, min(1, crop.height))) * crop.height


class Columns(Horizontal, Backdrop):
    """Beside each other."""


class Rows(Vertical, Backdrop):
    """One below the other."""
