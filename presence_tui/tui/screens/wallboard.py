"""The wallboard: how many participants are online, which, and who has just left. Readable from a distance."""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from presence_tui.service.events import (
    ConversationChanged,
    GapEnded,
    LinkChanged,
    MembershipEnded,
    MembershipRestored,
    Notice,
    PhaseChanged,
    PresenceChanged,
    Resynced,
    ServiceEvent,
)
from presence_tui.service.frames import READABLE_S, AtMostEvery
from presence_tui.service.service import PresenceService
from presence_tui.text.wording import Wording
from presence_tui.tui.activity import Activity
from presence_tui.tui.glyphs import Glyphs
from presence_tui.tui.screens.backpressure_screen import BackpressureScreen
from presence_tui.tui.status_texts import StatusTexts
from presence_tui.tui.widgets.activity_feed import ActivityFeed
from presence_tui.tui.widgets.title_bar import TitleBar
from presence_tui.tui.widgets.wall import Wall


class Wallboard(BackpressureScreen[None], inherit_bindings=False):
    """Shows a service. Keys only scroll."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_rows(-1)", show=False),
        Binding("down,j", "scroll_rows(1)", show=False),
        Binding("pageup", "scroll_rows(-10)", show=False),
        Binding("pagedown", "scroll_rows(10)", show=False),
        Binding("home", "scroll_rows(-1_000_000)", show=False),
        Binding("end", "scroll_rows(1_000_000)", show=False),
    ]

    def __init__(
        self,
        service: PresenceService,
        wording: Wording,
        glyphs: Glyphs,
        least_period_s: float = READABLE_S,
    ) -> None:
        """``least_period_s`` is the minimum interval between updates of figures."""
        super().__init__()
        self._service = service
        self._wording = wording
        self._words = _WallboardTexts(service, wording, [])
        self._activity = Activity(service, wording, glyphs)
        self._title = TitleBar(wording, glyphs, service.state.gateway)
        self._roster_index = service.store.roster_index()
        self._wall = Wall(self._roster_index, wording, glyphs)
        self._feed = ActivityFeed()
        # Nobody picks anybody here, and a cursor would look like news.
        self._feed.can_focus = False
        self._draw_soon = AtMostEvery(least_period_s, self._draw)
        self._subscriptions: list[Callable[[], None]] = []

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._wall
        yield self._feed

    def on_mount(self) -> None:
        self._subscriptions.append(self._service.events.subscribe(self._on_service_event))
        self.set_interval(1.0, self._draw)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        self._draw()

    def on_unmount(self) -> None:
        for unsubscribe in self._subscriptions:
            unsubscribe()

    def show_text(self, sentence: str) -> None:
        """Show a sentence permanently, if there is nothing to watch."""
        self._words.instead = sentence
        self._draw()

    def action_scroll_rows(self, rows: int) -> None:
        self._wall.scroll_people(rows)
        self._draw()

    def _on_service_event(self, event: ServiceEvent) -> None:
        if not self.app.is_running:
            # While the app closes, widgets lose their styles before this screen is unmounted.
            return
        match event:
            case PresenceChanged(changed):
                conversation_id = self._service.state.conversation_id
                self._feed.add(self._activity.of_changes(changed, conversation_id))
                rosters, records = self._service.store.rosters, self._service.store.participants
                self._wall.departures.record(
                    change
                    for change in changed.changes
                    if change.key in records and rosters.is_member(conversation_id, records[change.key])
                )
                self._draw_soon()
            case LinkChanged(status):
                self._feed.add(self._activity.of_link(status))
                self._show_staleness()
            case PhaseChanged():
                self._show_staleness()
            case ConversationChanged(conversation):
                self._roster_index.show(conversation_id=conversation.id)
                self._wall.reset()
                self._draw()
            case MembershipEnded() | MembershipRestored():
                if (end := self._service.state.membership_end) is not None:
                    self._feed.add([self._activity.notice(self._wording.membership(end))])
                self._show_staleness()
            case Resynced(report):
                self._feed.add(self._activity.of_resync(report))
                self._draw()
            case GapEnded(summary):
                self._feed.add(self._activity.of_gap(summary))
            case Notice(phrase):
                self._feed.add([self._activity.say(phrase)])

    def _show_staleness(self) -> None:
        self.set_class(self._service.state.is_stale, "-stale")
        self._draw()

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        state = self._service.state
        title = state.conversation.title if state.conversation is not None else "presence-tui"
        people = self._words.people() if state.conversation is not None else ""
        under_way, word = self._words.under_way(state), self._words.membership_word()
        self._title.show(title, people, state.link, state.latency_ms, under_way, word)
        self._wall.people_words = people
        self._wall.placeholder = self._words.nobody()
        self._wall.draw()


class _WallboardTexts(StatusTexts):
    """Texts without hints to keys."""

    instead = ""

    def nobody(self) -> str:
        return self.instead or super().nobody()

    def _ask_again(self) -> str:
        return ""
