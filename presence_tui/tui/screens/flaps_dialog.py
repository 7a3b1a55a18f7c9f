"""A dialog with who returns again and again, updated each second; enter goes to the participant."""

from collections.abc import Callable, Iterator
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.visual import Visual
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from presence_tui.flaps.report import FlapReport, ParticipantFlaps
from presence_tui.store import PresenceStore
from presence_tui.text.flaps_texts import cause_text, figures_text, summary, wave_text
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.screens.modal import Modal
from presence_tui.tui.widgets.conversation_list import ConversationOptions
from presence_tui.tui.widgets.unbroken_lines import unbroken

MOST_SHOWN: Final = 200
"""More participants than anybody reads; the command writes them all."""
MOST_WAVES: Final = 10

_FRAME_CELLS: Final = 6
"""Corners, and the space between them and the text."""


class FlapsDialog(Modal[str | None]):
    """Returns the presence key of the chosen participant, or ``None``."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,F", "dismiss(None)", show=False)]

    def __init__(
        self, read: Callable[[], FlapReport], store: PresenceStore, wording: Wording, glyphs: Glyphs
    ) -> None:
        super().__init__()
        self._read = read
        self._store = store
        self._wording = wording
        self._glyphs = glyphs
        self._rows: list[tuple[str, Text]] = []
        """Presence key and text of the options; the key is empty where a row leads nowhere."""

    def compose(self) -> ComposeResult:
        say = self._wording.language.say
        self._rows = list(self._lines())
        options = ConversationOptions(*map(self._option, self._rows), id="flaps", classes="dialog -wide")
        options.border_title = Text(say("Flaps"))
        way_out = say("enter goes there · esc closes")
        options.border_subtitle = way_out
        options.styles.min_width = cell_len(way_out) + _FRAME_CELLS
        yield options

    def on_mount(self) -> None:
        options = self.query_one(ConversationOptions)
        options.focus()
        options.highlighted = next((row for row, (key, _) in enumerate(self._rows) if key), 0)
        self.set_interval(1.0, self._follow)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if key := self._rows[event.option_index][0]:
            self.dismiss(key)

    def _follow(self) -> None:
        """Show what is new. The cursor stays on its participant."""
        rows, before = list(self._lines()), self._rows
        if rows == before:
            return
        self._rows = rows
        options = self.query_one(ConversationOptions)
        if [key for key, _ in rows] == [key for key, _ in before]:
            for index, (row, row_before) in enumerate(zip(rows, before, strict=True)):
                if row != row_before:
                    options.replace_option_prompt_at_index(index, self._prompt_of(row))
            return
        at, scrolled_y = options.highlighted or 0, options.scroll_y
        key = before[at][0]
        options.clear_options()
        options.add_options(map(self._option, rows))
        options.highlighted = next((index for index, row in enumerate(rows) if key and row[0] == key), at)
        options.scroll_to(y=scrolled_y, animate=False)
        options.scroll_to_highlight()

    def _lines(self) -> Iterator[tuple[str, Text]]:
        language, report = self._wording.language, self._read()
        hidden = len(report.people) - MOST_SHOWN
        first = summary(report, language)
        yield (
            "",
            Text(
                " · ".join((first, language.count("{n} more", "{n} more", hidden))) if hidden > 0 else first
            ),
        )
        for wave in report.waves[:MOST_WAVES]:
            yield "", Text(f"{self._glyphs.notice} {wave_text(wave, report.at_s, language)}")
        for each in report.people[:MOST_SHOWN]:
            yield each.key, self._prompt(each, report.at_s)

    def _prompt(self, flaps: ParticipantFlaps, now_s: float) -> Text:
        """Name, likely cause and how sure; then the figures."""
        language, record = self._wording.language, self._store.get_user_by_id(flaps.key)
        name = flaps.key
        if record is not None:
            state = self._glyphs.states[record.state]
            name = " ".join((state, record.shown_name, *self._wording.distinction(record)[:1]))
        cause = cause_text(flaps.cause, flaps.confidence, language)
        # In one style: a name whose width terminals dispute would be cut where the next begins.
        heading = Text(f"{name} · {cause}", "bold")
        return Text("\n").join([heading, Text(f"  {figures_text(flaps, now_s, language)}")])

    def _prompt_of(self, row: tuple[str, Text]) -> Visual:
        return unbroken(row[1], self.app.console)

    def _option(self, row: tuple[str, Text]) -> Option:
        return Option(self._prompt_of(row))
