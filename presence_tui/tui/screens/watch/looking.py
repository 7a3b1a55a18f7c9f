"""What a person looks at: views, conversations, filters, orders, and a pause."""

from typing import TYPE_CHECKING

from textual import on

from presence_tui.domain.participants import Conversation
from presence_tui.store import Facets
from presence_tui.tui.screens.watch.parts import WatchParts
from presence_tui.tui.views.names import WITHOUT_SIDEBAR, ViewName
from presence_tui.tui.views.screen_view import ScreenView
from presence_tui.tui.widgets.conversation_list import ConversationList
from presence_tui.tui.widgets.facets_line import FacetsLine
from presence_tui.tui.widgets.filter_bar import FilterBar
from presence_tui.tui.widgets.pause_bar import PauseBar
from presence_tui.tui.widgets.roster_panel import RosterPanel
from presence_tui.tui.widgets.view_tabs import ViewTabs

if TYPE_CHECKING:
    # Only to say what it is: the first view has none, and its import takes time.
    from presence_tui.tui.widgets.conversation_table import ConversationTable

MOST_BESIDE = 6


class Looking(WatchParts):
    """Commands and clicks that change what is shown, and nothing else."""

    @on(RosterPanel.Picked)
    def _select(self, event: RosterPanel.Picked) -> None:
        self._draw_why()

    @on(ConversationList.Chosen)
    async def _choose(self, event: ConversationList.Chosen) -> None:
        await self._switch(event.conversation)

    # By name, because the decorator would ask for a table before there is one.
    def on_conversation_table_picked(self) -> None:
        self._draw_why()

    async def on_conversation_table_opened(self, event: "ConversationTable.Opened") -> None:
        await self._picked(self._situation.conversation_of(event.conversation_id))

    def on_conversation_table_mark_clicked(self, event: "ConversationTable.MarkClicked") -> None:
        self._put_beside(event.conversation_id)

    @on(ViewTabs.Chosen)
    async def _choose_view(self, event: ViewTabs.Chosen) -> None:
        await self._see(event.name)

    @on(FilterBar.Changed)
    def _filter_changed(self, event: FilterBar.Changed) -> None:
        self._go_on()
        self._view.filter_by(event.query)
        if not self._view.is_searching:
            self._found()

    @on(ScreenView.Found)
    def _found(self) -> None:
        self._draw()
        self.paint_once_told()

    @on(FilterBar.Kept)
    def _filter_kept(self) -> None:
        self._view.take_focus()

    @on(FacetsLine.Clicked)
    def _facets_clicked(self) -> None:
        self.action_facets()

    @on(PauseBar.Clicked)
    def _pause_clicked(self) -> None:
        self.action_pause()

    async def action_view_participants(self) -> None:
        await self._see(ViewName.PARTICIPANTS)

    async def action_view_conversations(self) -> None:
        await self._see(ViewName.CONVERSATIONS)

    async def action_view_contacts(self) -> None:
        await self._see(ViewName.CONTACTS)

    async def action_view_side_by_side(self) -> None:
        await self._see(ViewName.SIDE_BY_SIDE)

    def action_filter(self) -> None:
        self._filter_bar.open()

    def action_facets(self) -> None:
        """Whom to show, by state, role and kind."""
        order = self._view.order
        if order is None:
            self._tell(self._say("Facets are for people; here are none."))
            return
        from presence_tui.tui.screens.facets_dialog import FacetsDialog

        self._go_on()
        self.app.push_screen(
            FacetsDialog(
                order.facets,
                self._view.roles(),
                self._wording,
                self._glyphs,
                self._facet_by,
                self._view.shown,
            )
        )

    def action_sort(self) -> None:
        self._go_on()
        self._view.sort_by_next()
        self._draw()

    def action_pause(self) -> None:
        """Let what is shown stand still, or go on."""
        if self._pausing.is_on:
            self._go_on()
        else:
            # Figures are drawn less often than rows; here they are to agree.
            self._draw()
            self._view.freeze()
            self._feed.hold()
            self._pausing.begin(self._view.titles())
            self.set_class(True, "-paused")
        self._draw()

    def action_conversations(self) -> None:
        """To the sidebar where there is one, else to a dialog."""
        known = self._situation.conversations
        if self._sidebar.display and self.size.width >= self._sidebar.size.width > 0:
            self._sidebar.focus()
        elif self._situation.watch is not None and known:
            from presence_tui.tui.screens.conversation_picker import ConversationPicker

            watched = self._situation.conversation_id or ""
            heading = self._say("Conversations")
            way_out = self._say("esc closes")
            picker = ConversationPicker(heading, known, watched, self._store, self._glyphs, way_out)
            self.app.push_screen(picker, self._picked)

    def action_beside(self) -> None:
        """Of the conversation under the cursor, or the one watched."""
        self._put_beside(self._view.selected_conversation_id)

    async def action_back(self) -> None:
        """One step back: of what can be left, what was come to last."""
        if self._refreshing.cancel():
            self._tell(self._say("Refresh cancelled; what it had read is kept."))
        elif self._filter_bar.is_open or self._view.arrangement.query:
            self._filter_bar.clear()
            self._view.take_focus()
        elif self._view.arrangement.facets:
            self._facet_by(Facets())
        elif self._sidebar.has_focus:
            self._view.take_focus()
        else:
            await self._see(ViewName.PARTICIPANTS)
        self._draw()

    def _facet_by(self, facets: Facets) -> None:
        self._go_on()
        self._view.facet_by(facets)
        self._draw_filters()
        # Also behind the dialog, where a choice shows what it makes of the panels.
        self._view.draw()
        self.paint_soon()

    def _put_beside(self, conversation_id: str | None) -> None:
        """Beside the others, or away from them."""
        conversation, watch = self._situation.conversation_of(conversation_id), self._situation.watch
        if conversation is None or watch is None:
            self._tell(self._say("No conversation is selected."))
            return
        beside = self._situation.beside
        others = [each for each in beside if each.id != conversation.id]
        if len(others) == MOST_BESIDE:
            self._tell(self._say("No more than {n} conversations can be side by side.", n=MOST_BESIDE))
            return
        watch.watch_beside(others if len(others) < len(beside) else [*others, conversation])
        if self._views.name_seen not in WITHOUT_SIDEBAR:
            # Else it is seen.
            titles = ", ".join(each.title for each in self._situation.beside)
            self._tell(self._say("Side by side: {titles}", titles=titles or "—"))
        self._draw()

    async def _switch(self, conversation: Conversation) -> None:
        watch = self._situation.watch
        if watch is not None and conversation.id != self._situation.conversation_id:
            watch.select(conversation)
        await self._see(ViewName.PARTICIPANTS)

    async def _picked(self, conversation: Conversation | None) -> None:
        if conversation is not None:
            await self._switch(conversation)
