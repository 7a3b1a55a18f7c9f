"""A dialog with who returns again and again, updated each second; enter goes to the participant."""

from collections.abc import Callable, Iterator
from typing import ClassVar, Final

from rich.text import Text
from textual.binding import Binding, BindingType

from presence_tui.flaps.report import FlapReport, ParticipantFlaps
from presence_tui.store import PresenceStore
from presence_tui.text.flaps_texts import cause_text, figures_text, summary, wave_text
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.screens.participant_list_dialog import ParticipantListDialog, Row

MOST_SHOWN: Final = 200
"""More participants than anybody reads; the command writes them all."""
MOST_WAVES: Final = 10


class FlapsDialog(ParticipantListDialog):
    """Who returns again and again, as of now."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("F", "dismiss(None)", show=False)]

    def __init__(
        self, read: Callable[[], FlapReport], store: PresenceStore, wording: Wording, glyphs: Glyphs
    ) -> None:
        super().__init__(wording.language.say("Flaps"), "flaps", store, wording, glyphs)
        self._read = read

    def rows(self) -> Iterator[Row]:
        language, report = self.wording.language, self._read()
        hidden = len(report.people) - MOST_SHOWN
        first = summary(report, language)
        if hidden > 0:
            first = " · ".join((first, language.count("{n} more", "{n} more", hidden)))
        yield Row("", Text(first))
        for wave in report.waves[:MOST_WAVES]:
            yield Row("", Text(f"{self.glyphs.notice} {wave_text(wave, report.at_s, language)}"))
        for each in report.people[:MOST_SHOWN]:
            yield Row(each.key, self._text(each, report.at_s))

    def _text(self, flaps: ParticipantFlaps, now_s: float) -> Text:
        """Name, likely cause and how sure; then the figures."""
        language, record = self.wording.language, self.store.get_user_by_id(flaps.key)
        name = self.name_of(flaps.key)
        if record is not None:
            name = f"{self.glyphs.states[record.state]} {name}"
        cause = cause_text(flaps.cause, flaps.confidence, language)
        # In one style: a name whose width terminals dispute would be cut where the next begins.
        heading = Text(f"{name} · {cause}", "bold")
        return Text("\n").join([heading, Text(f"  {figures_text(flaps, now_s, language)}")])
