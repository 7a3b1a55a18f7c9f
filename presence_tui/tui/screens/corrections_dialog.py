"""A dialog with all whom a correction of the activity is about; enter goes to the participant."""

from collections.abc import Iterator

from rich.text import Text

from presence_tui.store import PresenceStore
from presence_tui.text.wording import Wording
from presence_tui.tui.activity_groups import Corrections
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.screens.participant_list_dialog import ParticipantListDialog, Row


class CorrectionsDialog(ParticipantListDialog):
    """Who came and who left, as far as their names are kept."""

    def __init__(
        self, corrections: Corrections, store: PresenceStore, wording: Wording, glyphs: Glyphs
    ) -> None:
        super().__init__(corrections.heading, "corrections", store, wording, glyphs)
        self._corrections = corrections

    def rows(self) -> Iterator[Row]:
        corrections, count = self._corrections, self.wording.language.count
        came, left = corrections.came, corrections.left
        for people, glyph, heading in (
            (came, self.glyphs.came, count("{n} came", "{n} came", len(came))),
            (left, self.glyphs.left, count("{n} left", "{n} left", len(left))),
        ):
            if people:
                yield Row("", Text(heading, "bold"), is_choice=False)
            for key in people:
                yield Row(key, Text(f"  {glyph} {self.name_of(key)}"))
        if corrections.hidden:
            yield Row("", Text(count("+{n} more", "+{n} more", corrections.hidden)), is_choice=False)
