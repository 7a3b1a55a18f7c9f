"""What happens in the service, shown on the watch screen: in its activity feed, its views and its title."""

import asyncio
from collections.abc import Callable

from textual.worker import Worker

from presence_tui.domain.translatable import Phrase
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
from presence_tui.service.state import Phase
from presence_tui.store import ChangeSet
from presence_tui.tui.activity import Activity
from presence_tui.tui.controllers.alerts import AlertController
from presence_tui.tui.controllers.context import WatchContext
from presence_tui.tui.controllers.views import ViewController
from presence_tui.tui.themed_app import read_styles
from presence_tui.tui.widgets.activity_feed import ActivityFeed


class ServiceEventController:
    """Shows events of the service; it is the only one that adds lines to the feed."""

    def __init__(
        self,
        context: WatchContext,
        views: ViewController,
        alerts: AlertController,
        feed: ActivityFeed,
        draw_title: Callable[[], None],
        draw_soon: Callable[[], None],
    ) -> None:
        """``draw_title`` draws progress, which follows each step of it; ``draw_soon`` draws the counts, which
        change with most frames, as often as somebody can read them.
        """
        self._context = context
        self._views = views
        self._alerts = alerts
        self._feed = feed
        self._draw_title = draw_title
        self._draw_soon = draw_soon
        service = self._service = context.service
        self._activity = Activity(service, context.wording, context.glyphs)

    def show(self, event: ServiceEvent) -> None:
        context = self._context
        if not context.screen.app.is_running:
            # While the app closes, widgets lose their styles before the screen is unmounted.
            return
        match event:
            case PresenceChanged(changed):
                self._show_changes(changed)
            case LinkChanged(status):
                self._feed.add(self._activity.of_link(status))
                self._show_staleness()
            case PhaseChanged(phase):
                self._show_phase(phase)
            case ConversationChanged():
                self._views.resume()
                self._show_conversation()
            case ConversationsChanged():
                self._show_conversations()
                context.draw()
            case Resynced(report):
                self._feed.add(self._activity.of_resync(report))
                context.draw()
                # The roster is shown, so there is time to load what a key may open.
                self._load_dialogs()
            case RefreshProgressed():
                self._draw_title()
            case SecondaryRosterRead():
                context.draw()
            case MembershipEnded() | MembershipRestored():
                self._show_membership(event)
            case GapEnded(summary):
                self._feed.add(self._activity.of_gap(summary))
            case Notice(phrase, is_trouble):
                if is_trouble:
                    self._report_problem(phrase)
                else:
                    self._feed.add([self._activity.say(phrase)])
            case AlertRaised():
                if unlisted := self._alerts.show(event):
                    self._feed.add([self._activity.notice(unlisted)])

    def _show_changes(self, changed: ChangeSet) -> None:
        """Called each frame."""
        self._feed.add(self._activity.of_changes(changed, self._service.state.conversation_id))
        screen = self._context.screen
        is_seen = screen.is_seen
        self._views.follow(changed, is_seen=is_seen)
        if is_seen:
            self._draw_soon()
            screen.paint_soon()

    def _show_phase(self, phase: Phase) -> None:
        if phase is Phase.CACHE and self._service.state.conversation is not None:
            self._show_conversation()
        elif phase is Phase.ALERTS:
            if (problem := self._alerts.check_channels()) is not None:
                self._report_problem(problem)
        elif phase is Phase.MONITOR:
            self._show_staleness()

    def _show_membership(self, event: MembershipEnded | MembershipRestored) -> None:
        context, state = self._context, self._service.state
        match event:
            case MembershipEnded(end):
                conversation_id, text = end.conversation_id, context.wording.membership(end)
            case MembershipRestored(conversation_id):
                text = context.say("a member again")
        if (conversation := state.find_conversation(conversation_id)) is not None:
            line = context.wording.language.labelled(conversation.title, text)
            self._feed.add([self._activity.notice(line)])
            if isinstance(event, MembershipEnded) and event.end == state.membership_end:
                ended = event.end
                context.toast(
                    line, severity="warning", holds=lambda: self._service.state.membership_end == ended
                )
        self._show_staleness()

    def _show_staleness(self) -> None:
        self._context.screen.set_class(self._service.state.is_stale, "-stale")
        self._views.seen.repaint()
        self._context.draw()

    def _show_conversation(self) -> None:
        self._context.screen.set_class(self._service.state.is_stale, "-stale")
        self._views.reset()
        self._show_conversations()
        self._context.draw()

    def _show_conversations(self) -> None:
        state = self._service.state
        self._views.sidebar.show(state.conversations, state.conversation_id or "")

    def _report_problem(self, sentence: Phrase) -> None:
        """Report an error of the history, an alert or the view state, none of which stops the monitor."""
        self._feed.add([self._activity.say(sentence)])
        self._context.toast(self._context.wording.language.phrase(sentence), severity="warning")

    def _load_dialogs(self) -> Worker[None]:
        screen = self._context.screen

        async def load() -> None:
            await asyncio.to_thread(_import_dialogs)
            read_styles(screen.app.stylesheet, "dialogs")

        return screen.run_worker(load, group="dialogs", exclusive=True)


def _import_dialogs() -> None:
    """Import what a key may open. Each is imported where it is opened, too: nothing waits for this."""
    from presence_tui.tui.screens import (  # noqa: F401
        connect_dialog,
        conversation_picker,
        dialog_texts,
        export_actions,
        export_dialog,
        facets_dialog,
        help_dialog,
        participant_history,
        participant_lists,
        participant_page,
        rules_dialog,
        sign_out_dialog,
    )
