"""The watch screen: views, why line and activity feed, with the controllers' commands."""

import asyncio
from collections.abc import Callable
from inspect import isawaitable

from textual import events, on, work
from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget

from presence_tui.domain.translatable import Phrase
from presence_tui.monitor.link import LinkStatus
from presence_tui.service.events import (
    AlertRaised,
    ConversationChanged,
    ConversationsChanged,
    GapEnded,
    LinkChanged,
    MembershipEnded,
    MembershipRestored,
    Notice,
    PhaseChanged,
    PresenceChanged,
    RefreshProgressed,
    Resynced,
    SecondaryRosterRead,
    ServiceEvent,
)
from presence_tui.service.frames import READABLE_S, AtMostEvery
from presence_tui.service.service import PresenceService
from presence_tui.service.state import Phase
from presence_tui.store import ChangeSet
from presence_tui.text.wording import Wording
from presence_tui.tui.activity import Activity
from presence_tui.tui.commands import Command
from presence_tui.tui.controllers.activity import ActivityController
from presence_tui.tui.controllers.alerts import AlertController, FindNotification
from presence_tui.tui.controllers.audit import AuditController
from presence_tui.tui.controllers.context import Handlers, WatchContext
from presence_tui.tui.controllers.explanation import ExplanationController
from presence_tui.tui.controllers.export import ExportController
from presence_tui.tui.controllers.flaps import FlapController
from presence_tui.tui.controllers.gateways import GatewayController, ShowService
from presence_tui.tui.controllers.packets import PacketController
from presence_tui.tui.controllers.refresh import RefreshController
from presence_tui.tui.controllers.views import ViewController
from presence_tui.tui.gateways import Gateways
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.screens.backpressure_screen import BackpressureScreen, is_behind
from presence_tui.tui.screens.watch_body import WatchBody
from presence_tui.tui.status_texts import StatusTexts
from presence_tui.tui.terminal_reports import TerminalFocus
from presence_tui.tui.themed_app import read_styles
from presence_tui.tui.toasts import Toasts
from presence_tui.tui.views.screen_view import ScreenView
from presence_tui.tui.widgets.activity_feed import ActivityFeed
from presence_tui.tui.widgets.command_footer import CommandFooter
from presence_tui.tui.widgets.containers import Backdrop
from presence_tui.tui.widgets.details_panel import DetailsPanel, WhyLine
from presence_tui.tui.widgets.mode_line import FacetsLine, FilterBar, PauseBar
from presence_tui.tui.widgets.roster_panel import RosterPanel
from presence_tui.tui.widgets.title_bar import TitleBar
from presence_tui.tui.widgets.view_tabs import ViewTabs


class WatchScreen(BackpressureScreen[None], Backdrop):
    """Shows a service and holds no state of its own. Commands belong to the controllers, by topic."""

    AUTO_FOCUS = ""

    def __init__(
        self,
        service: PresenceService,
        wording: Wording,
        glyphs: Glyphs,
        known_commands: list[Command],
        focus: TerminalFocus,
        *,
        find_notification: FindNotification,
        gateways: Gateways | None = None,
        show_service: ShowService,
        least_period_s: float = READABLE_S,
    ) -> None:
        """``gateways`` are those to connect to, if any. ``least_period_s`` is the minimum interval between
        updates of figures.
        """
        super().__init__()
        self._service = service
        self._store = service.store
        self._wording = wording
        self._words = StatusTexts(service, wording, known_commands)
        self._activity = Activity(service.store, wording, glyphs, service.has_rule_about)
        self._title = TitleBar(wording, glyphs, service.state.gateway)
        self._why = WhyLine(wording)
        self._feed = ActivityFeed()
        self._footer = CommandFooter(wording.language)
        context = self._monitor = WatchContext(
            self,
            service,
            wording,
            glyphs,
            known_commands,
            self.action_run_command,
            self.draw,
            Toasts(self),
            lambda: self.selected_key,
        )
        self._views = ViewController(context, self._words, self._feed)
        self._refresh = RefreshController(context)
        self._alerts = AlertController(context, self, focus, find_notification)
        self._packets = PacketController(context, self._views)
        explanation = ExplanationController(context, lambda: self.selected_key, self._packets.show_packet)
        self._details = DetailsPanel(explanation.page_of, explanation.history_of, context.say("Details"))
        export = ExportController(context, self._views)
        self._gateways = GatewayController(context, gateways, show_service)
        self._audit = AuditController(context, self._views)
        self._activity_picks = ActivityController(context, self._views)
        controllers = (
            self._views,
            self._refresh,
            self._audit,
            self._alerts,
            explanation,
            export,
            self._gateways,
            self._packets,
            FlapController(context, self._views),
        )
        self._handlers: Handlers = {
            "back": self._step_back,
            **{name: handler for each in controllers for name, handler in each.handlers().items()},
        }
        self._shown_titles = ("", "")
        """Title and counts of the title bar, as of the last drawing of all."""
        self._subscriptions: list[Callable[[], None]] = []
        self._draw_soon = AtMostEvery(least_period_s, self.draw)

    @property
    def selected_key(self) -> str | None:
        """Presence key of the participant under the cursor."""
        return self._view.selected_key

    @property
    def _view(self) -> ScreenView:
        """The visible view."""
        return self._views.seen

    @property
    def focus_chain(self) -> list[Widget]:
        """Tab goes from panel to panel; a click goes to the activity."""
        return [widget for widget in super().focus_chain if widget is not self._feed]

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._views.mode_line
        yield WatchBody(self._views, self._packets, self._details)
        yield self._why
        yield self._feed
        yield self._footer

    def on_mount(self) -> None:
        self._views.sidebar.border_title = self._monitor.say("Conversations")
        self._subscriptions.append(self._service.events.subscribe(self._on_service_event))
        # Ages grow, whether anything happens or not; the panels paint only what reads differently.
        self.set_interval(1.0, self._draw_each_second)
        self._view.take_focus()
        self.draw()

    def on_unmount(self) -> None:
        for unsubscribe in self._subscriptions:
            unsubscribe()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        self.draw()
        self._feed.show_now()

    async def action_run_command(self, name: str) -> None:
        """Run a command by its name in ``commands``."""
        result = self._handlers[name]()
        if isawaitable(result):
            await result

    def offers(self, command: str) -> bool:
        """False for a command that has nothing to act on."""
        return command not in self._view.WITHOUT | self._gateways.unavailable

    def shows(self, key: str) -> bool:
        """True if a change of this participant is visible now."""
        record = self._store.get_user_by_id(key)
        is_drawn = self._is_seen and not self._views.is_paused
        return record is not None and is_drawn and self._view.shows(record)

    def add_activity(self, text: str) -> None:
        """Add an activity line that is neither about the link nor about presence."""
        self._feed.add([self._activity.notice(text)])

    def report_problem(self, sentence: Phrase) -> None:
        """Report an error of the history, an alert or the view state, none of which stops the monitor."""
        self._feed.add([self._activity.say(sentence)])
        self._monitor.toast(self._wording.language.phrase(sentence), severity="warning")

    def draw(self) -> None:
        """Bring everything up to date, unless a dialog is in front of it."""
        if self._is_seen:
            self._draw_all()

    def _draw_each_second(self) -> None:
        """Behind a dialog too: what is seen around it would go on saying what is no longer so."""
        if self.is_current and not is_behind(self.app):
            self._draw_all()
            self._feed.show_late()

    def _draw_all(self) -> None:
        """Draw all counts in one go: in the meantime nothing moves, so that they agree in each frame."""
        self._footer.leave_out(self._view.WITHOUT)
        title, people = self._views.titles
        self._shown_titles = title, " · ".join(filter(None, (self._words.rule(), people)))
        self._draw_title()
        self._views.draw()
        self._monitor.toasts.drop_untrue()
        if not self._views.is_paused:
            self._draw_why()
        for screen in self.app.screen_stack:
            if isinstance(screen, BackpressureScreen) and screen.is_mounted:
                screen.draw_figures()

    def _on_service_event(self, event: ServiceEvent) -> None:
        if not self.app.is_running:
            # While the app closes, widgets lose their styles before this screen is unmounted.
            return
        match event:
            case PresenceChanged(changed):
                self._on_changes(changed)
            case LinkChanged(status):
                self._on_link(status)
            case PhaseChanged(phase):
                self._on_phase(phase)
            case ConversationChanged():
                self._views.resume()
                self._show_conversation()
            case ConversationsChanged():
                state = self._service.state
                self._views.sidebar.show(state.conversations, state.conversation_id or "")
                self.draw()
            case Resynced(report):
                self._feed.add(self._activity.of_resync(report))
                self.draw()
                # The roster is shown, so there is time to load what a key may open.
                self._load_dialogs()
            case RefreshProgressed():
                self._draw_title()
            case SecondaryRosterRead():
                self.draw()
            case MembershipEnded() | MembershipRestored():
                self._on_membership(event)
            case GapEnded(summary):
                self._feed.add(self._activity.of_gap(summary))
            case Notice(phrase, is_trouble):
                if is_trouble:
                    self.report_problem(phrase)
                else:
                    self._feed.add([self._activity.say(phrase)])
            case AlertRaised():
                self._alerts.show(event)

    def _on_changes(self, changed: ChangeSet) -> None:
        self._feed.add(self._activity.of_changes(changed, self._service.state.conversation_id))
        self._views.follow(changed, is_seen=self._is_seen)
        if self._is_seen:
            self._draw_soon()
            self.paint_soon()

    def _on_link(self, status: LinkStatus) -> None:
        self._feed.add(self._activity.of_link(status))
        self._show_staleness()

    def _on_membership(self, event: MembershipEnded | MembershipRestored) -> None:
        state = self._service.state
        match event:
            case MembershipEnded(end):
                conversation, text = (
                    state.find_conversation(end.conversation_id),
                    self._wording.membership(end),
                )
            case MembershipRestored(conversation_id):
                conversation = state.find_conversation(conversation_id)
                text = self._monitor.say("a member again")
        if conversation is not None:
            line = self._wording.language.labelled(conversation.title, text)
            self.add_activity(line)
            if isinstance(event, MembershipEnded) and event.end == state.membership_end:
                ended = event.end
                self._monitor.toast(
                    line, severity="warning", holds=lambda: self._service.state.membership_end == ended
                )
        self._show_staleness()

    def _show_staleness(self) -> None:
        self.set_class(self._service.state.is_stale, "-stale")
        self._view.repaint()
        self.draw()

    def _on_phase(self, phase: Phase) -> None:
        state = self._service.state
        if phase is Phase.CACHE and state.conversation is not None:
            self._show_conversation()
        elif phase is Phase.ALERTS:
            self._alerts.check_channels()
        elif phase is Phase.MONITOR:
            self._show_staleness()

    def _show_conversation(self) -> None:
        state = self._service.state
        self.set_class(state.is_stale, "-stale")
        self._views.reset()
        self._views.sidebar.show(state.conversations, state.conversation_id or "")
        self.draw()

    @work(group="dialogs", exclusive=True)
    async def _load_dialogs(self) -> None:
        await asyncio.to_thread(_import_dialogs)
        read_styles(self.app.stylesheet, "dialogs")

    @property
    def _is_seen(self) -> bool:
        # Behind a dialog every repaint goes through it as well; once a second is enough there. And while the
        # app closes there is no screen left, but perhaps something still to be drawn soon.
        above = next(reversed(self.app.screen_stack), None)
        seen = above is self or (isinstance(above, BackpressureScreen) and above.SHOWS_WHAT_IS_BEHIND)
        return self.is_mounted and seen

    def _draw_title(self) -> None:
        state, (title, people) = self._service.state, self._shown_titles
        under_way, word = self._words.under_way(state), self._words.membership_word()
        self._title.show(title, people, state.link, state.latency_ms, under_way, word)

    def _draw_why(self) -> None:
        record = self._store.get_user_by_id(self.selected_key or "")
        self._details.show(record)
        if record is not None and self._views.is_paused:
            # The row is frozen; this line is not.
            self._why.show(record, self._monitor.say("Now: {why}", why=self._wording.why(record)))
        else:
            is_hinted = record is None or self._words.has_nothing_but_trouble()
            self._why.show(record, self._view.remark() if is_hinted else "")

    async def _step_back(self) -> None:
        """Cancel a refresh or an audit, otherwise undo the last step of the views."""
        if not (self._refresh.cancel() or self._audit.cancel()):
            await self._views.step_back()
        self.draw()

    @on(RosterPanel.Opened)
    @on(TitleBar.LinkClicked)
    @on(FacetsLine.Clicked)
    @on(PauseBar.Clicked)
    async def _run_command_of_click(self, event: Message) -> None:
        await self.action_run_command(_COMMAND_OF_CLICK[type(event)])

    @on(ActivityFeed.Picked)
    async def _select_from_activity(self, event: ActivityFeed.Picked) -> None:
        await self._activity_picks.pick(event)

    @on(RosterPanel.Picked)
    def _on_row_picked(self) -> None:
        self._draw_why()
        self._monitor.toasts.drop_untrue()

    @on(FilterBar.Changed)
    def _on_filter_changed(self, event: FilterBar.Changed) -> None:
        self._views.filter_by(event.query)

    @on(FilterBar.Submitted)
    def _on_filter_kept(self) -> None:
        self._views.seen.take_focus()

    @on(ViewTabs.Chosen)
    async def _on_tab_chosen(self, event: ViewTabs.Chosen) -> None:
        await self._views.show(event.name)

    @on(ScreenView.Found)
    @on(WatchBody.CursorMoved)
    def _draw_at_once(self) -> None:
        # The line about the conversation under the cursor has counts as well.
        self.draw()
        self.paint_soon()


_COMMAND_OF_CLICK: dict[type[Message], str] = {
    RosterPanel.Opened: "explain",
    TitleBar.LinkClicked: "link",
    FacetsLine.Clicked: "facets",
    PauseBar.Clicked: "pause",
}


def _import_dialogs() -> None:
    import presence_tui.tui.screens.dialogs  # noqa: F401
