"""Both panels of a view, side by side or stacked, with one cursor, titles and placeholders."""

from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Container

from presence_tui.domain.enums import Panel
from presence_tui.store import RosterIndex, Sort
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.widgets.containers import Backdrop, TitledBox
from presence_tui.tui.widgets.roster_panel import RosterPanel, RowSources

MOST_COPIED: Final = 5_000
"""More rows would exceed the clipboard's limit."""


class Panels(Container, Backdrop):
    """Shows an index. ``follow`` is for each frame; ``draw`` also updates titles and texts."""

    def __init__(
        self, roster_index: RosterIndex, wording: Wording, glyphs: Glyphs, sources: RowSources
    ) -> None:
        super().__init__()
        self._roster_index = roster_index
        self._say = wording.language.say
        self._panels = {panel: RosterPanel(panel, roster_index, wording, glyphs, sources) for panel in Panel}
        self._boxes = {panel: TitledBox(widget) for panel, widget in self._panels.items()}
        self._cursor_panel: Panel | None = None
        self._is_chosen = False
        """True once the user moved the cursor; before, it is on the first row."""

    def compose(self) -> ComposeResult:
        yield from self._boxes.values()

    @property
    def selected_key(self) -> str | None:
        """Presence key under the cursor."""
        return self._panels[Panel.ONLINE].selected_key

    def take_focus(self) -> None:
        """Focus the panel with the cursor, otherwise the first with rows."""
        with_rows = (panel for panel, widget in self._panels.items() if widget.row_count())
        self._panels[self._panel_of_cursor() or next(with_rows, Panel.ONLINE)].focus()

    def select_participant(self, key: str) -> bool:
        """Put the cursor on a participant, and the keys with it; false where they are not shown."""
        panel = next(
            (panel for panel, widget in self._panels.items() if widget.index_of(key) is not None), None
        )
        if panel is None:
            return False
        self._select_key(key)
        self._panels[panel].focus()
        return True

    def reset(self) -> None:
        """Reset cursor and scroll position for another conversation."""
        for widget in self._panels.values():
            widget.select(None)
            widget.scroll_home(animate=False)
        self._is_chosen = False

    def repaint(self) -> None:
        """Repaint everything, for example after a change of staleness."""
        for widget in self._panels.values():
            widget.refresh()

    def freeze(self) -> None:
        """Freeze the rows of both panels."""
        for widget in self._panels.values():
            widget.freeze()

    def resume(self) -> None:
        """Show the current rows again."""
        for widget in self._panels.values():
            widget.resume()

    @property
    def selected_text(self) -> str:
        """The selected row as text; empty without a selection."""
        return "".join(widget.selected_text for widget in self._panels.values())

    @property
    def shown(self) -> int:
        """Number of shown rows in both panels."""
        return sum(widget.row_count() for widget in self._panels.values())

    def chosen_texts(self) -> tuple[str, list[str], int]:
        """Title, rows to copy and number of rows of one panel: with the focus, otherwise with the cursor,
        otherwise the first.
        """
        widgets = list(self._panels.values())
        focused = [widget for widget in widgets if widget.has_focus]
        with_cursor = [widget for widget in widgets if widget.has_cursor]
        chosen = [*focused, *with_cursor, *widgets][0]
        return self._boxes[chosen.panel].title, chosen.texts(0, MOST_COPIED), chosen.row_count()

    def follow(self) -> None:
        """Repaint changed rows."""
        for widget in self._panels.values():
            widget.follow()
        self._follow_cursor()

    def draw(self, you: str, nobody: str) -> None:
        """Update everything. ``you`` is our own presence key; ``nobody`` is the text while no participant is
        known.
        """
        counts = self._roster_index.counts
        everybody = {Panel.ONLINE: counts.online, Panel.OFFLINE: counts.offline + counts.unknown}
        titles = {
            Panel.ONLINE: self._say("Online ({n})", n=everybody[Panel.ONLINE]),
            Panel.OFFLINE: self._say("Offline ({n})", n=everybody[Panel.OFFLINE]),
        }
        order = self._say("by {order}", order=self._sort_word())
        for panel, widget in self._panels.items():
            title = titles[panel]
            if self._roster_index.filter:
                title += " · " + self._say("{n} shown", n=self._roster_index.count(panel))
            self._boxes[panel].show_titles(title, order if panel is Panel.ONLINE else "")
            widget.you = you
            widget.show_placeholder(self._placeholder(panel, everybody[panel], nobody))
        self.follow()
        self._suggest_first()

    @on(RosterPanel.Picked)
    def _select(self, event: RosterPanel.Picked) -> None:
        self._select_key(event.key)

    def _select_key(self, key: str) -> None:
        self._is_chosen = True
        for widget in self._panels.values():
            widget.select(key, reveal=True)
        self._cursor_panel = self._panel_of_cursor()

    def _suggest_first(self) -> None:
        """Select the first row if none is selected, so that every command has a participant."""
        has_cursor = any(widget.has_cursor for widget in self._panels.values())
        if self._is_chosen and (has_cursor or self._roster_index.filter):
            return
        self._is_chosen = False
        first = next((widget for widget in self._panels.values() if widget.row_count()), None)
        key = first.row_key_at(0) if first is not None else None
        if first is None or key is None or first.is_cursor_in_sight:
            return
        for widget in self._panels.values():
            widget.suggest(key)
        self._cursor_panel = first.panel
        if any(widget.has_focus for widget in self._panels.values()) and not first.has_focus:
            first.focus(scroll_visible=False)

    def _follow_cursor(self) -> None:
        """If the cursor moved to the other panel with its participant, move the focus too."""
        before, self._cursor_panel = self._cursor_panel, self._panel_of_cursor()
        if before is None or self._cursor_panel in (None, before) or not self._is_chosen:
            return
        if self._panels[before].has_focus and self._cursor_panel is not None:
            self._panels[self._cursor_panel].focus(scroll_visible=False)

    def _panel_of_cursor(self) -> Panel | None:
        return next((panel for panel, widget in self._panels.items() if widget.has_cursor), None)

    def _placeholder(self, panel: Panel, count: int, nobody: str) -> str:
        """Text of an empty panel."""
        if self._roster_index.filter and count:
            return self._say("Nobody matches. esc shows everybody.")
        if not self._roster_index.counts.total:
            return nobody if panel is Panel.ONLINE else ""
        return self._say("Nobody is online.") if panel is Panel.ONLINE else self._say("Nobody is offline.")

    def _sort_word(self) -> str:
        match self._roster_index.sort:
            case Sort.NAME:
                return self._say("name")
            case Sort.STATE:
                return self._say("state")
            case Sort.LAST_ACTIVE:
                return self._say("last active")
            case Sort.ROLE:
                return self._say("role")
            case Sort.FLAPPING:
                return self._say("most flapping")
