"""The watch screen: views, why line and activity feed, with the controllers' commands."""

from collections.abc import Callable
from inspect import isawaitable
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget

from presence_tui.service.frames import READABLE_S, AtMostEvery
from presence_tui.service.service import PresenceService
from presence_tui.text.wording import Wording
from presence_tui.tui.commands import Command
from presence_tui.tui.controllers.alerts import AlertController, FindNotification
from presence_tui.tui.controllers.context import Handlers, WatchContext
from presence_tui.tui.controllers.explanation import ExplanationController
from presence_tui.tui.controllers.export import ExportController
from presence_tui.tui.controllers.findings import FindingsController
from presence_tui.tui.controllers.gateways import GatewayController, ShowService
from presence_tui.tui.controllers.packets import PacketController
from presence_tui.tui.controllers.refresh import RefreshController
from presence_tui.tui.controllers.service_events import ServiceEventController
from presence_tui.tui.controllers.views import ViewController
from presence_tui.tui.gateways import Gateways
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.screens.backpressure_screen import BackpressureScreen, is_behind
from presence_tui.tui.status_texts import StatusTexts
from presence_tui.tui.terminal_reports import TerminalFocus
from presence_tui.tui.toasts import Toasts
from presence_tui.tui.views.screen_view import ScreenView
from presence_tui.tui.widgets.activity_feed import ActivityFeed
from presence_tui.tui.widgets.command_footer import CommandFooter
from presence_tui.tui.widgets.containers import Backdrop, Columns, Rows
from presence_tui.tui.widgets.conversation_list import ConversationList
from presence_tui.tui.widgets.details_panel import DetailsPanel, WhyLine
from presence_tui.tui.widgets.mode_line import FacetsLine, FilterBar, PauseBar
from presence_tui.tui.widgets.roster_panel import RosterPanel
from presence_tui.tui.widgets.title_bar import TitleBar
from presence_tui.tui.widgets.view_tabs import ViewTabs

if TYPE_CHECKING:
    # typing only; keeps start-up fast
    from presence_tui.tui.widgets.conversation_table import ConversationTable
    from presence_tui.tui.widgets.packet_table import PacketTable


class WatchBody(Columns):
    """Sidebar, visible view and details. Forwards messages of its widgets to the controllers."""

    class CursorMoved(Message):
        """The cursor of the conversation table moved to another row."""

    def __init__(self, views: ViewController, packets: PacketController, details: DetailsPanel) -> None:
        super().__init__(id="body")
        self._views = views
        self._packets = packets
        self._details = details

    def compose(self) -> ComposeResult:
        yield self._views.sidebar
        with Rows(id="main"):
            yield self._views.views
        yield self._details

    @on(ConversationList.Chosen)
    async def _on_conversation_chosen(self, event: ConversationList.Chosen) -> None:
        await self._views.switch_to(event.conversation)

    # By name, because the decorator would import a table that the first view does not need.
    def on_conversation_table_picked(self) -> None:
        self.post_message(self.CursorMoved())

    async def on_conversation_table_opened(self, event: "ConversationTable.Opened") -> None:
        await self._views.open_conversation(event.conversation_id)

    def on_conversation_table_mark_clicked(self, event: "ConversationTable.MarkClicked") -> None:
        self._views.toggle_beside(event.conversation_id)

    def on_packet_table_picked(self) -> None:
        self.post_message(self.CursorMoved())

    def on_packet_table_opened(self, event: "PacketTable.Opened") -> None:
        self._packets.open(event.seq)


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
        self._title = TitleBar(wording, glyphs, service.state.gateway)
        self._why = WhyLine(wording)
        self._feed = ActivityFeed()
        self._footer = CommandFooter(wording.language)
        context = self._shared = WatchContext(
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
        alerts = AlertController(context, self._views, focus, find_notification)
        self._packets = PacketController(context, self._views)
        explanation = ExplanationController(context, self._packets.show_packet)
        self._details = DetailsPanel(explanation.page_of, explanation.history_of, context.say("Details"))
        export = ExportController(context, self._views)
        self._gateways = GatewayController(context, gateways, show_service)
        self._findings = FindingsController(context, self._views)
        controllers = (
            self._views,
            self._refresh,
            self._findings,
            alerts,
            explanation,
            export,
            self._gateways,
            self._packets,
        )
        self._handlers: Handlers = {
            "back": self._step_back,
            **{name: handler for each in controllers for name, handler in each.handlers().items()},
        }
        self._shown_titles = ("", "")
        """Title and counts of the title bar, as of the last drawing of all."""
        draw_soon = AtMostEvery(least_period_s, self.draw)
        self._events = ServiceEventController(
            context, self._views, alerts, self._feed, self._draw_title, draw_soon
        )
        self._subscriptions: list[Callable[[], None]] = []

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
        self._views.sidebar.border_title = self._shared.say("Conversations")
        self._subscriptions.append(self._service.events.subscribe(self._events.show))
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

    def draw(self) -> None:
        """Bring everything up to date, unless a dialog is in front of it."""
        if self.is_seen:
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
        self._shared.toasts.drop_untrue()
        if not self._views.is_paused:
            self._draw_why()
        for screen in self.app.screen_stack:
            if isinstance(screen, BackpressureScreen) and screen.is_mounted:
                screen.draw_figures()

    def _draw_title(self) -> None:
        state, (title, people) = self._service.state, self._shown_titles
        under_way, word = self._words.under_way(state), self._words.membership_word()
        self._title.show(title, people, state.link, state.latency_ms, under_way, word)

    def _draw_why(self) -> None:
        record = self._store.get_user_by_id(self.selected_key or "")
        self._details.show(record)
        if record is not None and self._views.is_paused:
            # The row is frozen; this line is not.
            self._why.show(record, self._shared.say("Now: {why}", why=self._wording.why(record)))
        else:
            is_hinted = record is None or self._words.has_nothing_but_trouble()
            self._why.show(record, self._view.remark() if is_hinted else "")

    async def _step_back(self) -> None:
        """Cancel a refresh or an audit, otherwise undo the last step of the views."""
        if not (self._refresh.cancel() or self._findings.cancel()):
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
        await self._findings.pick(event)

    @on(RosterPanel.Picked)
    def _on_row_picked(self) -> None:
        self._draw_why()
        self._shared.toasts.drop_untrue()

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
