"""Rows with a cursor that follows its row, drawn line by line at a cost independent of the total."""

from collections.abc import Callable, Hashable
from functools import lru_cache
from itertools import zip_longest
from typing import ClassVar, Generic, NamedTuple, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from presence_tui.tui.widgets.line_view import LineView

Row = TypeVar("Row", bound=Hashable)
"""Content of one line. Equal rows look the same and are not repainted."""
Palette = dict[str, Style]
"""Styles of the parts of a row."""

_STRIPS_KEPT = 200


class Window(NamedTuple):
    """The lines in sight."""

    top: int
    height: int

    def holds(self, index: int) -> bool:
        return self.top <= index < self.top + self.height

    def top_revealing(self, index: int) -> int:
        """The top after moving no further than needed for this line to be in sight."""
        if index < self.top:
            return index
        return max(self.top, index - self.height + 1)


class Cursor:
    """A cursor on the key of a row, whose index changes while rows are added, removed and moved."""

    def __init__(self, index_of: Callable[[str], int | None]) -> None:
        self._index_of = index_of
        self.key: str | None = None
        self.index: int | None = None
        """Index of the row as of the last call of a method; ``None`` if there is none with this key."""
        self.is_chosen = False
        """True if the user placed the cursor, false if it was placed on the first row by default."""

    def place(self, key: str | None) -> None:
        """Place the cursor on a key, wherever its row is."""
        self.key, self.is_chosen = key, key is not None
        self.index = self._find()

    def choose(self, key: str, index: int) -> None:
        """Place the cursor on a row that the user chose."""
        self.key, self.index, self.is_chosen = key, index, True

    def follow(self, window: Window) -> int:
        """Find the row again. Returns the top at which a row that was in sight stays on its line, unless the
        user has not placed the cursor.
        """
        before, after = self.index, self._find()
        self.index = after
        if before is None or after is None or not (self.is_chosen and window.holds(before)):
            return window.top
        return max(0, window.top + after - before)

    def _find(self) -> int | None:
        return self._index_of(self.key) if self.key else None


class DrawnRows(Generic[Row]):
    """Keeps how rows look, because a row that moves looks the same."""

    def __init__(self, widget: Widget, draw: Callable[[Row, int], Strip]) -> None:
        """``widget`` has the styles; ``draw`` draws a row of some width in those of ``palette``."""
        self._widget = widget
        self._draw = draw
        self._strips: dict[Row, Strip] = {}
        self._needs_palette = True
        self.palette: Palette = {}
        """Updated in place."""

    def strip(self, row: Row, width: int) -> Strip:
        strip = self._strips.get(row)
        if strip is None:
            strip = self._strips[row] = self._draw(row, width)
        return strip

    def clear(self) -> None:
        """Draw all rows again, for example in another width."""
        self._strips.clear()

    def clear_styles(self) -> None:
        """Read the styles again: theme, focus or staleness have changed."""
        self._needs_palette = True

    def read_styles(self) -> bool:
        """Read the styles if needed; false while there are none, shortly after mounting or before removal."""
        if self._needs_palette:
            try:
                palette = _palette_of(self._widget)
            except KeyError:
                return False
            self.palette.clear()
            self.palette.update(palette)
            self._needs_palette = False
            self._strips.clear()
        elif len(self._strips) > _STRIPS_KEPT:
            self._strips.clear()
        return True


def _palette_of(widget: Widget) -> Palette:
    """Raises ``KeyError`` while the widget has no styles."""
    base = widget.rich_style
    styles = {
        name.rpartition("--")[2]: widget.get_component_rich_style(name, partial=True)
        for name in widget.COMPONENT_CLASSES
    }
    return {**styles, "row": base, "cursor": base + styles["cursor"]}


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
        self._cursor = Cursor(self.index_of)
        self._count = 0
        self._painted: list[Row] = []
        """The visible rows as last painted, from the top of the window."""
        self._painted_from = 0
        self._drawn_rows = DrawnRows(self, self.drawn)
        self.palette = self._drawn_rows.palette

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

    # Common to all subclasses.

    @property
    def selected_key(self) -> str | None:
        return self._cursor.key

    def select(self, key: str | None, *, reveal: bool = False) -> None:
        """Place the cursor on a key; ``reveal`` scrolls to it."""
        self._cursor.place(key)
        index, window = self._cursor.index, _window_of(self)
        if reveal and index is not None and (top := window.top_revealing(index)) != window.top:
            self.scroll_to(y=top, animate=False, immediate=True)
        self.follow()

    def suggest(self, key: str) -> None:
        """Place the cursor by default, until the user moves it. It does not keep its line, so the top stays
        visible.
        """
        self.select(key)
        self._cursor.is_chosen = False

    @property
    def is_cursor_in_sight(self) -> bool:
        """True if the row with the cursor is visible."""
        return self._cursor.index is not None and _window_of(self).holds(self._cursor.index)

    def follow(self) -> None:
        """Repaint changed rows."""
        count = self.row_count()
        if count != self._count:
            if not count or not self._count:
                # To or from the placeholder.
                self.refresh()
            self._count = count
            self.set_line_count(count)
        before = self.scroll_offset.y
        if (top := self._cursor.follow(Window(before, self.size.height))) != before:
            self.scroll_to(y=top, animate=False, immediate=True)
        top = self.scroll_offset.y
        rows = self.rows_between(top, top + self.size.height)
        if top != self._painted_from:
            self.refresh()
        elif rows != self._painted:
            pairs = enumerate(zip_longest(rows, self._painted), top)
            self.refresh_each_line(y for y, (row, painted) in pairs if row != painted)
        self._painted, self._painted_from = rows, top

    def show_placeholder(self, text: str) -> None:
        """Set the text shown while there are no rows."""
        if text != self.placeholder:
            self.placeholder = text
            if not self._count:
                self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._drawn_rows.clear_styles()

    def render_lines(self, crop: Region) -> list[Strip]:
        return super().render_lines(crop) if self._drawn_rows.read_styles() else _blank(crop)

    def content_lines(self, crop: Region) -> list[Strip]:
        return super().content_lines(crop) if self._drawn_rows.read_styles() else _blank(crop)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self._count == 0:
            return _placeholder_line(self.placeholder, y, self.size, self.palette)
        index = y + self.scroll_offset.y
        at = index - self._painted_from
        if 0 <= at < len(self._painted):
            return self._drawn_rows.strip(self._painted[at], width)
        # Scrolled since the last ``follow``.
        rows = self.rows_between(index, index + 1)
        return self._drawn_rows.strip(rows[0], width) if rows else Strip.blank(width, self.rich_style)

    def on_resize(self) -> None:
        self._drawn_rows.clear()
        self.set_line_count(self._count)
        self.follow()
        self.refresh()

    def on_focus(self) -> None:
        # Handled late, the focus may be elsewhere by now, with the cursor.
        if self._cursor.index is None and self._count and self.screen.focused is self:
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
            if event.chain == 2 and self._cursor.key is not None:
                self.opened(self._cursor.key)

    def action_move(self, step: int) -> None:
        self._pick((-1 if self._cursor.index is None else self._cursor.index) + step)

    def action_page(self, direction: int) -> None:
        self._pick((self._cursor.index or 0) + direction * max(1, self.size.height - 1))

    def action_end(self, direction: int) -> None:
        self._pick(0 if direction < 0 else self._count - 1)

    def _pick(self, index: int) -> None:
        if not self._count:
            return
        index = max(0, min(index, self._count - 1))
        key = self.row_key_at(index)
        if key is not None:
            # Set at once, not when the screen receives the message, because the next key may arrive before.
            self._cursor.choose(key, index)
            self.picked(key)


def _window_of(view: LineView) -> Window:
    """At least one line, because the first layout is still to come."""
    return Window(view.scroll_offset.y, max(1, view.size.height))


def right_aligned(text: str, cells: int) -> str:
    """Align the text to the right of so many cells."""
    return " " * max(0, cells - cell_len(text)) + text


def _blank(crop: Region) -> list[Strip]:
    return [Strip.blank(crop.width)] * crop.height


def _placeholder_line(text: str, y: int, size: Size, palette: Palette) -> Strip:
    lines = _wrapped(text, max(1, size.width - 4))
    above = 1 if len(lines) < size.height else 0
    if not above <= y < above + len(lines):
        return Strip.blank(size.width, palette["row"])
    line = set_cell_size(f"  {lines[y - above]}", size.width)
    return Strip([Segment(line, palette["row"] + palette["quiet"])], size.width)


@lru_cache(maxsize=8)
def _wrapped(text: str, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split(" "):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
