"""A scrollable view drawn line by line, whose number of lines may change with every frame."""

from collections.abc import Iterable
from typing import Final

from textual.geometry import Region, Size
from textual.strip import Strip

from presence_tui.tui.textual_internals import SteadyScrollbars

_PARTS_OF_A_CELL: Final = 2
"""Resolution of a scrollbar; smaller steps are not visible."""


class LineView(SteadyScrollbars):
    """A ``ScrollView`` that changes its number of lines without a new layout of the screen.

    Textual lays out the whole screen when a virtual size changes. That is needed only when the scrollbar
    appears or disappears; otherwise updating the scrollbar is enough.
    """

    _scrolled_within: tuple[Size, Size] | None = None

    def set_line_count(self, count: int) -> None:
        """Set the number of lines. The caller refreshes changed lines."""
        size = Size(self.size.width, count)
        if (count > self.size.height) != self.show_vertical_scrollbar or not self.is_mounted:
            self.virtual_size = size
            return
        self.set_reactive(LineView.virtual_size, size)
        if self.show_vertical_scrollbar:
            shown_count = self.vertical_scrollbar.window_virtual_size
            if abs(count - shown_count) * self.size.height * _PARTS_OF_A_CELL >= shown_count:
                # Otherwise the scrollbar would look the same, and painting it costs more than the rows.
                self.vertical_scrollbar.window_virtual_size = count
            self.scroll_y = self.validate_scroll_y(self.scroll_y)

    def scrollbars_follow(self, virtual_size: Size) -> bool:
        # Called at each layout of the screen, and would repaint the whole scrollbar.
        within = self.outer_size, self.container_size
        needs_scrollbar = virtual_size.height > self.outer_size.height
        follow = within != self._scrolled_within or needs_scrollbar != self.show_vertical_scrollbar
        self._scrolled_within = within
        return follow

    def refresh_line(self, y: int) -> None:
        self.refresh_each_line([y])

    def refresh_each_line(self, lines: Iterable[int]) -> None:
        """Refresh some lines, counted from the first one that the view has."""
        # The library refreshes the whole width of the widget: a cell of the scrollbar would be painted with
        # each line, which costs as much as the line.
        width, top = self.scrollable_content_region.width, self.scroll_offset.y
        if regions := [Region(0, y - top, width, 1) for y in lines]:
            self.refresh(*regions)

    def content_lines(self, crop: Region) -> list[Strip]:
        """The lines of a part of the content, without the border.

        ``crop`` is in columns and rows of the visible content. Equal to ``render_lines`` for a
        widget without opacity or tint, and faster, because lines are not joined with the border and cut
        out again.
        """
        background = self.background_colors[1]
        filters = self.get_line_filters()
        lines: list[Strip] = []
        for y in crop.line_range:
            line = self.render_line(y)
            for line_filter in filters:
                line = line.apply_filter(line_filter, background)
            if line.cell_length < crop.right:
                line = line.crop_extend(crop.x, crop.right, self.rich_style)
            elif crop.x or line.cell_length != crop.width:
                # Applies to nearly every line beside a scrollbar. Without a style, which would cost more than
                # all the rest.
                line = line.crop(crop.x, crop.right)
            lines.append(line)
        return lines
