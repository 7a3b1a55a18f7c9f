"""The line below the title: tabs, and beside or instead of them pause, filter and facets.

It is always shown, because separate lines for pause, filter or facets would move every row.
"""

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from presence_tui.store import Facets
from presence_tui.text.language import Language
from presence_tui.text.local_time import SECONDS, local_time
from presence_tui.text.wording import Wording
from presence_tui.tui.keys import PALETTE_KEY
from presence_tui.tui.widgets.cells import shortened
from presence_tui.tui.widgets.containers import Columns
from presence_tui.tui.widgets.view_tabs import ViewTabs

_LEAST_FACETS_CELLS: Final = 12


class ModePart(Widget):
    """A part of the line that is visible only while open. A base class."""

    def set_open(self, is_open: bool) -> None:
        """Show or hide the part."""
        self.set_class(is_open, "-open")
        if isinstance(self.parent, ModeLine):
            self.parent.follow_parts()


class ModeLine(Columns):
    """On narrow terminals, open parts replace the tabs."""

    def __init__(self, tabs: ViewTabs, *parts: ModePart) -> None:
        super().__init__(id="mode-line")
        self._tabs = tabs
        self._parts = parts

    def compose(self) -> ComposeResult:
        yield self._tabs
        yield from self._parts

    def follow_parts(self) -> None:
        """Update the layout after a part was opened or closed; several open parts share the line in a short
        form.
        """
        is_open = [part.has_class("-open") for part in self._parts]
        self.set_class(any(is_open), "-open")
        self.set_class(sum(is_open) > 1, "-shared")


class FilterBar(Horizontal, ModePart):
    """Posts the typed query. Visible only with a query or focus.

    Its children are mounted after the first paint, in which it is never visible.
    """

    class Changed(Message):
        """The query changed."""

        def __init__(self, query: str) -> None:
            self.query = query
            super().__init__()

    class Submitted(Message):
        """The query was confirmed; the filter stays."""

    def __init__(self, language: Language) -> None:
        super().__init__(id="filter-bar")
        self._say = language.say
        self._usual_hint = self._say("name or handle (!without, ~like)")
        self._input = Input(id="filter", placeholder=self._usual_hint)
        self._how_many = Static(id="filter-how-many", classes="filter-way-on")
        self._count_text = ""

    def on_mount(self) -> None:
        self.call_after_refresh(self._build)

    def _build(self) -> None:
        # A quick exit closes the screen before this call.
        if self.is_attached and not self.children:
            self.mount(
                Static(" / ", id="filter-mark"),
                self._input,
                self._how_many,
                Static(self._say("enter keeps · esc clears"), classes="filter-way-on -typing"),
                Static(self._say("esc clears"), classes="filter-way-on -kept"),
            )

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    def open(self) -> None:
        """Show the bar and focus its input."""
        self._build()
        self.set_open(True)
        # Synchronously, because the following text may have arrived together with the key.
        self.screen.set_focus(self._input)

    def show(self, query: str, hint: str = "") -> None:
        """Show the query of the visible view without posting it. Keeps the bar open while it has the
        focus. ``hint`` says what can be typed, if not names.
        """
        self._input.placeholder = hint or self._usual_hint
        if query:
            self._build()
        with self._input.prevent(Input.Changed):
            self._input.value = query
        self.set_open(bool(query) or self._input.has_focus)

    def show_count(self, count_text: str) -> None:
        """Show the count; empty without a filter."""
        if count_text != self._count_text:
            self._count_text = count_text
            self._how_many.update(Text(count_text))

    def clear(self) -> None:
        """Clear the query and close the bar."""
        self._input.value = ""
        self.set_open(False)

    @on(Input.Changed)
    def _change(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(event.value))

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        self.set_open(bool(event.value))
        self.post_message(self.Submitted())


class ClickablePart(Static, ModePart):
    """A part of texts that is hidden without them. Never read as markup, because roles may have any name."""

    class Clicked(Message):
        """The part was clicked."""

    def __init__(self, widget_id: str) -> None:
        super().__init__(id=widget_id)
        self._texts: Sequence[str] = ()

    def show_texts(self, *texts: str) -> None:
        """Show these texts; none, to hide the part."""
        if texts != self._texts:
            self._texts = texts
            self.set_open(bool(texts))
            self.on_resize()

    def on_resize(self) -> None:
        if self._texts:
            self.update(self.line(self._texts, self.size.width), layout=False)

    def on_click(self) -> None:
        self.post_message(self.Clicked())

    def line(self, texts: Sequence[str], width: int) -> Text:
        """The texts in a line of this width."""
        raise NotImplementedError


class PauseBar(ClickablePart):
    """Visible only during a pause; a click ends it."""

    class Clicked(ClickablePart.Clicked):
        """The pause is to end."""

    def __init__(self, language: Language, key: str) -> None:
        """``key`` ends the pause."""
        super().__init__("pause-bar")
        self._language = language
        self._key = key

    def show(self, since_s: float | None, changes: int) -> None:
        """Show start (Unix seconds) and number of changes; ``None`` if not paused."""
        if since_s is None:
            self.show_texts()
            return
        at = local_time(since_s, SECONDS)
        happened = self._language.count("{n} change since {at}", "{n} changes since {at}", changes, at=at)
        paused, goes_on = self._language.say("PAUSED"), self._language.say("{key} goes on", key=self._key)
        self.show_texts(paused, happened, goes_on)

    def line(self, texts: Sequence[str], width: int) -> Text:
        """As many texts as fit; the word for the pause comes first."""
        while len(texts) > 1 and cell_len(" · ".join(texts)) + 2 > width:
            texts = texts[:-1]
        return Text(f" {' · '.join(texts)} ", no_wrap=True, overflow="ellipsis")


class FacetsLine(ClickablePart):
    """Shows active facets and the number of rows that pass. A click opens the dialog."""

    class Clicked(ClickablePart.Clicked):
        """The dialog was requested."""

    def __init__(self, wording: Wording, key: str) -> None:
        """``key`` opens the dialog."""
        super().__init__("facets-line")
        self._wording = wording
        self._key = "" if key == PALETTE_KEY else key

    def show(self, facets: Facets, how_many: str) -> None:
        """Show the facets and the count."""
        if facets:
            self.show_texts(self._wording.facets(facets), self._wording.facets(facets, brief=True), how_many)
        else:
            self.show_texts()

    def line(self, texts: Sequence[str], width: int) -> Text:
        facets, brief, how_many = texts
        mark = f" {self._key or '='} "
        clears = self._wording.language.say("esc clears")
        # The facets take precedence if the line is shared.
        room = width - cell_len(mark) - min(cell_len(facets), _LEAST_FACETS_CELLS)
        rights = (f" {how_many} · {clears} ", f" {how_many} ")
        right = next((right for right in rights if cell_len(right) <= room), "")
        room = max(0, width - cell_len(mark) - cell_len(right))
        line = Text(no_wrap=True)
        line.append(mark, "bold")
        line.append(shortened(facets if cell_len(facets) <= room else brief, room))
        line.append(" " * max(0, width - line.cell_len - cell_len(right)) + right)
        return line
