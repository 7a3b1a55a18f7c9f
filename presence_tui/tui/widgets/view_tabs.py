"""The tabs: the visible view, and keys and click targets of the others."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from presence_tui.tui.views.names import ViewName


class Tab(NamedTuple):
    """A view, its key (empty without one) and its label (empty where its key stands alone)."""

    name: ViewName
    key: str
    label: str

    @property
    def cells(self) -> int:
        return sum(cell_len(f" {part}") for part in (self.key, self.label) if part) + 1


def fitting(tabs: Sequence[Tab], seen: ViewName, cells: int) -> list[Tab]:
    """The tabs, as many of them with their key alone as they are too wide together.

    Views side by side lose their label first, because a terminal without room for all labels has none for
    them; then the longest. The one seen keeps its label, and one without a key too.
    """
    shown = list(tabs)
    droppable = [place for place, tab in enumerate(tabs) if tab.key and tab.name is not seen]
    for place in sorted(droppable, key=lambda place: _worth(tabs[place])):
        if sum(tab.cells for tab in shown) <= cells:
            break
        shown[place] = tabs[place]._replace(label="")
    return shown


def _worth(tab: Tab) -> tuple[bool, int]:
    return tab.name is not ViewName.SIDE_BY_SIDE, -cell_len(tab.label)


class ViewTabs(Widget):
    """Drawn directly, because it changes only with the view."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tabs--key", "tabs--label", "tabs--seen"}

    class Chosen(Message):
        """Another view was chosen."""

        def __init__(self, name: ViewName) -> None:
            self.name = name
            super().__init__()

    def __init__(self, tabs: list[Tab]) -> None:
        super().__init__()
        self._tabs = tabs
        self._seen = ViewName.PARTICIPANTS
        self.styles.width = sum(tab.cells for tab in tabs)

    def show(self, seen: ViewName) -> None:
        """Mark the visible view."""
        if seen is not self._seen:
            self._seen = seen
            self.refresh()

    @property
    def _shown(self) -> list[Tab]:
        return fitting(self._tabs, self._seen, self.size.width)

    def on_click(self, event: events.Click) -> None:
        start = 0
        for tab in self._shown:
            if start <= event.x < start + tab.cells:
                self.post_message(self.Chosen(tab.name))
            start += tab.cells

    def render_line(self, y: int) -> Strip:
        line = self.rich_style
        key, label, seen = (
            line + self.get_component_rich_style(f"tabs--{part}", partial=True)
            for part in ("key", "label", "seen")
        )
        segments: list[Segment] = []
        for tab in self._shown:
            is_seen = tab.name is self._seen
            if tab.key:
                segments.append(Segment(f" {tab.key}", seen if is_seen else key))
            text = f" {tab.label} " if tab.label else " "
            segments.append(Segment(text, seen if is_seen else label))
        return Strip(segments).adjust_cell_length(self.size.width, line)
