"""Creates views."""

from presence_tui.service.service import PresenceService
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.status_texts import StatusTexts
from presence_tui.tui.views.names import ViewName
from presence_tui.tui.views.participants import ParticipantsView
from presence_tui.tui.views.screen_view import ScreenView


def make_view(
    name: ViewName, service: PresenceService, texts: StatusTexts, wording: Wording, glyphs: Glyphs
) -> ScreenView:
    """Create a view. Imports classes that the first paint does not need on first use."""
    match name:
        case ViewName.PARTICIPANTS:
            return ParticipantsView(service, texts, wording, glyphs)
        case ViewName.CONVERSATIONS:
            from presence_tui.tui.views.conversations import ConversationsView

            return ConversationsView(service, texts, wording, glyphs)
        case ViewName.SIDE_BY_SIDE:
            from presence_tui.tui.views.side_by_side import SideBySideView

            return SideBySideView(service, texts, wording, glyphs)
        case ViewName.PACKETS:
            from presence_tui.tui.views.packets import PacketsView

            return PacketsView(service, texts, wording, glyphs)
        case ViewName.CONTACTS:
            from presence_tui.tui.views.contacts import ContactsView

            return ContactsView(service, texts, wording, glyphs)
