"""A scrollable view drawn line by line, whose number of lines may change at every frame."""

from typing import Final

from textual.geometry import Region, Size
from textual.strip import Strip

from presence_tui.tui.textual_internals import SteadyScrollbars

_PARTS_OF_A_CELL: Final = 2
"""Of what a scrollbar is drawn in: nobody sees smaller steps of it move."""


class LineView(SteadyScrollbars):
    """A ``ScrollView`` that takes a new number of lines without a new layout of the screen.

    Textual lays out everything anew when a virtual size changes. That is needed only when the scrollbar
    comes or goes; otherwise the scrollbar alone has to know.
    """

    _scrolled_within: tuple[Size, Size] | None = None

    def set_line_count(self, count: int) -> None:
        """There are ``count`` lines now. Which of them look different is the caller's to say."""
        size = Size(self.size.width, count)
        if (count > self.size.height) != self.show_vertical_scrollbar or not self.is_mounted:
            self.virtual_size = size
            return
        self.set_reactive(LineView.virtual_size, size)
        if self.show_vertical_scrollbar:
            told = self.vertical_scrollbar.window_virtual_size
            if abs(count - told) * self.size.height * _PARTS_OF_A_CELL >= told:
                # Else the scrollbar would look the same, and painting it costs more than painting the rows.
                self.vertical_scrollbar.window_virtual_size = count
            self.scroll_y = self.validate_scroll_y(self.scroll_y)

    def scrollbars_follow(self, virtual_size: Size) -> bool:
        # Asked for at each layout of the screen, whatever moved; it would paint the whole scrollbar.
        within = self.outer_size, self.container_size
        needs_scrollbar = virtual_size.height > self.outer_size.height
        follow = within != self._scrolled_within or needs_scrollbar != self.show_vertical_scrollbar
        self._scrolled_within = within
        return follow

    def refresh_line(self, y: int) -> None:
        # The library takes a line to be as wide as the widget: a cell of the scrollbar would be painted with
        # each, which costs as much as the line.
        self.refresh(Region(0, y - self.scroll_offset.y, self.scrollable_content_region.width, 1))

    def content_lines(self, crop: Region) -> list[Strip]:
        """The lines of a part of the content as they are written, without the frame around them.

        ``crop`` is in columns and rows of the content that is in sight. The same as ``render_lines`` for a
        widget without opacity or tint, and cheaper, because no line is put together with its frame and cut
        out of it again.
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
                # Beside a scrollbar, nearly every line. No style, which would cost more than all the rest.
                line = line.crop(crop.x, crop.right)
            lines.append(line)
        return lines
