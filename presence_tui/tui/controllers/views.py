"""Views, filters, sort order, and pausing the display."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial

from presence_tui.domain.participants import Conversation
from presence_tui.service.state import Phase
from presence_tui.store import ChangeSet, Facets
from presence_tui.tui.controllers.context import Handlers, WatchContext
from presence_tui.tui.keys import key_of
from presence_tui.tui.pausing import Pausing
from presence_tui.tui.status_texts import StatusTexts
from presence_tui.tui.views.names import SIDE_BY_SIDE_FROM, WITHOUT_SIDEBAR, ViewName, heading
from presence_tui.tui.views.screen_view import ScreenView
from presence_tui.tui.views.switcher import ViewSwitcher, make_view
from presence_tui.tui.widgets.activity_feed import ActivityFeed
from presence_tui.tui.widgets.conversation_list import ConversationList
from presence_tui.tui.widgets.mode_line import FacetsLine, FilterBar, ModeLine, PauseBar
from presence_tui.tui.widgets.view_tabs import Tab, ViewTabs

MAX_COLUMNS = 6


class ViewController:
    """Owns the widgets for choosing and filtering; changes only what is shown."""

    def __init__(self, context: WatchContext, texts: StatusTexts, feed: ActivityFeed) -> None:
        wording, glyphs, commands = context.wording, context.glyphs, context.commands
        self._context = context
        self._feed = feed
        self._pausing = Pausing(context.service)
        self.sidebar = ConversationList(context.store, wording.language, glyphs)
        self.filter_bar = FilterBar(wording.language)
        self.facets_line = FacetsLine(wording, key_of(commands, "facets"))
        self.pause_bar = PauseBar(wording.language, key_of(commands, "pause"))
        self.views = ViewSwitcher(lambda name: make_view(name, context.service, texts, wording, glyphs))
        self.tabs = ViewTabs([self._tab(name) for name in ViewName])
        self.mode_line = ModeLine(self.tabs, self.filter_bar, self.facets_line, self.pause_bar)

    def handlers(self) -> Handlers:
        return {
            **{f"view_{name.name.lower()}": partial(self.show, name) for name in ViewName},
            "filter": self.filter_bar.open,
            "facets": self.open_facets,
            "sort": self.sort,
            "pause": self.pause,
            "conversations": self.choose_conversation,
            "beside": self.toggle_selected_beside,
        }

    @property
    def seen(self) -> ScreenView:
        """The visible view."""
        return self.views.seen

    @property
    def is_paused(self) -> bool:
        return self._pausing.is_on

    @property
    def titles(self) -> tuple[str, str]:
        """The title bar's text: the visible view and its count; frozen during a pause."""
        return self._pausing.titles or self.seen.titles()

    async def show(self, name: ViewName) -> None:
        """Switch to another view, in its last arrangement."""
        self.resume()
        await self.views.show(name)
        self.tabs.show(name)
        self._context.screen.set_class(name in WITHOUT_SIDEBAR, "-whole-width")
        self._context.screen.set_class(self.seen.FILTER_HINT is not None, "-long-filter")
        self.show_filter()
        self.seen.take_focus()
        self._context.draw()

    async def select(self, key: str) -> None:
        """Put the cursor on somebody, in this view or else among the participants."""
        self.resume()
        if self.seen.select_participant(key):
            return
        if self.views.name_seen is not ViewName.PARTICIPANTS:
            await self.show(ViewName.PARTICIPANTS)
        if not self.seen.select_participant(key):
            arrangement = self.seen.arrangement
            self._context.toast(
                self._context.say("Not shown here: the filter leaves them out, or they left."),
                holds=lambda: self.seen.arrangement == arrangement,
            )

    def filter_by(self, query: str) -> None:
        """Filter by the query; a long search posts ``Found`` when it is done."""
        self.resume()
        self.seen.rearrange(self.seen.arrangement._replace(query=query))
        if not self.seen.is_searching:
            self._context.draw()
            self._context.screen.paint_soon()

    def show_filter(self) -> None:
        """Show the filter of the visible view in the bar."""
        hint = self.seen.FILTER_HINT
        text = "" if hint is None else self._context.wording.language.phrase(hint)
        self.filter_bar.show(self.seen.arrangement.query, text)

    def open_facets(self) -> None:
        """Open the dialog for filtering by state, role and kind."""
        context, order = self._context, self.seen.order
        if order is None:
            context.toast(
                context.say("Facets are for people; here are none."), holds=lambda: self.seen.order is None
            )
            return
        from presence_tui.tui.screens.facets_dialog import FacetsDialog

        self.resume()
        context.screen.app.push_screen(
            FacetsDialog(
                order.facets,
                self.seen.roles(),
                context.wording,
                context.glyphs,
                self._facet_by,
                self.seen.shown,
            )
        )

    def sort(self) -> None:
        if "sort" in self.seen.WITHOUT:
            self._context.toast(
                self._context.say("Packets are in the order in which they came."),
                holds=lambda: "sort" in self.seen.WITHOUT,
            )
            return
        self.resume()
        self.seen.sort_by_next()
        self._context.draw()

    def pause(self) -> None:
        """Freeze the display, or resume it."""
        if self.is_paused:
            self.resume()
        else:
            # Counts are drawn less often than rows; here they must agree.
            self._context.draw()
            self.seen.freeze()
            self._feed.hold()
            self._pausing.begin(self.seen.titles())
            self._context.screen.set_class(True, "-paused")
        self._context.draw()

    def resume(self) -> None:
        """End a pause, if any, because the user changes what is shown."""
        if self.is_paused:
            self._pausing.end()
            self._context.screen.set_class(False, "-paused")
            self.pause_bar.show(None, 0)
            self.seen.resume()
            self._feed.resume()

    def choose_conversation(self) -> None:
        """Focus the sidebar if visible, otherwise open a dialog."""
        context, state = self._context, self._context.service.state
        if self.sidebar.display and context.screen.size.width >= self.sidebar.size.width > 0:
            self.sidebar.focus()
        elif state.phase >= Phase.MONITOR and state.conversations:
            _pick_conversation(context, context.say("Conversations"), self.switch_to)

    async def switch_to(self, conversation: Conversation | None) -> None:
        """Watch another conversation and show its participants."""
        if conversation is None:
            return
        service = self._context.service
        if service.state.phase >= Phase.MONITOR and conversation.id != service.state.conversation_id:
            service.select(conversation)
        await self.show(ViewName.PARTICIPANTS)

    async def open_conversation(self, conversation_id: str) -> None:
        """Watch a conversation by id; an unknown id is ignored."""
        await self.switch_to(self._context.service.state.find_conversation(conversation_id))

    def toggle_selected_beside(self) -> None:
        """Add or remove the selected conversation.

        The side-by-side view lists all, because its selected one could only be removed.
        """
        context, selected_id = self._context, self.seen.selected_conversation_id
        state = context.service.state

        async def toggle(conversation: Conversation | None) -> None:
            if conversation is not None:
                self.toggle_beside(conversation.id)

        lists_all = selected_id is None or self.views.name_seen is ViewName.SIDE_BY_SIDE
        if lists_all and state.phase >= Phase.MONITOR and state.conversations:
            marked = {each.id for each in state.beside}
            _pick_conversation(context, context.say("Side by side"), toggle, marked, selected_id)
        else:
            self.toggle_beside(selected_id)

    def toggle_beside(self, conversation_id: str | None) -> None:
        """Add or remove a conversation shown beside the others."""
        context, state = self._context, self._context.service.state
        conversation = _watchable(context, conversation_id)
        if conversation is None:
            context.toast(
                context.say("No conversation is selected."),
                holds=lambda: _watchable(context, self.seen.selected_conversation_id) is None,
            )
            return
        others = [each for each in state.beside if each.id != conversation.id]
        if len(others) == MAX_COLUMNS:
            context.toast(
                context.say("No more than {n} conversations can be side by side.", n=MAX_COLUMNS),
                holds=lambda: len(context.service.state.beside) == MAX_COLUMNS,
            )
            return
        beside = others if len(others) < len(state.beside) else [*others, conversation]
        context.service.watch_beside(beside)
        fits = context.screen.size.width >= SIDE_BY_SIDE_FROM
        if self.views.name_seen not in WITHOUT_SIDEBAR or (
            self.views.name_seen is ViewName.SIDE_BY_SIDE and not fits
        ):
            # Otherwise the change is visible.
            context.toast(
                self._beside_text(conversation, beside),
                holds=lambda: list(context.service.state.beside) == beside,
            )
        context.draw()

    def _beside_text(self, changed: Conversation, beside: Sequence[Conversation]) -> str:
        say = self._context.say
        titles = ", ".join(each.title for each in beside)
        if changed in beside:
            return say("Side by side: {titles}", titles=titles)
        gone = say("{title} is no longer side by side.", title=changed.title)
        rest = say("Still there: {titles}.", titles=titles) if beside else say("Nothing else is.")
        return f"{gone} {rest}"

    async def step_back(self) -> None:
        """Undo the last step: filter, facets, sidebar or view."""
        if self.filter_bar.is_open or self.seen.arrangement.query:
            self.filter_bar.clear()
            self.seen.take_focus()
        elif self.seen.arrangement.facets:
            self._facet_by(Facets())
        elif self.sidebar.has_focus:
            self.seen.take_focus()
        else:
            await self.show(ViewName.PARTICIPANTS)

    def reset(self) -> None:
        """Reset after another conversation was selected."""
        before = self.seen.arrangement.query
        for view in self.views.made:
            view.reset()
        if self.seen.arrangement.query != before:
            # Otherwise the bar may be ahead of the view by what was typed last.
            self.show_filter()

    def follow(self, changed: ChangeSet, *, is_seen: bool) -> None:
        """Count changes during a pause, otherwise paint them."""
        self._pausing.note(changed)
        if is_seen and not self.is_paused:
            self.seen.follow()

    def draw(self) -> None:
        """Update rows and bars; during a pause, only its counter."""
        if self.is_paused:
            self.pause_bar.show(self._pausing.since_s, self._pausing.changes)
            return
        self._draw_filters()
        self.seen.draw()
        self.sidebar.draw(is_stale=self._context.service.state.is_stale)

    def _facet_by(self, facets: Facets) -> None:
        self.resume()
        self.seen.rearrange(self.seen.arrangement._replace(facets=facets))
        # Also behind the dialog, where a choice shows its effect on the panels.
        self._context.draw()
        self._context.screen.paint_soon()

    def _draw_filters(self) -> None:
        arrangement, shown = self.seen.arrangement, self.seen.shown()
        self.filter_bar.show_count(shown if arrangement.query and not arrangement.facets else "")
        self.facets_line.show(arrangement.facets, shown)

    def _tab(self, name: ViewName) -> Tab:
        command = next(each for each in self._context.commands if each.name == f"view_{name.name.lower()}")
        language = self._context.wording.language
        return Tab(name, command.key_shown if command.keys else "", heading(name, language))


def _watchable(context: WatchContext, conversation_id: str | None) -> Conversation | None:
    """A known conversation, once the monitor can watch it."""
    state = context.service.state
    return state.find_conversation(conversation_id) if state.phase >= Phase.MONITOR else None


def _pick_conversation(
    context: WatchContext,
    heading: str,
    use: Callable[[Conversation | None], Awaitable[None]],
    marked: Collection[str] | None = None,
    selected_id: str | None = None,
) -> None:
    """Open a dialog for choosing a conversation, or for adding it to the ``marked`` ones or removing it."""
    from presence_tui.tui.screens.conversation_picker import ConversationPicker

    state = context.service.state
    picker = ConversationPicker(
        heading,
        state.conversations,
        state.conversation_id or "",
        context.store,
        context.glyphs,
        context.say("esc closes") if marked is None else context.say("enter adds or removes · esc closes"),
        marked=marked,
        selected_id=selected_id,
    )
    context.screen.app.push_screen(picker, use)
