"""Rows with a cursor that follows its row, drawn line by line at a cost independent of the total."""

from collections.abc import Hashable
from functools import lru_cache
from itertools import zip_longest
from typing import ClassVar, Generic, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.strip import Strip

from presence_tui.tui.widgets.line_view import LineView

Row = TypeVar("Row", bound=Hashable)
"""Content of one line. Equal rows look the same and are not repainted."""
Palette = dict[str, Style]
"""Styles of the parts of a row."""

_STRIPS_KEPT = 200


class CursorLines(LineView, Generic[Row], can_focus=True):
    """Repaints only visible lines that changed.

    The cursor is on a key, not on a line: it follows its row, and the lines around it do
    not jump when rows above are added or removed. Subclasses provide the rows.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home,g", "end(-1)", show=False),
        Binding("end,G", "end(1)", show=False),
    ]

    def __init__(self, widget_id: str) -> None:
        super().__init__(id=widget_id)
        self.placeholder = ""
        self._selected_key: str | None = None
        self._is_chosen = False
        """True if the user placed the cursor, false if it was placed on the first row by default."""
        self._index: int | None = None
        self._count = 0
        self._painted: list[Row] = []
        """The visible rows as last painted, from the top of the window."""
        self._painted_from = 0
        self.palette: Palette = {}
        self._needs_palette = True
        self._strips: dict[Row, Strip] = {}
        """Cache of drawn lines: a row that moves looks the same."""

    # For subclasses.

    def row_count(self) -> int:
        raise NotImplementedError

    def rows_between(self, start: int, stop: int) -> list[Row]:
        """The rows at ``start <= index < stop``, as far as there are any."""
        raise NotImplementedError

    def row_key_at(self, index: int) -> str | None:
        """Key of the row at an index."""
        raise NotImplementedError

    def index_of(self, key: str) -> int | None:
        """Index of the row with a key, or ``None``."""
        raise NotImplementedError

    def drawn(self, row: Row, width: int) -> Strip:
        """Draw a row, in the styles of ``palette``."""
        raise NotImplementedError

    def picked(self, key: str) -> None:
        """Called after the user moved the cursor."""
        raise NotImplementedError

    def opened(self, key: str) -> None:
        """Called when the user opens a row."""
        raise NotImplementedError

    def palette_now(self) -> Palette:
        """Current styles by part, depending on theme, focus and staleness."""
        base = self.rich_style
        styles = {
            name.rpartition("--")[2]: self.get_component_rich_style(name, partial=True)
            for name in self.COMPONENT_CLASSES
        }
        return {**styles, "row": base, "cursor": base + styles["cursor"]}

    # Common to all subclasses.

    @property
    def selected_key(self) -> str | None:
        return self._selected_key

    def select(self, key: str | None, *, reveal: bool = False) -> None:
        """Place the cursor on a key; ``reveal`` scrolls to it."""
        self._selected_key, self._is_chosen = key, key is not None
        self._index = self._index_of_selected()
        if reveal and self._index is not None:
            self._reveal(self._index)
        self.follow()

    def suggest(self, key: str) -> None:
        """Place the cursor by default, until the user moves it. It does not keep its line, so the top stays
        visible.
        """
        self.select(key)
        self._is_chosen = False

    @property
    def is_cursor_in_sight(self) -> bool:
        """True if the row with the cursor is visible."""
        top = self.scroll_offset.y
        return self._index is not None and top <= self._index < top + max(1, self.size.height)

    def follow(self) -> None:
        """Repaint changed rows."""
        count = self.row_count()
        if count != self._count:
            if not count or not self._count:
                # To or from the placeholder.
                self.refresh()
            self._count = count
            self.set_line_count(count)
        self._keep_cursor_still()
        top = self.scroll_offset.y
        rows = self.rows_between(top, top + self.size.height)
        if top != self._painted_from:
            self.refresh()
        elif rows != self._painted:
            for offset, (row, painted) in enumerate(zip_longest(rows, self._painted)):
                if row != painted:
                    self.refresh_line(top + offset)
        self._painted, self._painted_from = rows, top

    def show_placeholder(self, text: str) -> None:
        """Set the text shown while there are no rows."""
        if text != self.placeholder:
            self.placeholder = text
            if not self._count:
                self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._needs_palette = True

    def render_lines(self, crop: Region) -> list[Strip]:
        return super().render_lines(crop) if self._follow_styles() else _blank(crop)

    def content_lines(self, crop: Region) -> list[Strip]:
        return super().content_lines(crop) if self._follow_styles() else _blank(crop)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self._count == 0:
            return self._placeholder_line(y, width)
        index = y + self.scroll_offset.y
        at = index - self._painted_from
        if 0 <= at < len(self._painted):
            return self._strip(self._painted[at], width)
        # Scrolled since the last ``follow``.
        rows = self.rows_between(index, index + 1)
        return self._strip(rows[0], width) if rows else Strip.blank(width, self.rich_style)

    def on_resize(self) -> None:
        self._strips.clear()
        self.set_line_count(self._count)
        self.follow()
        self.refresh()

    def on_focus(self) -> None:
        # Handled late, the focus may be elsewhere by now, with the cursor.
        if self._index is None and self._count and self.screen.focused is self:
            self._pick(min(self.scroll_offset.y, self._count - 1))
        else:
            self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        index = offset.y + self.scroll_offset.y
        if index < self._count:
            self._pick(index)
            if event.chain == 2 and self._selected_key is not None:
                self.opened(self._selected_key)

    def action_move(self, step: int) -> None:
        self._pick((self._index if self._index is not None else -1) + step)

    def action_page(self, direction: int) -> None:
        self._pick((self._index or 0) + direction * max(1, self.size.height - 1))

    def action_end(self, direction: int) -> None:
        self._pick(0 if direction < 0 else self._count - 1)

    def _pick(self, index: int) -> None:
        if not self._count:
            return
        index = max(0, min(index, self._count - 1))
        key = self.row_key_at(index)
        if key is not None:
            # Set at once, not when the screen receives the message, because the next key may arrive before.
            self._selected_key, self._index, self._is_chosen = key, index, True
            self.picked(key)

    def _index_of_selected(self) -> int | None:
        return self.index_of(self._selected_key) if self._selected_key else None

    def _keep_cursor_still(self) -> None:
        before, after = self._index, self._index_of_selected()
        self._index = after
        if before is None or after is None or before == after or not self._is_chosen:
            return
        top = self.scroll_offset.y
        if top <= before < top + self.size.height:
            self.scroll_to(y=max(0, top + after - before), animate=False, immediate=True)
            self._reveal(after)

    def _reveal(self, index: int) -> None:
        top, height = self.scroll_offset.y, max(1, self.size.height)
        if index < top:
            self.scroll_to(y=index, animate=False, immediate=True)
        elif index >= top + height:
            self.scroll_to(y=index - height + 1, animate=False, immediate=True)

    def _strip(self, row: Row, width: int) -> Strip:
        strip = self._strips.get(row)
        if strip is None:
            strip = self._strips[row] = self.drawn(row, width)
        return strip

    def _follow_styles(self) -> bool:
        """Update the styles; false while there are none, shortly after mounting or before removal."""
        if self._needs_palette:
            try:
                self.palette = self.palette_now()
            except KeyError:
                return False
            self._needs_palette = False
            self._strips.clear()
        elif len(self._strips) > _STRIPS_KEPT:
            self._strips.clear()
        return True

    def _placeholder_line(self, y: int, width: int) -> Strip:
        lines = _wrapped(self.placeholder, max(1, width - 4))
        above = 1 if len(lines) < self.size.height else 0
        if not above <= y < above + len(lines):
            return Strip.blank(width, self.palette["row"])
        text = set_cell_size(f"  {lines[y - above]}", width)
        return Strip([Segment(text, self.palette["row"] + self.palette["quiet"])], width)


def right_aligned(text: str, cells: int) -> str:
    """Align the text to the right of so many cells."""
    return " " * max(0, cells - cell_len(text)) + text


def _blank(crop: Region) -> list[Strip]:
    return [Strip.blank(crop.width)] * crop.height


@lru_cache(maxsize=8)
def _wrapped(text: str, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split(" "):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
