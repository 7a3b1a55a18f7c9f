"""Contacts: all participants of all conversations, once, and where they were seen."""

from presence_tui.service.service import PresenceService
from presence_tui.store import Record, Sort
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.status_texts import StatusTexts
from presence_tui.tui.views.names import ViewName, heading
from presence_tui.tui.views.people_view import PeopleView
from presence_tui.tui.widgets.panels import Panels
from presence_tui.tui.widgets.roster_panel import RowSources


class ContactsView(PeopleView):
    """Both panels of all participants, stacked because their rows are long."""

    # Without the role, which belongs to one conversation.
    SORTS = (Sort.NAME, Sort.STATE, Sort.LAST_ACTIVE, Sort.FLAPPING)

    def __init__(
        self, service: PresenceService, texts: StatusTexts, wording: Wording, glyphs: Glyphs
    ) -> None:
        order = service.store.roster_index()
        sources = RowSources(service.marks, self.places_of, is_of_everyone=True)
        panels = Panels(order, wording, glyphs, sources)
        super().__init__(ViewName.CONTACTS, service, texts, wording, panels, order)

    def shows(self, record: Record) -> bool:
        return True

    def titles(self) -> tuple[str, str]:
        return heading(ViewName.CONTACTS, self.wording.language), self.words.contacts()

    def nobody(self) -> str:
        return self.wording.language.say("Nobody is known yet.")
