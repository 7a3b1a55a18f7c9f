"""Creates the views on first use, and shows one at a time. They keep their state while hidden."""

import asyncio
from collections.abc import Callable, Iterable

from textual.widgets import ContentSwitcher

from presence_tui.service.service import PresenceService
from presence_tui.text.wording import Wording
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.status_texts import StatusTexts
from presence_tui.tui.themed_app import read_styles
from presence_tui.tui.views.names import ViewName, widget_id
from presence_tui.tui.views.people_view import ParticipantsView
from presence_tui.tui.views.screen_view import ScreenView
from presence_tui.tui.widgets.containers import Backdrop


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


MakeView = Callable[[ViewName], ScreenView]


class ViewSwitcher(ContentSwitcher, Backdrop):
    """Starts with the participants."""

    def __init__(self, make_view: MakeView) -> None:
        first = make_view(ViewName.PARTICIPANTS)
        super().__init__(first, id="views", initial=widget_id(ViewName.PARTICIPANTS))
        self._make_view = make_view
        self._made = {ViewName.PARTICIPANTS: first}
        self._switching = asyncio.Lock()
        self.name_seen = ViewName.PARTICIPANTS

    @property
    def seen(self) -> ScreenView:
        return self._made[self.name_seen]

    @property
    def made(self) -> Iterable[ScreenView]:
        """All created views, visible or not."""
        return self._made.values()

    async def show(self, name: ViewName) -> None:
        """Show a view."""
        # Mounting takes a while, in which another key or click may arrive.
        async with self._switching:
            if name is self.name_seen:
                return
            before, view = self.seen, self._made.get(name)
            if view is None:
                read_styles(self.app.stylesheet, "views")
                view = self._make_view(name)
                await self.add_content(view, set_current=True)
                self._made[name] = view
            else:
                view.appear()
                self.current = widget_id(name)
            self.name_seen = name
            before.disappear()
