"""The input of the filter."""

from rich.text import Text
from textual import on
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from presence_tui.text.language import Language
from presence_tui.tui.widgets.mode_line import ModePart


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
